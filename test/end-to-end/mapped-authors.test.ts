import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { type GitLabPair, startPair } from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

/** Ann and dee are to be somebody else, ben is to be left out, cid is not spoken of. Somebody has the address of each. */
const PEOPLE = ['ann', 'ben', 'cid', 'dee'] as const;
const { admin: token } = TOKENS;

let service: ServiceInMemory;
let pair: GitLabPair;
beforeAll(async () => {
  service = await startServiceInMemory();
});
beforeEach(async () => {
  pair = await startPair(service);
  const { source, destination } = pair;
  for (const username of PEOPLE) {
    const email = `${username}@example.com`;
    source.addUser({ username, publicEmail: email });
    destination.addUser({ username: `${username}-by-address`, email, publicEmail: email });
    destination.addUser({ username: `${username}-there` });
  }
  source.addGroup({
    name: 'Acme',
    path: 'acme',
    members: [{ username: 'sofia', accessLevel: 50 }],
    projects: [
      {
        name: 'App',
        path: 'app',
        branches: ['main'],
        members: PEOPLE.map(username => ({ username, accessLevel: 30 })),
        issues: PEOPLE.map(username => ({ title: username, author: username, notes: ['Indeed'] })),
      },
    ],
  });
});

/** Sends who people are; `null` leaves somebody out. @returns the mapping's id */
async function sendMapping(people: Record<string, string | null>): Promise<number> {
  const users = Object.entries(people).map(([person, username]) => ({
    source_user_id: pair.source.userId(person),
    ...(username === null ? { skip: true } : { username }),
  }));
  const json = { source_hostname: pair.source.url, users };
  const { status, body } = await pair.api.call('POST', '/bulk_imports/user_mappings', { token, json });
  expect(status).toBe(201);
  return (body as { id: number }).id;
}

/** Has the administrator import the group. @returns the import's id, when it has ended */
async function migrate(options: object, entity: object = {}): Promise<number> {
  const json = { ...pair.api.request([entity]), ...options };
  const { status, body } = await pair.api.call('POST', '/bulk_imports', { token, json });
  expect(status).toBe(201);
  const { id } = body as { id: number };
  await pair.api.untilEnded(id, token);
  return id;
}

/** Who is a member of the project at the destination, and who has written the issue and its note of each person. */
function there() {
  const { destination } = pair;
  const name = (id: number | undefined) => destination.username(id ?? 0);
  const { members = [], issues = [] } = destination.project('imported/acme/app') ?? {};
  return {
    members: Object.fromEntries(members.map(({ userId, accessLevel }) => [name(userId), accessLevel])),
    authors: Object.fromEntries(
      issues.map(({ title, authorId, notes: [note] }) => {
        expect(note?.authorId).toBe(authorId);
        return [title, name(authorId)];
      }),
    ),
  };
}

describe('an import by an administrator', () => {
  it('with a mapping has authors and members of projects as that says, and nobody else', async () => {
    const mapping = await sendMapping({ ann: 'ann-there', ben: null, dee: 'nowhere' });

    const id = await migrate({ user_mapping_id: mapping });

    expect(there()).toEqual({
      members: { 'ann-there': 30, 'cid-by-address': 30 },
      authors: { ann: 'ann-there', ben: 'admin', cid: 'cid-by-address', dee: 'admin' },
    });
    const failures = (await pair.api.getEntities(id, token)).flatMap(entity => entity.failures);
    const said = failures.map(({ exception_class: name, exception_message: message }) => [name, message]);
    expect(said).toEqual([
      ['BulkImports::AuthorsNotice', expect.stringContaining('whom the user mapping names')],
      ['BulkImports::UserMappingError', expect.stringContaining("'nowhere'")],
    ]);
  });

  it.each([
    ['migrate_memberships', { migrate_memberships: false }],
    ['excluded_relations', { excluded_relations: 'members' }],
  ])('without memberships (%s) has no members in projects, mapped or not', async (_, entity) => {
    await migrate({ user_mapping_id: await sendMapping({ ann: 'ann-there' }) }, entity);

    expect(there()).toMatchObject({ members: {}, authors: { ann: 'admin', cid: 'admin' } });
  });

  it('without a mapping is as GitLab imports an archive', async () => {
    await migrate({});

    const names = Object.fromEntries(PEOPLE.map(person => [person, `${person}-by-address`]));
    expect(there().authors).toEqual(names);
  });
});

describe('a retry with another mapping', () => {
  it('imports a project that had failed as that one says', async () => {
    const { archives } = pair.destination;
    archives.behaviour.importError = 'Validation failed: Name is too long';
    const id = await migrate({ user_mapping_id: await sendMapping({ ann: 'ann-there', dee: null }) });
    archives.behaviour.importError = undefined;
    const user_mapping_id = await sendMapping({ ann: 'dee-there', ben: null });

    expect((await pair.api.retry(id, { user_mapping_id }, { token })).status).toBe(201);
    await pair.api.untilEnded(id, token);

    expect(there().authors).toEqual({
      ann: 'dee-there',
      ben: 'admin',
      cid: 'cid-by-address',
      dee: 'dee-by-address',
    });
  });

  it('changes no author in a project that is there', async () => {
    const id = await migrate({ user_mapping_id: await sendMapping({ ann: 'ann-there', dee: 'nowhere' }) });
    const before = there();
    const body = { scope: 'all', user_mapping_id: await sendMapping({ ann: 'ben-there', dee: 'dee-there' }) };

    expect((await pair.api.retry(id, body, { token })).status).toBe(201);
    await pair.api.untilEnded(id, token);

    expect(there()).toEqual({
      authors: before.authors,
      members: { ...before.members, 'ben-there': 30, 'dee-there': 30 },
    });
  });
});
