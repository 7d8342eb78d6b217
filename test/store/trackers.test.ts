import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createEntity, getEntity, moveEntity, reopenEntity } from '../../lambdas/store/entities.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { failTracker, saveRun, startRun, startRunOf } from '../../lambdas/store/entity-runs.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { getItem } from '../../lambdas/store/table.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import { newTracker, type Tracker, trackerItem } from '../../lambdas/store/trackers.ts';
import { newEntity } from '../support/table/records.ts';
import { useTestTable } from '../support/table/test-table.ts';

useTestTable();

const COUNTS = { source: 9, fetched: 6, imported: 3, skipped: 2, failed: 1, skips: { no_user: 2 } };
const WAITING = {
  waitsFor: 'outage',
  instance: 'destination',
  reason: '502',
  since: '2026-01-02T03:04:05.678Z',
  until: '2026-01-02T03:09:05.678Z',
} as const;
const WAITED = { outage: { times: 4, seconds: 15 } };

async function createdEntity() {
  const entity = newEntity();
  await createEntity(entity);
  return entity;
}

type Created = Awaited<ReturnType<typeof createdEntity>>;

const stored = ({ importId, id }: Pick<Entity, 'id' | 'importId'>) => getEntity(importId, id);

async function begun(entity: Created): Promise<Entity> {
  const run = await startRun(entity);
  if (run === undefined) throw new Error('the entity has ended');
  return run;
}

const labelsWith = (changes: Partial<Tracker>): Record<string, Tracker> => ({
  labels: { ...newTracker('labels', 'started'), ...changes },
});

describe('a tracker', () => {
  it('that nobody has begun has nothing done, and takes no place', async () => {
    const entity = await begun(await createdEntity());

    expect(entity.trackers).toEqual({});
    expect(newTracker('labels')).toMatchObject({
      relation: 'labels',
      status: 'created',
      cursor: null,
      done: 0,
      counts: { source: 0, fetched: 0, imported: 0, skipped: 0, failed: 0, skips: {} },
      waiting: null,
      waited: {},
      run: 0,
    });
  });

  it('is stored without what has its default, and read as it was', async () => {
    const entity = await begun(await createdEntity());
    const [labels, members] = [
      newTracker('labels', 'finished'),
      { ...newTracker('members', 'started'), cursor: '2', counts: { ...COUNTS, skips: {} } },
    ];

    await saveRun(entity, { trackers: { labels, members } });

    const item = await getItem(keys.entity(entity.importId, entity.id));
    const { skips: _, ...numbers } = COUNTS;
    expect(item?.trackers).toEqual({
      labels: { relation: 'labels', status: 'finished' },
      members: { relation: 'members', status: 'started', cursor: '2', counts: numbers },
    });
    expect((await stored(entity)).trackers).toEqual({ labels, members });
  });

  it('keeps all that it has, its own state included', async () => {
    const entity = await begun(await createdEntity());
    const tracker: Tracker = {
      ...newTracker('labels', 'started'),
      cursor: '3',
      done: 4,
      counts: COUNTS,
      waiting: WAITING,
      waited: WAITED,
      unanswered: { a: '2026-01-02T03:04:05.678Z' },
      state: { job: 7, parts: ['x'] },
      run: 2,
    };

    await saveRun(entity, { trackers: { labels: tracker } });

    expect((await stored(entity)).trackers.labels).toEqual(tracker);
    expect(await stored(entity)).toMatchObject({ stats: { labels: COUNTS }, waiting: { labels: WAITING } });
  });

  it('replaces the one before it, so that what is over is gone', async () => {
    const entity = await begun(await createdEntity());
    await saveRun(entity, { trackers: labelsWith({ cursor: '2', waiting: WAITING, waited: WAITED }) });

    await saveRun(entity, { trackers: labelsWith({ cursor: null }) });

    expect((await stored(entity)).trackers.labels).toMatchObject({
      cursor: null,
      waiting: null,
      waited: {},
    });
  });

  it('with a status that is not known is a loud error', async () => {
    const entity = await createdEntity();
    const strange = { ...trackerItem(newTracker('labels')), status: 'napping' };
    await updateItem(keys.entity(entity.importId, entity.id), { set: { 'trackers.labels': strange } });

    await expect(stored(entity)).rejects.toThrow(/"status"/);
  });
});

