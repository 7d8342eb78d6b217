import { describe, expect, it } from 'vitest';
import { members } from '../../lambdas/pipelines/members.ts';
import type { AccessLevel, SampleGroup, SampleMember, SampleUser } from '../../lib/gitlab-simulator/model.ts';
import { refused, requestsTo, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import {
  ACME,
  type Bench,
  CORRELATION_ID,
  FINISHED,
  handlerOf,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(members);

useTableInMemory();

/** A user at both GitLabs with the same public address; returns the membership's seed and the user over there. */
function addPerson(bench: Bench, username: string, accessLevel: AccessLevel = 30) {
  const publicEmail = `${username}@public.example`;
  bench.source.addUser({ username, publicEmail });
  return {
    seed: { username, accessLevel },
    there: bench.destination.addUser({ username: `${username}-there`, publicEmail }),
  };
}

const addPeople = (bench: Bench, count: number) =>
  Array.from({ length: count }, (_, index) => addPerson(bench, `person-${String(index).padStart(3, '0')}`));

function membershipOf(group: SampleGroup, user: SampleUser): SampleMember | undefined {
  return group.members.find(({ userId }) => userId === user.id);
}

describe('the members pipeline', () => {
  it('gives each member the level and the end date of the source', async () => {
    const bench = await startBench();
    const [ada, ben] = [addPerson(bench, 'ada', 40), addPerson(bench, 'ben', 20)];
    const group = bench.addPair({ members: [{ ...ada.seed, expiresAt: '2099-12-31' }, ben.seed] });
    const migration = await bench.migration('members', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(membershipOf(group, ada.there)).toMatchObject({ accessLevel: 40, expiresAt: '2099-12-31' });
    expect(membershipOf(group, ben.there)).toMatchObject({ accessLevel: 20, expiresAt: null });
    expect((await migration.tracker()).counts).toEqual({
      source: 2,
      fetched: 2,
      imported: 2,
      skipped: 0,
      failed: 0,
      skips: {},
    });
    expect((await migration.entity()).stats).toMatchObject({
      members: { source: 2, fetched: 2, imported: 2 },
    });
  });

  it('makes members of the ancestors direct members', async () => {
    const bench = await startBench();
    const ada = addPerson(bench, 'ada');
    bench.source.addGroup({ name: 'Acme', path: 'acme', members: [ada.seed] });
    bench.source.addGroup({ name: 'Team', path: 'team', parent: 'acme' });
    const group = bench.addDestinationGroup({ name: 'Team', path: 'team' });
    const migration = await bench.migration('members', { from: 'acme/team', to: 'team' });

    await migration.run(handler);

    expect(membershipOf(group, ada.there)?.accessLevel).toBe(30);
  });

  it('changes nothing when it runs again', async () => {
    const bench = await startBench();
    const people = addPeople(bench, 5);
    const group = bench.addPair({ members: people.map(({ seed }) => seed) });
    await (await bench.migration('members', ACME)).run(handler);
    const before = structuredClone(group);
    const again = await bench.migration('members', ACME);

    await again.run(handler);

    expect(group).toEqual(before);
    expect((await again.tracker()).counts).toMatchObject({ source: 5, fetched: 5, imported: 5, failed: 0 });
  });

  it('counts members as imported that were added beside one that must wait', async () => {
    const bench = await startBench();
    const people = addPeople(bench, 4);
    bench.addPair({ members: people.map(({ seed }) => seed) });
    setFault(bench.destination, { method: 'POST', path: '/members', nth: 1 }, throttled(3));
    const migration = await bench.migration('members', ACME);

    const results = [await migration.run(handler), await migration.run(handler)];

    expect(results).toEqual([{ status: 'wait', waitSeconds: 3 }, FINISHED]);
    expect((await migration.tracker()).counts).toMatchObject({ source: 4, imported: 4, skipped: 0 });
  });

  it('does not add a member twice when the answer was lost', async () => {
    const bench = await startBench();
    const people = addPeople(bench, 5);
    const group = bench.addPair({ members: people.map(({ seed }) => seed) });
    setFault(bench.destination, { method: 'POST', path: '/members', nth: 1 }, { kind: 'drop-after' });
    const migration = await bench.migration('members', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(people.map(({ there }) => membershipOf(group, there)?.accessLevel)).toEqual([30, 30, 30, 30, 30]);
    expect(group.members).toHaveLength(6);
    expect(requestsTo(bench.destination, { method: 'POST', path: '/members' })).toHaveLength(1);
    expect((await migration.tracker()).counts).toMatchObject({
      source: 5,
      fetched: 5,
      imported: 5,
      failed: 0,
    });
  });

  it('writes down the member that the destination refuses and adds the others', async () => {
    const bench = await startBench();
    const people = addPeople(bench, 3);
    const group = bench.addPair({ members: people.map(({ seed }) => seed) });
    setFault(
      bench.destination,
      {
        method: 'POST',
        path: '/members',
        where: ({ body }) => String(Object(body).user_id).split(',').includes(String(people[1]?.there.id)),
      },
      refused(400, { access_level: ['should be greater than or equal to Owner inherited membership'] }),
    );
    const migration = await bench.migration('members', ACME);

    await migration.run(handler);

    expect(people.map(({ there }) => membershipOf(group, there)?.accessLevel)).toEqual([30, undefined, 30]);
    expect((await migration.tracker()).counts).toEqual({
      source: 3,
      fetched: 3,
      imported: 2,
      skipped: 0,
      failed: 1,
      skips: {},
    });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'members',
        step: 'loader',
        pipelineClass: 'BulkImports::Common::Pipelines::MembersPipeline',
        exceptionClass: 'BulkImports::NetworkError',
        exceptionMessage: expect.stringContaining('add the member: 400 access_level should be greater'),
        correlationId: CORRELATION_ID,
        sourceTitle: 'person-001',
      }),
    ]);
  });

  it('reads on after the 100 members of a page', async () => {
    const bench = await startBench();
    const people = addPeople(bench, 103);
    const group = bench.addPair({ members: people.map(({ seed }) => seed) });
    const migration = await bench.migration('members', ACME);

    await migration.run(handler);

    expect(group.members).toHaveLength(104);
    expect((await migration.tracker()).counts).toMatchObject({ source: 103, fetched: 103, imported: 103 });
  });

  it.each([
    { where: 'source', path: '/api/graphql', method: 'POST' },
    { where: 'destination', path: '/members', method: 'POST' },
    { where: 'destination', path: '/users', method: 'GET' },
  ] as const)('waits when the $where throttles $method $path, and counts exactly after that', async fault => {
    const bench = await startBench();
    const people = addPeople(bench, 3);
    const group = bench.addPair({ members: people.map(({ seed }) => seed) });
    setFault(bench[fault.where], { method: fault.method, path: fault.path, nth: 1 }, throttled(33));
    const migration = await bench.migration('members', ACME);

    const results = [await migration.run(handler), await migration.run(handler)];

    expect(results).toEqual([{ status: 'wait', waitSeconds: 33 }, FINISHED]);
    expect(group.members).toHaveLength(4);
    const { source, fetched, imported, skipped, failed } = (await migration.tracker()).counts;
    expect({ source, fetched, moved: imported + skipped, failed }).toEqual({
      source: 3,
      fetched: 3,
      moved: 3,
      failed: 0,
    });
  });

  it('fails rather than finding nobody when the group cannot be seen any more', async () => {
    const bench = await startBench();
    bench.addPair({ members: [addPerson(bench, 'ada').seed] });
    const body = JSON.stringify({ data: { group: null } });
    setFault(bench.source, { path: '/api/graphql' }, { kind: 'respond', status: 200, body });
    const migration = await bench.migration('members', ACME);

    await migration.run(handler);

    expect(await migration.failures()).toEqual([
      expect.objectContaining({ relation: 'members', step: 'extractor' }),
    ]);
  });

  it.each([
    { version: '14.6.0-ee', relations: ['DIRECT', 'INHERITED'] },
    { version: '14.7.0-ee', relations: ['DIRECT', 'INHERITED', 'SHARED_FROM_GROUPS'] },
  ])('asks a source of version $version for the relations $relations', async ({ version, relations }) => {
    const bench = await startBench();
    bench.addPair({});
    const migration = await bench.migration('members', { ...ACME, sourceVersion: version });

    await migration.run(handler);

    const [query] = requestsTo(bench.source, { path: '/api/graphql' });
    expect(query?.body).toMatchObject({ variables: { relations } });
  });
});
