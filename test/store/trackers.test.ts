import { describe, expect, it } from 'vitest';
import { keys } from '../../lambdas/store/keys.ts';
import { putNewItem } from '../../lambdas/store/table.ts';
import {
  createTracker,
  endTracker,
  getTracker,
  listTrackers,
  saveTracker,
  startRun,
  type Tracker,
} from '../../lambdas/store/trackers.ts';
import { newId } from '../support/new-id.ts';
import { useTestTable } from '../support/test-table.ts';

useTestTable();

const COUNTS = { source: 9, fetched: 6, imported: 3, skipped: 2, failed: 1, skips: {} };
const WAITING = {
  waitsFor: 'outage',
  instance: 'destination',
  reason: '502',
  since: '2026-01-02T03:04:05.678Z',
  until: '2026-01-02T03:09:05.678Z',
} as const;
const WAITED = { outage: { times: 4, seconds: 15 } };

async function newTracker() {
  const id = { importId: newId(), entityId: newId(), stage: 1, pipeline: 'labels' };
  await createTracker(id);
  return id;
}

async function startedRun(id: Awaited<ReturnType<typeof newTracker>>): Promise<Tracker> {
  const tracker = await startRun(id);
  if (tracker === undefined) throw new Error('the tracker has ended');
  return tracker;
}

describe('a tracker', () => {
  it('starts with nothing done and is not started again by being written again', async () => {
    const id = await newTracker();
    const empty = { source: 0, fetched: 0, imported: 0, skipped: 0, failed: 0 };
    expect(await getTracker(id)).toMatchObject({
      ...id,
      status: 'created',
      run: 0,
      cursor: null,
      counts: empty,
    });
    await startRun(id);

    await createTracker(id);

    expect(await getTracker(id)).toMatchObject({ status: 'started', run: 1 });
  });

  it('keeps what the latest run saves', async () => {
    const id = await newTracker();
    await startRun(id);
    const tracker = await startedRun(id);

    const progress = { cursor: '3', done: 4, counts: COUNTS, waiting: WAITING, waited: WAITED };

    const saved = await saveTracker({ ...tracker, ...progress });

    expect(saved).toBe(true);
    expect(await getTracker(id)).toMatchObject({ run: 2, ...progress });
  });

  it('keeps nothing of a run that was overtaken', async () => {
    const id = await newTracker();
    const older = await startedRun(id);
    const newer = await startedRun(id);
    await saveTracker({ ...newer, cursor: '5' });

    const saved = await saveTracker({ ...older, cursor: '2', status: 'finished' });

    expect(saved).toBe(false);
    expect(await getTracker(id)).toMatchObject({ run: 2, cursor: '5', status: 'started' });
  });

  it.each(['failed', 'skipped', 'canceled'] as const)('that was %s stays so', async status => {
    const id = await newTracker();
    const tracker = await startedRun(id);
    await endTracker(id, status);

    const saved = await saveTracker({ ...tracker, status: 'finished' });
    const run = await startRun(id);
    await endTracker(id, 'failed');

    expect([saved, run]).toEqual([false, undefined]);
    expect((await getTracker(id)).status).toBe(status);
  });

  it('that is finished is not run again', async () => {
    const id = await newTracker();
    await saveTracker({ ...(await startedRun(id)), status: 'finished' });

    expect(await startRun(id)).toBeUndefined();
    expect((await getTracker(id)).run).toBe(1);
  });

  it('gives each of many runs that start together another number', async () => {
    const id = await newTracker();

    const runs = await Promise.all(Array.from({ length: 10 }, () => startedRun(id)));

    expect(runs.map(({ run }) => run).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('is not made by starting, saving or ending it', async () => {
    const known = await startedRun(await newTracker());
    const unknown = { ...known, entityId: newId() };

    const results = [
      await startRun(unknown),
      await saveTracker(unknown),
      await endTracker(unknown, 'failed'),
    ];

    expect(results).toEqual([undefined, false, undefined]);
    await expect(getTracker(unknown)).rejects.toThrow(/does not exist/);
  });

  it('of a version that is not known is a loud error', async () => {
    const id = await newTracker();
    const strange = { ...id, stage: 2 };
    const item = { ...(await getTracker(id)), ...strange, v: 2 };
    await putNewItem({ ...keys.tracker(id.importId, id.entityId, 2, 'labels'), ...item });

    await expect(getTracker(strange)).rejects.toThrow(/"v"/);
  });
});

it('lists the trackers of an entity by stage', async () => {
  const [importId, entityId] = [newId(), newId()];
  for (const [stage, pipeline] of [
    [2, 'boards'],
    [0, 'group'],
    [1, 'labels'],
  ] as const) {
    await createTracker({ importId, entityId, stage, pipeline });
    await createTracker({ importId, entityId: entityId + 1000, stage, pipeline });
  }

  const trackers = await listTrackers(importId, entityId);

  expect(trackers.map(({ pipeline }) => pipeline)).toEqual(['group', 'labels', 'boards']);
});