describe('a run', () => {
  it('begins the entity the first time, and counts each time after that', async () => {
    const entity = await createdEntity();

    expect(await startRun(entity)).toMatchObject({ status: 'started', run: 1, alone: null });
    expect(await startRun(entity)).toMatchObject({ status: 'started', run: 2 });
  });

  it('keeps when the first one of the attempt began, and adds up the requests of all of them', async () => {
    const created = await stored(await createdEntity());
    const first = (await startRun(created)) as Entity;
    await saveRun(first, { sent: { source: 3, destination: 5 } });
    const second = (await startRun(await stored(created))) as Entity;
    await saveRun(second, { sent: { source: 0, destination: 2 } });

    expect(first.begunAt).toEqual(expect.any(String));
    const counted = { begunAt: first.begunAt, sourceRequests: 3, destinationRequests: 7 };
    expect(await stored(created)).toMatchObject(counted);
    await saveRun(second, { end: { status: 'finished', hasFailures: false } });
    await setTimeout(2);
    await reopenEntity(await stored(created), 2, {});
    const again = await startRun(await stored(created));
    expect(again).toMatchObject({ sourceRequests: 0, destinationRequests: 0 });
    expect(again?.begunAt).not.toBe(first.begunAt);
  });

  it('gets another number than any of many that start together', async () => {
    const entity = await createdEntity();

    const runs = await Promise.all(Array.from({ length: 10 }, () => begun(entity)));

    expect(runs.map(({ run }) => run).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('saves several trackers, the notes of the entity and its end in one write', async () => {
    const entity = await begun(await createdEntity());

    const saved = await saveRun(entity, {
      trackers: { ...labelsWith({ status: 'finished' }), badges: newTracker('badges', 'failed') },
      set: { namespaceId: 99, destinationFullPath: 'imported/platform' },
      end: { status: 'finished', hasFailures: true },
    });

    expect(saved).toBe(true);
    expect(await stored(entity)).toMatchObject({
      status: 'finished',
      hasFailures: true,
      namespaceId: 99,
      destinationFullPath: 'imported/platform',
      trackers: { labels: { status: 'finished' }, badges: { status: 'failed' } },
    });
  });

  it('that was overtaken saves nothing', async () => {
    const entity = await createdEntity();
    const older = await begun(entity);
    const newer = await begun(entity);
    await saveRun(newer, { trackers: labelsWith({ cursor: '5' }) });

    const saved = await saveRun(older, {
      trackers: labelsWith({ cursor: '2', status: 'finished' }),
      set: { namespaceId: 1 },
      end: { status: 'finished', hasFailures: false },
    });

    expect(saved).toBe(false);
    expect(await stored(entity)).toMatchObject({
      run: 2,
      status: 'started',
      namespaceId: null,
      trackers: { labels: { cursor: '5', status: 'started' } },
    });
  });

  it.each(['finished', 'failed', 'timeout', 'canceled'] as const)(
    'of an entity that is %s saves nothing, and no other begins',
    async status => {
      const entity = await createdEntity();
      const run = await begun(entity);
      await moveEntity(entity, status);
      const before = await stored(entity);

      const saved = await saveRun(run, { trackers: labelsWith({ cursor: '2' }) });

      expect([saved, await startRun(entity)]).toEqual([false, undefined]);
      expect(await stored(entity)).toEqual(before);
    },
  );

  it('makes no entity by beginning or saving it', async () => {
    const unknown = { ...(await begun(await createdEntity())), ...newEntity() };

    const results = [
      await startRun(unknown),
      await startRunOf(unknown, 'labels', 'labels'),
      await saveRun(unknown, { trackers: labelsWith({}) }),
      await failTracker(unknown, 'labels', { ...newTracker('labels'), crash: 'It died.' }),
    ];

    expect(results).toEqual([undefined, undefined, false, undefined]);
    await expect(stored(unknown)).rejects.toThrow(/does not exist/);
  });
});

describe('a run of one relation alone', () => {
  it('begins also when nobody has begun the relation', async () => {
    const entity = await begun(await createdEntity());

    const run = await startRunOf(entity, 'labels', 'labels');

    expect(run?.trackers.labels).toMatchObject({ relation: 'labels', status: 'created', run: 1 });
  });

  it('saves beside those of other relations, and keeps what the relation has', async () => {
    const entity = await begun(await createdEntity());
    await saveRun(entity, { trackers: labelsWith({ cursor: '2', counts: COUNTS }) });

    const labels = await startRunOf(await stored(entity), 'labels', 'labels');
    const badges = await startRunOf(await stored(entity), 'badges', 'badges');

    expect(labels?.trackers.labels).toMatchObject({ cursor: '2', counts: COUNTS, run: 1 });
    const ofLabels = { ...newTracker('labels', 'finished'), run: 1 };
    const ofBadges = { ...newTracker('badges', 'finished'), run: 1 };
    const sent = { source: 1, destination: 2 };
    expect([
      await saveRun(labels as Entity, { trackers: { labels: ofLabels }, sent }, { name: 'labels', run: 1 }),
      await saveRun(badges as Entity, { trackers: { badges: ofBadges }, sent }, { name: 'badges', run: 1 }),
    ]).toEqual([true, true]);
    expect(await stored(entity)).toMatchObject({ sourceRequests: 2, destinationRequests: 4 });
    expect((await stored(entity)).trackers).toEqual({ labels: ofLabels, badges: ofBadges });
  });

  it('is not begun by whoever has read the entity before another was begun', async () => {
    const entity = await begun(await createdEntity());
    await saveRun(entity, { trackers: labelsWith({ cursor: '2' }) });
    const read = await stored(entity);

    const runs = await Promise.all([1, 2, 3].map(() => startRunOf(read, 'labels', 'labels')));

    expect(runs.filter(run => run !== undefined)).toHaveLength(1);
    expect((await stored(entity)).trackers.labels).toMatchObject({ cursor: '2', run: 1 });
  });

  it('that was overtaken by another of its relation saves nothing', async () => {
    const entity = await begun(await createdEntity());
    await startRunOf(entity, 'labels', 'labels');
    await startRunOf(await stored(entity), 'labels', 'labels');

    const tracker = { ...newTracker('labels', 'finished'), run: 1 };
    expect(await saveRun(entity, { trackers: { labels: tracker } }, { name: 'labels', run: 1 })).toBe(false);
    expect((await stored(entity)).trackers.labels).toMatchObject({ status: 'created', run: 2 });
  });

  it('is not begun, and saves nothing, when the entity is run anew', async () => {
    const entity = await createdEntity();
    const older = await begun(entity);
    const alone = await startRunOf(older, 'labels', 'labels');
    await begun(entity);

    expect(await startRunOf(older, 'labels', 'labels')).toBeUndefined();
    expect(
      await saveRun(alone as Entity, { trackers: labelsWith({ run: 1 }) }, { name: 'labels', run: 1 }),
    ).toBe(false);
  });
});

describe('a relation that is failed from outside', () => {
  it('keeps what it has moved and waits no more, and no run that still lives saves anything', async () => {
    const entity = await begun(await createdEntity());
    const tracker = {
      ...newTracker('labels', 'started'),
      counts: COUNTS,
      waiting: WAITING,
      crash: 'It died.',
    };
    await saveRun(entity, { trackers: { labels: tracker } });

    const failed = await failTracker(entity, 'labels', tracker);

    expect(failed?.trackers.labels).toEqual({ ...tracker, status: 'failed', waiting: null });
    expect(await saveRun(entity, { trackers: labelsWith({ status: 'finished' }) })).toBe(false);
    expect((await stored(entity)).trackers.labels?.status).toBe('failed');
  });

  it('is left to a run that was begun meanwhile', async () => {
    const created = await createdEntity();
    const older = await begun(created);
    await begun(created);

    const tracker = { ...newTracker('labels'), crash: 'It died.' };
    expect(await failTracker(older, 'labels', tracker)).toBeUndefined();
    expect((await stored(created)).trackers).toEqual({});
  });
});
