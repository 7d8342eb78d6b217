import { describe, expect, it } from 'vitest';
import { ALLOWED_FROM, STATUSES, type Status } from '../../lambdas/domain/statuses.ts';
import { endEntity } from '../../lambdas/engine/end-entity.ts';
import {
  changeEntity,
  createEntity,
  findEntity,
  getEntity,
  markFailuresRecorded,
  moveEntity,
} from '../../lambdas/store/entities.ts';
import type { NewEntity } from '../../lambdas/store/entity.ts';
import { getEntities, listEntities, listUserEntityKeys } from '../../lambdas/store/entity-lists.ts';
import { listEntityKeys } from '../../lambdas/store/entity-pages.ts';
import { saveRun, startRun } from '../../lambdas/store/entity-runs.ts';
import { putFailure } from '../../lambdas/store/failures.ts';
import { keys, type Owner } from '../../lambdas/store/keys.ts';
import { putNewItem } from '../../lambdas/store/table.ts';
import { newTracker } from '../../lambdas/store/trackers.ts';
import { countsOf } from '../support/table/counts.ts';
import {
  setDestinationGroup,
  setRelationCounts,
  setTracker,
  showProgress,
} from '../support/table/entity-records.ts';
import { newId } from '../support/table/new-id.ts';
import { DESTINATION, newEntity, newFailure, newImport } from '../support/table/records.ts';
import { useTestTable } from '../support/table/test-table.ts';

useTestTable();

const ownerOf = ({ destinationUrl, userId }: Owner): Owner => ({ destinationUrl, userId });

const TIME = '2026-01-02T03:04:05.678Z';

const MOVES = STATUSES.flatMap(from =>
  (Object.keys(ALLOWED_FROM) as (keyof typeof ALLOWED_FROM)[]).map(to => ({
    from,
    to,
    allowed: ALLOWED_FROM[to].includes(from),
  })),
);

async function createIn(status: Status): Promise<NewEntity> {
  const entity = newEntity();
  await createEntity(entity);
  if (status === 'finished') await moveEntity(entity, 'started');
  if (status !== 'created') await moveEntity(entity, status);
  expect((await getEntity(entity.importId, entity.id)).status).toBe(status);
  return entity;
}

describe('an entity', () => {
  it('of a plan is in no list of entities of imports', async () => {
    const entity = newEntity({ kind: 'plan' });
    await createEntity(entity);
    await moveEntity(entity, 'started');
    const all = { descending: true, limit: 1_000 };

    for (const status of [undefined, 'started'] as const) {
      expect(await listUserEntityKeys(ownerOf(entity), { ...all, status })).toEqual([]);
    }
    const record = { ...ownerOf(entity), id: entity.importId, kind: 'plan' } as const;
    expect(await listEntityKeys(record, { ...all, status: 'started' })).toHaveLength(1);
  });

  it('starts empty', async () => {
    const entity = newEntity();

    await createEntity(entity);

    expect(await getEntity(entity.importId, entity.id)).toEqual({
      ...entity,
      status: 'created',
      attempt: 1,
      claimedFullPath: null,
      claimedAt: null,
      attemptedAt: null,
      namespaceId: null,
      destinationCreatedAt: null,
      destinationShown: null,
      parent: null,
      projectId: null,
      counted: {},
      destinationFullPath: null,
      hasFailures: false,
      failuresRecorded: false,
      run: 0,
      alone: null,
      trackers: {},
      stats: {},
      waiting: {},
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updatedAt: expect.any(String),
    });
    expect(await findEntity(entity.importId, newId())).toBeUndefined();
    await expect(getEntity(entity.importId, newId())).rejects.toThrow(/does not exist/);
  });

  it('is left as it is when it is written again', async () => {
    const entity = newEntity();
    await createEntity(entity);
    await moveEntity(entity, 'started');

    await createEntity({ ...entity, destinationSlug: 'other' });

    expect(await getEntity(entity.importId, entity.id)).toMatchObject({
      status: 'started',
      destinationSlug: 'platform',
    });
  });

  it.each(MOVES)('may go from $from to $to: $allowed', async ({ from, to, allowed }) => {
    const entity = await createIn(from);

    const moved = await moveEntity(entity, to);

    const { status } = await getEntity(entity.importId, entity.id);
    expect(moved?.status).toBe(allowed ? to : undefined);
    expect(status).toBe(allowed ? to : from);
    const listed = await listUserEntityKeys(entity, { status, descending: false, limit: 10 });
    expect(listed).toEqual([keys.entity(entity.importId, entity.id)]);
  });

  it('is not begun or ended by whoever has read it in an earlier attempt', async () => {
    const entity = newEntity();
    await createEntity(entity);
    const before = await getEntity(entity.importId, entity.id);
    await changeEntity(entity, { set: { attempt: 2 } });

    expect(await startRun(before)).toBeUndefined();
    expect(await endEntity(before, 'failed', true)).toBe(false);
    expect(await getEntity(entity.importId, entity.id)).toMatchObject({ status: 'created', run: 0 });
    expect(await startRun(await getEntity(entity.importId, entity.id))).toMatchObject({ run: 1 });
  });

  it('takes notes without changing anything else', async () => {
    const entity = newEntity();
    await createEntity(entity);
    const run = await startRun(entity);

    const note = { claimedFullPath: 'imported/platform_1', claimedAt: TIME, attemptedAt: TIME };
    if (run !== undefined) await saveRun(run, { set: note });
    await setDestinationGroup(entity, { id: 99, fullPath: 'imported/platform_1' }, TIME);
    await markFailuresRecorded(entity);

    expect(await getEntity(entity.importId, entity.id)).toMatchObject({
      ...entity,
      status: 'started',
      ...note,
      namespaceId: 99,
      destinationCreatedAt: TIME,
      destinationFullPath: 'imported/platform_1',
      failuresRecorded: true,
      hasFailures: false,
    });
  });

  it('keeps the counts of all relations that pipelines save at the same time', async () => {
    const entity = newEntity();
    await createEntity(entity);
    const relations = ['labels', 'members', 'milestones', 'badges', 'self', 'namespace_settings'];
    const all = (number: number) => countsOf({ source: number, fetched: number, imported: number });

    await Promise.all(relations.map((relation, index) => setRelationCounts(entity, relation, all(index))));
    await setRelationCounts(entity, 'labels', all(50));

    expect((await getEntity(entity.importId, entity.id)).stats).toEqual({
      ...Object.fromEntries(relations.map((relation, index) => [relation, all(index)])),
      labels: all(50),
    });
  });

  describe('whose relations wait', () => {
    const waiting = {
      waitsFor: 'limit',
      instance: 'destination',
      reason: '429 Retry later',
      since: '2026-01-02T03:04:05.678Z',
      until: '2026-01-02T03:09:05.678Z',
    } as const;
    const counts = countsOf({ source: 3, fetched: 1, imported: 1 });
    const shown = async ({ importId, id }: NewEntity) => {
      const { stats, waiting } = await getEntity(importId, id);
      return { stats, waiting };
    };

    it('says so for each, from before anything is read until something is done', async () => {
      const entity = await createIn('started');

      await showProgress(entity, 'labels', { counts: countsOf({}), waiting });
      await showProgress(entity, 'badges', { counts, waiting });

      expect(await shown(entity)).toEqual({
        stats: { badges: counts },
        waiting: { labels: waiting, badges: waiting },
      });
      await showProgress(entity, 'badges', { counts, waiting: null });
      expect((await shown(entity)).waiting).toEqual({ labels: waiting });
    });

    it.each(['finished', 'failed', 'timeout', 'canceled'] as const)(
      'waits no more once it is %s',
      async status => {
        const entity = await createIn('started');
        await showProgress(entity, 'labels', { counts, waiting });

        await moveEntity(entity, status);
        await showProgress(entity, 'labels', { counts, waiting });

        expect((await shown(entity)).waiting).toEqual({});
      },
    );
  });

  it('of a version that is not known is a loud error', async () => {
    const entity = newEntity();
    await putNewItem({ ...keys.entity(entity.importId, entity.id), ...entity, v: 99 });

    await expect(getEntity(entity.importId, entity.id)).rejects.toThrow(/"v"/);
    await expect(listEntities(entity.importId)).rejects.toThrow(/"v"/);
  });
});

