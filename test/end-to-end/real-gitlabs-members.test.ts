import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { membersOf } from '../support/gitlab/source-tree.ts';
import { changeResponses, isGraphql, isRest, migrate, startPair } from '../support/service/gitlab-pair.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

const OWNER = { username: 'sofia', accessLevel: 50 } as const;

/** Adds people with public addresses, under the same address at both. @returns their ids at the destination */
function addPeople(
  { source, destination }: { source: SampleGitLab; destination: SampleGitLab },
  names: string[],
): number[] {
  return names.map(username => {
    const publicEmail = `${username}@public.example`;
    source.addUser({ username, publicEmail });
    return destination.addUser({ username: `${username}-there`, publicEmail }).id;
  });
}

describe('a member with access level 25', () => {
  it.each([
    ['19.1.0-ee', true],
    ['17.11.2-ee', false],
  ])('at GitLab %s is a member: %s, and otherwise a failure that says so', async (version, isKnown) => {
    const pair = await startPair(service, {
      source: { version: '19.1.0-ee' },
      destination: { version },
    });
    const [ann, ben] = addPeople(pair, ['ann', 'ben']);
    const members = [
      OWNER,
      { username: 'ann', accessLevel: 25 },
      { username: 'ben', accessLevel: 30 },
    ] as const;
    pair.source.addGroup({ name: 'Acme', path: 'acme', members: [...members] });

    const { failures } = await migrate(pair.api);

    const arrived = membersOf(pair.destination, 'imported/acme');
    expect(arrived).toContainEqual([ben, 30, null]);
    if (isKnown) expect(arrived).toContainEqual([ann, 25, null]);
    else expect(failures[0]?.exception_message).toMatch(/access level 25.*'ann'.*by hand/);
    expect(failures).toHaveLength(isKnown ? 0 : 1);
  });
});

it.each(['14.0.0', '16.6.0', '17.11.2-ee'])('people are found by address at GitLab %s', async version => {
  const pair = await startPair(service, { destination: { version } });
  const [ann] = addPeople(pair, ['ann']);
  pair.source.addGroup({
    name: 'Acme',
    path: 'acme',
    members: [OWNER, { username: 'ann', accessLevel: 40, expiresAt: '2040-01-31' }],
  });

  const { failures, entities } = await migrate(pair.api);

  expect(failures).toEqual([]);
  expect(membersOf(pair.destination, 'imported/acme')).toContainEqual([ann, 40, '2040-01-31']);
  expect(entities[0]?.stats.members).toMatchObject({ source: 2, imported: 1, skipped: 1 });
});

it('a membership that waits for an administrator is a failure that says so', async () => {
  const pair = await startPair(service, { destination: { memberApproval: true } });
  addPeople(pair, ['ann', 'ben']);
  const members = [
    OWNER,
    { username: 'ann', accessLevel: 30 },
    { username: 'ben', accessLevel: 10 },
  ] as const;
  pair.source.addGroup({ name: 'Acme', path: 'acme', members: [...members] });

  const { failures, entities } = await migrate(pair.api);

  expect(failures).toHaveLength(1);
  expect(failures[0]?.exception_message).toMatch(/administrator/);
  expect(entities[0]?.stats.members).toMatchObject({ source: 3, imported: 1, failed: 1, skipped: 1 });
});

it('each skipped member has a reason that can be read', async () => {
  const pair = await startPair(service);
  addPeople(pair, ['ann', 'ben']);
  pair.source.addUser({ username: 'nobody', publicEmail: 'nobody@public.example' });
  pair.source.addUser({ username: 'dora-here', publicEmail: 'dora@public.example' });
  pair.destination.addUser({ username: 'dora-two', publicEmail: 'dora-two@public.example' });
  pair.destination.addToken('sample-dora-two-token', { username: 'dora-two' });
  pair.source.addUser({ username: 'me', publicEmail: 'dora-two@public.example' });
  pair.destination.addGroup({
    name: 'Home',
    path: 'home',
    members: [
      { username: 'dora-two', accessLevel: 50 },
      { username: 'ben-there', accessLevel: 50 },
    ],
  });
  pair.source.addGroup({
    name: 'Acme',
    path: 'acme',
    members: [
      OWNER,
      { username: 'ann', accessLevel: 30 },
      { username: 'ben', accessLevel: 40 },
      { username: 'nobody', accessLevel: 20 },
      { username: 'me', accessLevel: 50 },
    ],
    invitations: [{ email: 'later@public.example', accessLevel: 30 }],
  });
  const token = 'sample-dora-two-token';

  const importId = await pair.api.start([{ destination_namespace: 'home' }], token);
  await pair.api.untilEnded(importId, token);
  const [entity] = await pair.api.getEntities(importId, token);

  expect(entity?.stats.members).toMatchObject({
    source: 6,
    imported: 1,
    skipped: 5,
    failed: 0,
    skip_reasons: { no_public_email: 1, no_user: 1, has_access: 1, importing_user: 1, invitation: 1 },
  });
});

it('the members of a group cost one look-up each, however many subgroups inherit them', async () => {
  const pair = await startPair(service);
  const names = Array.from({ length: 50 }, (_, index) => `person-${index}`);
  addPeople(pair, names);
  const members = names.map(username => ({ username, accessLevel: 30 as const }));
  pair.source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER, ...members] });
  for (let index = 0; index < 6; index++) {
    pair.source.addGroup({ name: `Team ${index}`, path: `team-${index}`, parent: 'acme' });
  }

  const { failures, entities } = await migrate(pair.api);

  expect(failures).toEqual([]);
  expect(entities).toHaveLength(7);
  expect(membersOf(pair.destination, 'imported/acme')).toHaveLength(51);
  expect(pair.destination.requests.filter(isRest('GET', '/users'))).toHaveLength(50);
  // 50 look-ups, 50 writes, and what seven groups need.
  expect(pair.destination.requests.length).toBeLessThan(2 * 50 + 7 * 30);
});

it('a list of members that changes while it is read is told about, and nobody comes twice', async () => {
  const pair = await startPair(service);
  const names = Array.from({ length: 120 }, (_, index) => `person-${index}`);
  addPeople(pair, names);
  const members = names.map(username => ({ username, accessLevel: 30 as const }));
  const acme = pair.source.addGroup({ name: 'Acme', path: 'acme', members: [OWNER, ...members] });
  let pages = 0;
  changeResponses(
    pair.source,
    (_, response) => {
      pages += 1;
      // Ten of those on the first page leave after it was read.
      if (pages === 1) acme.members.splice(5, 10);
      return response;
    },
    isGraphql('groupMembers'),
  );

  const { failures, record } = await migrate(pair.api);

  const ids = membersOf(pair.destination, 'imported/acme').map(member => (member as number[])[0]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(121);
  expect(failures).toEqual([]);
  expect(record.status).toBe('finished');
});
