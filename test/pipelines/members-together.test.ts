import { expect, it } from 'vitest';
import { members } from '../../lambdas/pipelines/members.ts';
import { directMember, removeMember } from '../../lib/gitlab-simulator/memberships.ts';
import type { AccessLevel, SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLabOptions, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { ACME, type Bench, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

const handler = handlerOf(members);
const POST_MEMBERS = { method: 'POST', path: '/members' } as const;

interface Person {
  level: AccessLevel;
  expiresAt?: string;
}

/** People who are members at the source, have an account at both GitLabs, and none of them a membership there. */
async function startPeople(people: Person[], destination: SampleGitLabOptions = {}) {
  const bench = await startBench({ destination });
  const ids = people.map((_, index) => addUser(bench, `p${index}`));
  const seeds = people.map(({ level, expiresAt }, index) => ({
    username: `p${index}`,
    accessLevel: level,
    ...(expiresAt !== undefined && { expiresAt }),
  }));
  const group = bench.addPair({ members: seeds });
  return { bench, group, ids, migration: await bench.migration('members', ACME) };
}

function addUser({ source, destination }: Bench, username: string): number {
  const user = { username, publicEmail: `${username}@public.example` };
  source.addUser(user);
  return destination.addUser(user).id;
}

const same = (count: number): Person[] => Array.from({ length: count }, () => ({ level: 30 }));

/** What somebody else does at the destination. */
function makeMember(group: SampleGroup, userId: number, accessLevel: AccessLevel): void {
  const now = new Date().toISOString();
  const membership = { userId, accessLevel, expiresAt: null, createdById: null };
  group.members.push({ id: 900_000_000 + userId, ...membership, createdAt: now, updatedAt: now });
}

const levelsOf = (group: SampleGroup, ids: number[]) =>
  ids.map(id => group.members.find(({ userId }) => userId === id)?.accessLevel);

const userIdsOf = ({ body }: SampleRequest): number[] => String(Object(body).user_id).split(',').map(Number);

/** The user ids of each request that adds members. */
const added = ({ destination }: Bench) => requestsTo(destination, POST_MEMBERS).map(userIdsOf);

it('members are added by one request per level and expiry', async () => {
  const expiresAt = '2099-12-31';
  const { bench, group, ids, migration } = await startPeople([
    { level: 30 },
    { level: 40, expiresAt },
    { level: 30 },
    { level: 40 },
    { level: 40, expiresAt },
    { level: 20 },
  ]);
  const [a, b, c, d, e, f] = ids;

  expect(await migration.run(handler)).toEqual(FINISHED);

  expect(added(bench)).toEqual([[a, c], [b, e], [d], [f]]);
  expect(levelsOf(group, ids)).toEqual([30, 40, 30, 40, 40, 20]);
  expect(group.members.filter(member => member.expiresAt === expiresAt).map(({ userId }) => userId)).toEqual([
    b,
    e,
  ]);
  expect((await migration.tracker()).counts).toMatchObject({ source: 6, imported: 6, skipped: 0, failed: 0 });
});

it('a list never has somebody who is a member already, whatever their level', async () => {
  const { bench, group, ids, migration } = await startPeople(same(4));
  const [a, b, c, d] = ids as [number, number, number, number];
  makeMember(group, a, 50);
  makeMember(group, b, 20);

  await migration.run(handler);

  // Whoever has less is raised.
  expect(added(bench)).toEqual([[c, d]]);
  expect(levelsOf(group, ids)).toEqual([50, 30, 30, 30]);
  expect((await migration.tracker()).counts).toMatchObject({ imported: 3, skips: { has_access: 1 } });
});

it('a list does not lower whoever became a member while the hundred before them were added', async () => {
  const { bench, group, ids, migration } = await startPeople(same(150));
  const late = ids[120] as number;
  const where = (request: SampleRequest) => {
    if (userIdsOf(request).includes(ids[0] as number)) makeMember(group, late, 50);
    return false;
  };
  setFault(bench.destination, { ...POST_MEMBERS, where }, { kind: 'drop-after' });

  await migration.run(handler);

  expect(levelsOf(group, [late])).toEqual([50]);
  expect(added(bench).map(({ length }) => length)).toEqual([100, 49, 1]);
  expect((await migration.tracker()).counts).toMatchObject({ imported: 149, skips: { has_access: 1 } });
});

it('two people of the source who are one at the destination get the higher of their levels', async () => {
  const { bench, group, ids, migration } = await startPeople([
    { level: 40 },
    { level: 40 },
    { level: 20 },
    { level: 20 },
  ]);
  const [a, , , d] = ids as [number, number, number, number];
  // The first has the address of the last, too.
  const one = 'p0@public.example';
  setFault(
    bench.destination,
    { path: '/users', where: ({ query }) => query.get('search') === 'p3@public.example' },
    {
      kind: 'respond',
      status: 200,
      body: JSON.stringify([
        { id: a, username: 'p0', public_email: one, email: 'p3@public.example', confirmed_at: '2020-01-01' },
      ]),
    },
  );

  await migration.run(handler);

  expect(levelsOf(group, ids)).toEqual([40, 40, 20, undefined]);
  expect(added(bench).slice(0, 1)).toEqual([ids.slice(0, 2)]);
  expect(added(bench).flat()).not.toContain(d);
  expect((await migration.tracker()).counts).toMatchObject({ imported: 3, skips: { has_access: 1 } });
});

it('whoever is missing after a list is added alone, which says why, and the others count once', async () => {
  const { bench, group, ids, migration } = await startPeople(same(3), { memberApproval: true });

  await migration.run(handler);

  expect(added(bench).map(({ length }) => length)).toEqual([3, 1, 1, 1]);
  expect(levelsOf(group, ids)).toEqual([undefined, undefined, undefined]);
  expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 0, failed: 3 });
  for (const { exceptionMessage } of await migration.failures()) {
    expect(exceptionMessage).toMatch(/only after an administrator has approved it/);
  }
});