describe("an import's entities", () => {
  it('are listed by id with their trackers, without failures and other imports', async () => {
    const importId = newId();
    const entities = [newEntity({ importId }), newEntity({ importId })];
    for (const entity of [...entities].reverse()) await createEntity(entity);
    await createEntity(newEntity());
    for (const { id } of entities) {
      await putFailure(newFailure({ importId, entityId: id }));
      await setTracker({ importId, id }, 'labels', { cursor: '2' });
    }

    const listed = await listEntities(importId);
    expect(listed.map(({ id }) => id)).toEqual(entities.map(({ id }) => id));
    const labels = { ...newTracker('labels', 'started'), cursor: '2' };
    expect(listed.map(({ trackers }) => trackers)).toEqual([{ labels }, { labels }]);
  });

  it('are listed by status and read by key in the order asked for', async () => {
    const record = newImport();
    const [first, second, third] = [1, 2, 3].map(() =>
      newEntity({ ...ownerOf(record), importId: record.id }),
    );
    const alongside = newEntity({ ...ownerOf(record), importId: newId() });
    const late = newEntity({ ...ownerOf(record), importId: record.id });
    for (const entity of [first, second, third, alongside, late]) await createEntity(entity as NewEntity);
    for (const entity of [second, third, alongside]) await moveEntity(entity as NewEntity, 'started');

    const started = (descending: boolean, limit = 100) =>
      listEntityKeys(record, { status: 'started', descending, limit });

    const both = [second, third].map(entity => keys.entity(record.id, entity?.id ?? 0));
    expect(await started(false)).toEqual(both);
    expect(await started(true)).toEqual(both.toReversed());
    expect(await started(true, 1)).toEqual([both[1]]);
    expect((await getEntities(both.toReversed())).map(({ id }) => id)).toEqual([third?.id, second?.id]);
  });

  it('of a user of one destination are listed over all imports', async () => {
    const userId = newId();
    const entities = [newEntity({ userId }), newEntity({ userId }), newEntity({ userId })];
    const other = newEntity({ userId, destinationUrl: 'https://other.example' });
    for (const entity of [...entities, newEntity(), other]) await createEntity(entity);
    const all = entities.map(({ importId, id }) => keys.entity(importId, id));

    expect(
      await listUserEntityKeys({ destinationUrl: DESTINATION, userId }, { descending: false, limit: 10 }),
    ).toEqual(all);
    expect(
      await listUserEntityKeys({ destinationUrl: DESTINATION, userId }, { descending: true, limit: 2 }),
    ).toEqual([all[2], all[1]]);
  });
});
