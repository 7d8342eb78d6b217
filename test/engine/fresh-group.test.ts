import { describe, expect, it } from 'vitest';
import type { SampleGroupSeed } from '../../lib/gitlab-simulator/model.ts';
import { requestsTo, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import { lane } from '../support/service/group-lane.ts';
import { type Bench, FINISHED, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

const IMAGE = { linkUrl: 'https://l.example', imageUrl: 'https://i.example' };
const CONTENTS: Partial<SampleGroupSeed> = {
  labels: [{ title: 'bug' }, { title: 'feature' }],
  milestones: [{ title: 'one', state: 'closed' }, { title: 'two' }],
  badges: [{ name: 'build', ...IMAGE }],
};

/** @param waiting the relation that is to wait */
async function startGroup(contents: Partial<SampleGroupSeed> = CONTENTS, waiting = 'labels') {
  const bench = await startBench();
  bench.source.addGroup({ name: 'Acme', path: 'acme', ...contents });
  return { bench, migration: await bench.migration(waiting, { from: 'acme' }) };
}

/** The document that creates the labels. */
const LABELS = {
  path: '/graphql',
  where: ({ body }: { body: unknown }) => JSON.stringify(body).includes('labelCreate'),
};

const lists = (bench: Bench, path: string) =>
  requestsTo(bench.destination, {
    method: 'GET',
    path: `/groups/${bench.destination.group('acme')?.id}${path}`,
  });
const LISTS = ['', '/labels', '/milestones', '/badges', '/members', '/members/all', '/boards'];
const CREATION = { method: 'POST', path: '/groups' } as const;
const titles = (bench: Bench) =>
  bench.destination
    .group('acme')
    ?.labels.map(({ title }) => title)
    .sort();

describe('a group that this very run has made', () => {
  it('is not asked what it has', async () => {
    const { bench, migration } = await startGroup();

    expect(await migration.run(lane)).toEqual(FINISHED);

    for (const path of LISTS) expect(lists(bench, path), path).toEqual([]);
    expect(bench.destination.group('acme')).toMatchObject({
      labels: [{ title: 'bug' }, { title: 'feature' }],
      milestones: [
        { title: 'one', state: 'closed' },
        { title: 'two', state: 'active' },
      ],
      badges: [{ name: 'build' }],
    });
    expect(await migration.failures()).toEqual([]);
  });

  it('is asked after a lost answer what that has made, by the relation that has lost it', async () => {
    const { bench, migration } = await startGroup();
    setFault(bench.destination, { ...LABELS, nth: 1 }, { kind: 'drop-after' });

    expect(await migration.run(lane)).toEqual(FINISHED);

    expect(lists(bench, '/labels')).toHaveLength(1);
    expect(lists(bench, '/milestones')).toEqual([]);
    expect(titles(bench)).toEqual(['bug', 'feature']);
    expect((await migration.entity()).stats.labels).toMatchObject({ imported: 2, failed: 0 });
  });

  it('is not asked what it has where runs before it were sent away before it was made', async () => {
    const { bench, migration } = await startGroup(CONTENTS, 'group');
    setFault(bench.destination, { ...CREATION, nth: 1 }, throttled(60));
    expect(await migration.run(lane)).toMatchObject({ status: 'wait' });

    expect(await migration.run(lane)).toEqual(FINISHED);

    for (const path of LISTS) expect(lists(bench, path), path).toEqual([]);
    expect(titles(bench)).toEqual(['bug', 'feature']);
    expect(await migration.failures()).toEqual([]);
  });

  it('is asked what it has by a run that finds it as the work of one before', async () => {
    const { bench, migration } = await startGroup(CONTENTS, 'group');
    let isMade = false;
    bench.destination.onRequest = ({ method, path }) => {
      const isLost = method === 'POST' && path.endsWith(CREATION.path);
      isMade ||= isLost;
      if (isLost) return { kind: 'drop-after' };
      return isMade ? throttled(60) : undefined;
    };
    expect(await migration.run(lane)).toMatchObject({ status: 'wait' });
    expect(bench.destination.groups()).toHaveLength(1);
    bench.destination.onRequest = undefined;

    expect(await migration.run(lane)).toEqual(FINISHED);

    // That it is the import's own is proved by other lists.
    expect(lists(bench, '/badges')).toHaveLength(1);
    expect(titles(bench)).toEqual(['bug', 'feature']);
  });

  it('is asked by a run that comes after the one that has made it', async () => {
    const { bench, migration } = await startGroup();
    setFault(bench.destination, { ...LABELS, nth: 1 }, throttled(60));
    expect(await migration.run(lane)).toMatchObject({ status: 'wait' });
    expect(lists(bench, '/labels')).toEqual([]);

    expect(await migration.run(lane)).toEqual(FINISHED);

    expect(lists(bench, '/labels')).toHaveLength(1);
    expect(titles(bench)).toEqual(['bug', 'feature']);
  });

  it('is read for a setting that the response of its creation does not show as it is wanted', async () => {
    const { bench, migration } = await startGroup({
      settings: { preventSharingGroupsOutsideHierarchy: true },
    });

    expect(await migration.run(lane)).toEqual(FINISHED);

    expect(lists(bench, '')).toHaveLength(1);
    expect(bench.destination.group('acme')?.settings.preventSharingGroupsOutsideHierarchy).toBe(true);
  });
});

describe('a group that was there before the run', () => {
  it('is asked what it has', async () => {
    const bench = await startBench();
    bench.addPair(CONTENTS);
    const migration = await bench.migration('labels', { from: 'acme', to: 'acme' });

    expect(await migration.run(lane)).toEqual(FINISHED);

    expect(lists(bench, '/labels')).toHaveLength(1);
    expect(lists(bench, '/milestones')).toHaveLength(1);
    expect(lists(bench, '/badges')).toHaveLength(1);
  });
});

it('a group without an avatar is not asked for it, and read once at the source', async () => {
  const { bench, migration } = await startGroup({});
  const id = bench.source.group('acme')?.id;

  expect(await migration.run(lane)).toEqual(FINISHED);

  expect(requestsTo(bench.source, { path: '/avatar' })).toEqual([]);
  expect(requestsTo(bench.source, { method: 'GET', path: `/groups/${id}` })).toHaveLength(1);
});
