import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AccessLevel } from '../../lib/gitlab-simulator/model.ts';
import { TOKENS, until } from '../support/service/bulk-imports-client.ts';
import { type GitLabPair, isGraphql, migrate, startPair } from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

const HEADER =
  'Source host,Import type,Source user identifier,Source user name,Source username,GitLab username,GitLab public email,Keep as placeholder';

interface Row {
  id: number;
  username?: string;
  email?: string;
  keep?: boolean;
}

/** Sends rows as a file; returns the mapping's id. */
async function sendMapping({ api, source }: GitLabPair, rows: Row[]): Promise<number> {
  const lines = rows.map(({ id, username = '', email = '', keep = false }) =>
    [source.url, 'gitlab_migration', id, '', '', username, email, keep ? 'yes' : ''].join(','),
  );
  const body = new FormData();
  body.append('file', new Blob([[HEADER, ...lines].join('\n')], { type: 'text/csv' }), 'users.csv');
  const { status, body: answer } = await api.call('POST', '/bulk_imports/user_mappings', { body });
  expect([status, answer]).toEqual([201, expect.objectContaining({ rows: rows.length })]);
  return (answer as { id: number }).id;
}

/** Starts an import that names a mapping, and waits for its end. */
async function migrateWith({ api }: GitLabPair, userMappingId: number) {
  const json = { ...api.request([{}]), user_mapping_id: userMappingId };
  const { status, body } = await api.call('POST', '/bulk_imports', { json });
  expect([status, body]).toMatchObject([201, {}]);
  const { id } = body as { id: number };
  await api.untilEnded(id);
  return api.getEntities(id);
}

/** Who has which level in a group of the destination, beside its importer. */
function levelsIn({ destination }: GitLabPair, fullPath: string): Record<string, number> {
  const members = destination.group(fullPath)?.members ?? [];
  const named = members.map(({ userId, accessLevel }) => [destination.username(userId), accessLevel]);
  return Object.fromEntries(named.filter(([username]) => username !== 'dora'));
}

/** What a row of the mapping says of a member. */
const SAYINGS = [
  'nothing',
  'open',
  'nobody',
  'a user name',
  'a user name in capitals',
  'a user name of nobody',
  'an address',
  'an address of nobody',
  'name and address of one user',
  'name and address of two',
  'a blocked user',
  'a bot',
] as const;
type Saying = (typeof SAYINGS)[number];

interface Drawn {
  saying: Saying;
  showsAddress: boolean;
  isThereByAddress: boolean;
  level: AccessLevel;
}

function rowOf(id: number, index: number, saying: Saying): Row[] {
  const [username, email] = [`there-${index}`, `there-${index}@new.example`];
  const rows: Record<Saying, Omit<Row, 'id'> | undefined> = {
    nothing: undefined,
    open: {},
    nobody: { keep: true },
    'a user name': { username },
    'a user name in capitals': { username: username.toUpperCase() },
    'a user name of nobody': { username: `nowhere-${index}` },
    'an address': { email },
    'an address of nobody': { email: `nowhere-${index}@new.example` },
    'name and address of one user': { username, email },
    'name and address of two': { username, email: `other-${index}@new.example` },
    'a blocked user': { username: `blocked-${index}` },
    'a bot': { username: `bot-${index}` },
  };
  const row = rows[saying];
  return row === undefined ? [] : [{ id, ...row }];
}

/** What must become of a member: the user who is one at the destination, why it is left out, or a failure. */
function fateOf({ saying, showsAddress, isThereByAddress }: Drawn, index: number) {
  if (saying === 'nobody') return { skip: 'mapped_to_nobody' };
  if (saying === 'nothing' || saying === 'open') {
    if (!showsAddress) return { skip: 'no_public_email' };
    return isThereByAddress ? { username: `same-${index}` } : { skip: 'no_user' };
  }
  const isThere = /^(a user name( in capitals)?|an address|name and address of one user)$/.test(saying);
  return isThere ? { username: `there-${index}` } : { failure: true };
}