it.each([
  ['one of them is refused', { status: 'error', message: { p1: 'Seats are used up' } }],
  ['its answer cannot be read', ['?']],
])('those of a list are looked up when %s', async (_, body) => {
  const { bench, group, ids, migration } = await startPeople(same(3));
  const [, refused] = ids as [number, number, number];
  const where = (request: SampleRequest) => userIdsOf(request).length === 3;
  const fault = { kind: 'respond-after', status: 201, body: JSON.stringify(body) } as const;
  setFault(bench.destination, { ...POST_MEMBERS, where }, fault);
  const { onRequest } = bench.destination;
  bench.destination.onRequest = request => {
    // The list has added all of them; the second is taken away again.
    const member = directMember(group, refused);
    const isReading = request.method === 'GET' && request.query.has('user_ids');
    if (isReading && member !== undefined) removeMember(group, member);
    return onRequest?.(request);
  };

  await migration.run(handler);

  expect(added(bench)).toEqual([ids, [refused]]);
  expect(levelsOf(group, ids)).toEqual([30, 30, 30]);
  expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 3, skipped: 0, failed: 0 });
});

it('those whose list got no answer are looked up, and those of other lists count once', async () => {
  const people: Person[] = [{ level: 30 }, { level: 40 }, { level: 20 }];
  const { bench, group, ids, migration } = await startPeople([...people, ...people]);
  setFault(bench.destination, { ...POST_MEMBERS, nth: 2 }, { kind: 'drop-after' });

  expect(await migration.run(handler)).toEqual(FINISHED);

  expect(added(bench).map(({ length }) => length)).toEqual([2, 2, 2]);
  expect(levelsOf(group, ids)).toEqual([30, 40, 20, 30, 40, 20]);
  expect((await migration.tracker()).counts).toMatchObject({ source: 6, imported: 6, skipped: 0, failed: 0 });
});