describe('members go where the mapping says, else by the address that they show, and nobody else gets anything', () => {
  const person: fc.Arbitrary<Drawn> = fc.record({
    saying: fc.constantFrom(...SAYINGS),
    showsAddress: fc.boolean(),
    isThereByAddress: fc.boolean(),
    level: fc.constantFrom<AccessLevel>(10, 20, 30, 40, 50),
  });
  const everySaying = SAYINGS.map(
    (saying): Drawn => ({ saying, showsAddress: true, isThereByAddress: true, level: 30 }),
  );

  it('in every group and project, with the levels of the source, and with one look-up for all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(person, { minLength: 1, maxLength: 8 }),
        fc.constant(false),
        async (drawn, hasProject) => {
          const pair = await startPair(service);
          const { source, destination } = pair;
          const rows: Row[] = [];
          const members = drawn.map(({ saying, showsAddress, isThereByAddress, level }, index) => {
            const publicEmail = `shown-${index}@old.example`;
            const { id } = source.addUser({ username: `p-${index}`, ...(showsAddress && { publicEmail }) });
            rows.push(...rowOf(id, index, saying));
            if (isThereByAddress) destination.addUser({ username: `same-${index}`, publicEmail });
            for (const name of ['there', 'other']) {
              destination.addUser({
                username: `${name}-${index}`,
                publicEmail: `${name}-${index}@new.example`,
              });
            }
            destination.addUser({ username: `blocked-${index}`, state: 'blocked' });
            destination.addUser({ username: `bot-${index}`, bot: true });
            return { username: `p-${index}`, accessLevel: level };
          });
          const sofia = { username: 'sofia', accessLevel: 50 } as const;
          source.addGroup({ name: 'Acme', path: 'acme', members: [sofia] });
          for (const path of ['one', 'two']) source.addGroup({ name: path, path, parent: 'acme', members });
          const projects = [{ name: 'App', path: 'app', members }];
          if (hasProject) source.addGroup({ name: 'three', path: 'three', parent: 'acme', projects });
          // A mapping has at least one row.
          const mappingId = await sendMapping(pair, [...rows, { id: 4711 }]);
          destination.requests.length = 0;

          const entities = await migrateWith(pair, mappingId);

          const fates = drawn.map(fateOf);
          const expected = Object.fromEntries(
            fates.flatMap(({ username }, index) => (username ? [[username, drawn[index]?.level]] : [])),
          );
          expect(levelsIn(pair, 'imported/acme')).toEqual({});
          expect(levelsIn(pair, 'imported/acme/one')).toEqual(expected);
          expect(levelsIn(pair, 'imported/acme/two')).toEqual(expected);
          if (hasProject) {
            const inProject = destination.project('imported/acme/three/app')?.members ?? [];
            const named = inProject.map(({ userId, accessLevel }) => [
              destination.username(userId),
              accessLevel,
            ]);
            expect(Object.fromEntries(named)).toEqual(expected);
          }
          const { stats, failures } = entities.find(entity => entity.source_full_path === 'acme/one') ?? {};
          const skips: Record<string, number> = {};
          for (const { skip } of fates) if (skip) skips[skip] = (skips[skip] ?? 0) + 1;
          const failed = fates.filter(({ failure }) => failure).length;
          expect(stats?.members?.skip_reasons).toEqual(skips);
          expect(stats?.members).toMatchObject({ failed, imported: Object.keys(expected).length });
          expect(failures).toHaveLength(failed);
          for (const failure of failures ?? []) {
            expect(failure.exception_class).toBe('BulkImports::UserMappingError');
            expect(failure.exception_message).toMatch(/mapping.*import the members again/);
          }
          const names = destination.requests.filter(isGraphql('usernames'));
          expect(names.length).toBeLessThanOrEqual(1);
        },
      ),
      // A project takes a second, and is moved by the same relation.
      { numRuns: 25, examples: [[everySaying, true]] },
    );
  });
});

it('a mapping of whom the import does not know is of no use to it, and one without a mapping asks for no names', async () => {
  const pair = await startPair(service);
  const { id } = pair.source.addUser({ username: 'ada', publicEmail: 'ada@old.example' });
  pair.destination.addUser({ username: 'ada', publicEmail: 'ada@old.example' });
  pair.source.addGroup({
    ...{ name: 'Acme', path: 'acme' },
    members: [
      { username: 'sofia', accessLevel: 50 },
      { username: 'ada', accessLevel: 30 },
    ],
  });
  await sendMapping(pair, [{ id, keep: true }]);

  await migrate(pair.api);

  expect(levelsIn(pair, 'imported/acme')).toEqual({ ada: 30 });
  expect(pair.destination.requests.filter(isGraphql('usernames'))).toEqual([]);
});

describe('a mapping', () => {
  it('comes back as it was sent, to its owner only, and is never another', async () => {
    const pair = await startPair(service);
    const id = await sendMapping(pair, [
      { id: 7, username: 'ada' },
      { id: 3, keep: true },
    ]);
    await sendMapping(pair, [{ id: 7, username: 'ben' }]);
    const path = `/bulk_imports/user_mappings/${id}`;

    const own = await pair.api.call('GET', path);

    expect(own.status).toBe(200);
    expect(own.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(own.body).toBe(
      `${HEADER}\r\n${pair.source.url},gitlab_migration,3,,,,,yes\r\n${pair.source.url},gitlab_migration,7,,,ada,,\r\n`,
    );
    for (const token of ['sample-otto-token', 'sample-admin-token']) {
      expect(await pair.api.call('GET', path, { token })).toMatchObject({ status: 404 });
      const json = { ...pair.api.request([{}]), user_mapping_id: id };
      expect(await pair.api.call('POST', '/bulk_imports', { token, json })).toMatchObject({
        status: 404,
        body: { message: '404 Not found' },
      });
    }
  });

  it('of another source is refused before anything is asked or written', async () => {
    const pair = await startPair(service);
    const json = { source_hostname: 'other.example.com', users: [{ source_user_id: 1, username: 'ada' }] };
    const { body } = await pair.api.call('POST', '/bulk_imports/user_mappings', { json });
    const { id } = body as { id: number };

    const answer = await pair.api.call('POST', '/bulk_imports', {
      json: { ...pair.api.request([{}]), user_mapping_id: id },
    });

    const { host } = new URL(pair.source.url);
    expect(answer).toMatchObject({
      status: 422,
      body: {
        message: `The user mapping ${id} is for the users of 'other.example.com', and the source is '${host}'. Send a mapping of that source.`,
      },
    });
    expect(pair.source.requests).toEqual([]);
  });

  it('changed for another import never takes a membership away', async () => {
    const pair = await startPair(service);
    const { id } = pair.source.addUser({ username: 'ada' });
    for (const username of ['right', 'wrong']) pair.destination.addUser({ username });
    const members = [
      { username: 'sofia', accessLevel: 50 } as const,
      { username: 'ada', accessLevel: 30 } as const,
    ];
    pair.source.addGroup({ name: 'Acme', path: 'acme', members });
    await migrateWith(pair, await sendMapping(pair, [{ id, username: 'wrong' }]));

    const json = {
      ...pair.api.request([{ destination_slug: 'second' }]),
      user_mapping_id: await sendMapping(pair, [{ id, username: 'right' }]),
    };
    const { body } = await pair.api.call('POST', '/bulk_imports', { json });
    await pair.api.untilEnded((body as { id: number }).id);

    expect(levelsIn(pair, 'imported/acme')).toEqual({ wrong: 30 });
    expect(levelsIn(pair, 'imported/second')).toEqual({ right: 30 });
  });
});

it('what a plan says of people can be filled in and sent, and a plan with it says what the import then does', async () => {
  const pair = await startPair(service);
  const { api, source, destination } = pair;
  const people = ['shown', 'hidden', 'left-out', 'mistaken'].map(username =>
    source.addUser({ username, ...(username === 'shown' && { publicEmail: 'shown@old.example' }) }),
  );
  destination.addUser({ username: 'shown-there', publicEmail: 'shown@old.example' });
  destination.addUser({ username: 'hidden-there' });
  const sofia = { username: 'sofia', accessLevel: 50 } as const;
  const members = people.map(({ username }) => ({ username, accessLevel: 30 }) as const);
  source.addGroup({ name: 'Acme', path: 'acme', members: [sofia, ...members] });
  const planWith = async (options: object) => {
    const json = { ...api.request([{}]), ...options };
    const { body } = await api.call('POST', '/bulk_imports/plans', { json });
    const path = `/bulk_imports/plans/${(body as { id: number }).id}`;
    const plan = await until('the end of the plan', async () => {
      const { body: shown } = await api.call('GET', path);
      const { status } = shown as { status: string };
      return status === 'finished' ? (shown as { id: number; users: unknown }) : undefined;
    });
    const { body: csv } = await api.call('GET', `${path}/users`);
    return { ...plan, csv: String(csv) };
  };

  const first = await planWith({});
  expect(first.users).toEqual({ mapped: 0, matched: 1, unmatched: 4 });
  const [header = '', ...rows] = first.csv.trimEnd().split('\r\n');
  expect(rows.at(-1)).toMatch(/,shown,shown,,shown@old\.example$/);
  const filled = rows.map(row => {
    if (row.includes(',hidden,')) return row.replace(/,,$/, ',hidden-there,,');
    if (row.includes(',mistaken,')) return row.replace(/,,$/, ',nowhere,,');
    return row.includes(',left-out,') ? `${row},yes` : row;
  });
  const body = new FormData();
  body.append('file', new Blob([[`${header},Keep as placeholder`, ...filled].join('\r\n')]), 'users.csv');
  const { body: mapping } = await api.call('POST', '/bulk_imports/user_mappings', { body });
  const { id } = mapping as { id: number };

  const second = await planWith({ user_mapping_id: id });

  // The group and two members. The row of the mistaken one stands against it, and is there to be corrected.
  expect(second.users).toEqual({ mapped: 3, matched: 0, unmatched: 2 });
  expect(second).toMatchObject({ has_blockers: true, changes: { create: 3, blocked: 1 } });
  expect(second.csv).toContain(',mistaken,mistaken,nowhere,,\r\n');
  expect(second.csv).toContain(',left-out,left-out,,,yes\r\n');
  await migrateWith(pair, id);
  expect(levelsIn(pair, 'imported/acme')).toEqual({ 'shown-there': 30, 'hidden-there': 30 });
});

describe('a retry', () => {
  /** An import of the group `acme`, whose member ada is somebody with the mapping given. */
  async function migrated(row: Omit<Row, 'id'>) {
    const pair = await startPair(service);
    const { id } = pair.source.addUser({ username: 'ada' });
    for (const username of ['right', 'wrong']) pair.destination.addUser({ username });
    const members = [
      { username: 'sofia', accessLevel: 50 } as const,
      { username: 'ada', accessLevel: 30 } as const,
    ];
    pair.source.addGroup({ name: 'Acme', path: 'acme', members });
    const [entity] = await migrateWith(pair, await sendMapping(pair, [{ id, ...row }]));
    const retry = async (options: object) => {
      const json = { configuration: { access_token: TOKENS.source }, ...options };
      const { status } = await pair.api.call('POST', `/bulk_imports/${entity?.bulk_import_id}/retry`, {
        json,
      });
      await pair.api.untilEnded(entity?.bulk_import_id ?? 0);
      return status;
    };
    return { pair, id, entity, retry };
  }

  it('finds whom the mapping names and the destination has got since', async () => {
    const { pair, entity, retry } = await migrated({ username: 'late' });
    expect(entity?.has_failures).toBe(true);
    pair.destination.addUser({ username: 'late' });

    expect(await retry({})).toBe(201);

    expect(levelsIn(pair, 'imported/acme')).toEqual({ late: 30 });
    expect(await pair.api.getEntities(entity?.bulk_import_id ?? 0)).toMatchObject([{ has_failures: false }]);
  });

  it('with another mapping goes by that one, and takes no membership away', async () => {
    const { pair, id, retry } = await migrated({ username: 'wrong' });
    const mappingId = await sendMapping(pair, [{ id, username: 'right' }]);

    expect(await retry({ scope: 'all', relations: ['members'], user_mapping_id: mappingId })).toBe(201);

    expect(levelsIn(pair, 'imported/acme')).toEqual({ wrong: 30, right: 30 });
  });

  it('is refused with a mapping of somebody else, or of another source, and changes nothing', async () => {
    const { pair, entity, retry } = await migrated({ username: 'nowhere' });
    const json = { source_hostname: 'other.example.com', users: [{ source_user_id: 1, skip: true }] };
    const { body } = await pair.api.call('POST', '/bulk_imports/user_mappings', { json });

    expect(await retry({ user_mapping_id: 999_999 })).toBe(404);
    expect(await retry({ user_mapping_id: (body as { id: number }).id })).toBe(422);
    expect(await pair.api.getEntities(entity?.bulk_import_id ?? 0)).toEqual([entity]);
  });
});
