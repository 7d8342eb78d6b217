import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { PROGRESS_LIMITS, readProgress } from '../../lambdas/progress/read.ts';
import { takeIds } from '../../lambdas/store/counters.ts';
import {
  changeEntity,
  createEntity,
  getEntity,
  markFailuresRecorded,
  moveEntity,
} from '../../lambdas/store/entities.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { putFailure } from '../../lambdas/store/failures.ts';
import { saveLoad } from '../../lambdas/store/gitlab-loads.ts';
import {
  createImport,
  findImport,
  type Import,
  markImportFailures,
  moveImport,
  noteVerification,
} from '../../lambdas/store/imports.ts';
import { deleteOpenImport, listOpenImports, putOpenImport } from '../../lambdas/store/open-imports.ts';
import { countsOf } from '../support/table/counts.ts';
import { setDestinationGroup, setRelationCounts, showProgress } from '../support/table/entity-records.ts';
import { newId } from '../support/table/new-id.ts';
import { newEntity, newFailure, newImport } from '../support/table/records.ts';
import { takeOffList } from '../support/table/stored-records.ts';
import { useTestTable } from '../support/table/test-table.ts';

useTestTable();

beforeEach(async () => {
  for (const open of await listOpenImports()) {
    const { importId } = open;
    const record = await findImport(importId);
    if (record !== undefined) await moveImport(record, 'canceled');
    await deleteOpenImport(open);
  }
});

/** Starts an import as a POST does. */
async function startImport(kind?: 'plan'): Promise<Import> {
  const record = newImport({ id: await takeIds('IMPORT'), status: 'started', ...(kind && { kind }) });
  await putOpenImport(record.id);
  await createImport(record);
  return record;
}

async function endImport(record: Import): Promise<void> {
  await moveImport(record, 'finished');
  await takeOffList(record.id);
}

async function addEntity(record: Import, status: Entity['status'] = 'started'): Promise<Entity> {
  const entity = newEntity({ id: newId(), importId: record.id, userId: record.userId });
  await createEntity(entity);
  if (status !== 'created') await moveEntity(entity, 'started');
  if (status !== 'created' && status !== 'started') await moveEntity(entity, status);
  return getEntity(record.id, entity.id);
}

async function addFailure(entity: Entity, key: string, createdAt: string): Promise<void> {
  await markFailuresRecorded(entity);
  await putFailure(
    newFailure({ importId: entity.importId, entityId: entity.id, key, createdAt, sourceTitle: key }),
  );
}

describe('the progress that is read', () => {
  it('has nothing when nothing was imported', async () => {
    expect(await readProgress(new Date('2026-01-02T03:04:05.678Z'))).toEqual({
      now: '2026-01-02T03:04:05.678Z',
      inFlight: 0,
      open: [],
      ended: [],
      plans: [],
    });
  });

  it('has the imports in flight, the newest first, with counts over all of their groups', async () => {
    const first = await startImport();
    const second = await startImport();
    const running = await addEntity(first);
    await setRelationCounts(running, 'labels', countsOf({ source: 10, fetched: 5, imported: 4 }));
    await setRelationCounts(running, 'members', countsOf({ source: 3, fetched: 3, imported: 3 }));
    await addEntity(first, 'finished');
    await addEntity(first, 'created');

    const { inFlight, open } = await readProgress();

    expect(inFlight).toBe(2);
    expect(open.map(({ id }) => id)).toEqual([second.id, first.id]);
    expect(open[1]).toMatchObject({
      statuses: { created: 1, started: 1, finished: 1, timeout: 0, failed: 0, canceled: 0 },
      records: { source: 13, fetched: 8, imported: 7 },
      failures: { known: 0, isExact: true },
    });
    expect(open[1]?.entities[0]).toMatchObject({
      id: running.id,
      records: { source: 13, fetched: 8, imported: 7 },
      waits: [],
      relations: [
        { name: 'labels', source: 10, fetched: 5, imported: 4 },
        { name: 'members', source: 3, fetched: 3, imported: 3 },
      ],
    });
  });

  it('has what the relations of a group wait for, together where it is the same', async () => {
    const record = await startImport();
    const entity = await addEntity(record);
    const now = new Date('2026-01-02T03:00:00.000Z');
    const wait = (minutes: number, reason: string) => ({
      waitsFor: 'limit' as const,
      instance: 'source' as const,
      reason,
      since: now.toISOString(),
      until: new Date(now.getTime() + 60_000 * minutes).toISOString(),
    });
    const waits = {
      labels: wait(9, '429'),
      badges: wait(5, '429'),
      members: wait(7, '502'),
      boards: wait(0, '429'),
    };
    for (const [relation, waiting] of Object.entries(waits)) {
      await showProgress(entity, relation, { counts: countsOf({}), waiting });
    }

    const { open } = await readProgress(now);

    expect(open[0]?.entities[0]?.waits).toEqual([
      { instance: 'source', reason: '502', until: waits.members.until, relations: ['members'] },
      { instance: 'source', reason: '429', until: waits.labels.until, relations: ['badges', 'labels'] },
    ]);
  });

  it('has what an import waits for over all of its groups, and nothing once it has ended', async () => {
    const record = await startImport();
    const now = new Date('2026-01-02T03:00:00.000Z');
    const wait = (minutes: number) => ({
      waitsFor: 'limit' as const,
      instance: 'source' as const,
      reason: '429',
      since: now.toISOString(),
      until: new Date(now.getTime() + 60_000 * minutes).toISOString(),
    });
    for (const [minutes, relation] of [
      [9, 'labels'],
      [5, 'badges'],
    ] as const) {
      await showProgress(await addEntity(record), relation, { counts: countsOf({}), waiting: wait(minutes) });
    }

    const { open } = await readProgress(now);

    expect(open[0]?.waits).toEqual([
      {
        instance: 'source',
        reason: '429',
        until: wait(9).until,
        relations: ['badges', 'labels'],
        entities: 2,
      },
    ]);
    await endImport(record);
    expect((await readProgress(now)).ended[0]?.waits).toEqual([]);
  });

  it('has how quickly a running import goes on, by its plan and the limits of its GitLabs', async () => {
    const plan = newImport({
      kind: 'plan',
      requested: 1,
      totals: {
        changes: { create: 0, update: 0, unchanged: 0, skip: 0, blocked: 0, unknown: 0 },
        writes: 100,
        emails: 0,
        users: { mapped: 0, matched: 0, unmatched: 0 },
        notMigrated: {},
        limit: 0,
        groups: { count: 1, records: 100 },
      },
    });
    await createImport(plan);
    const ago = (seconds: number) => new Date(Date.now() - 1000 * seconds).toISOString();
    const record = newImport({
      id: await takeIds('IMPORT'),
      status: 'started',
      startedAt: ago(120),
      planId: plan.id,
      destinationUrl: 'https://paced.example',
    });
    await putOpenImport(record.id);
    await createImport(record);
    const entity = await addEntity(record);
    await changeEntity(entity, { set: { begunAt: ago(120), destinationRequests: 240 } });
    await setRelationCounts(entity, 'labels', countsOf({ source: 60, fetched: 50, imported: 50 }));
    const times = { calmMs: 40, requestMs: 40, runMs: 1_000, changedAt: 1, shrunkAt: 0 };
    const load = { entities: 5, isProbing: false, limit: 600, ...times };
    await saveLoad(record.destinationUrl, load, undefined);

    const [shown] = (await readProgress()).open;

    expect(shown?.pace).toEqual({
      recordsPerMinute: 25,
      requests: [{ instance: 'destination', perMinute: 120, limit: 600 }],
      left: expect.closeTo(120_000, -4),
      hasProjects: false,
    });
    await endImport(record);
    expect((await readProgress()).ended.find(({ id }) => id === record.id)?.pace).toBeNull();
  });

  it('has the causes of failures, and why records were skipped, over all groups of an import', async () => {
    const record = await startImport();
    const first = await addEntity(record);
    const second = await addEntity(record);
    for (const entity of [first, second]) {
      const counts = countsOf({ source: 3, fetched: 3, skipped: 3, skips: { no_user: 2, no_access: 1 } });
      await setRelationCounts(entity, 'members', counts);
      await addFailure(entity, 'a', '2026-01-02T03:00:01.000Z');
      await addFailure(entity, 'b', '2026-01-02T03:00:02.000Z');
    }

    const { open } = await readProgress();

    expect(open[0]?.causes).toMatchObject([
      {
        relation: 'labels',
        message: 'It was refused.',
        lastAt: '2026-01-02T03:00:02.000Z',
        count: 4,
        entities: 2,
        examples: [
          { path: 'acme/platform', title: 'a' },
          { path: 'acme/platform', title: 'b' },
          { path: 'acme/platform', title: 'a' },
        ],
      },
    ]);
    expect(open[0]?.skips).toEqual([
      { relation: 'members', reason: 'no_user', count: 4 },
      { relation: 'members', reason: 'no_access', count: 2 },
    ]);
    const { open: limited } = await readProgress(new Date(), { ...PROGRESS_LIMITS, causes: 0 });
    expect(limited[0]).toMatchObject({ causes: [], causesTotal: 1 });
  });

  it('says where a group will be, and then where it is', async () => {
    const record = await startImport();
    await addEntity(record);
    const made = await addEntity(record);
    await setDestinationGroup(made, { id: 5, fullPath: 'imported/platform1' });

    const { open } = await readProgress();

    expect(open[0]?.entities.map(({ destination }) => destination)).toEqual([
      'imported/platform',
      'imported/platform1',
    ]);
  });

  it('does not show plans among imports, whether they run or have ended', async () => {
    const first = await startImport();
    await endImport(first);
    const plans = [await startImport('plan'), await startImport('plan')];
    await endImport(plans[0] as Import);

    const { inFlight, open, ended } = await readProgress(new Date(), { ...PROGRESS_LIMITS, ended: 1 });

    expect([inFlight, open]).toEqual([0, []]);
    expect(ended.map(({ id }) => id)).toEqual([first.id]);
  });

  it('has what the last verification of an import has found, unless the import was tried again since', async () => {
    const record = await startImport();
    await endImport(record);
    const { updatedAt = '' } = (await findImport(record.id)) ?? {};
    const changes = { create: 1, update: 2, unchanged: 7, skip: 0, blocked: 1, unknown: 0 };
    const users = { mapped: 0, matched: 0, unmatched: 0 };
    const verification = newImport({
      id: await takeIds('IMPORT'),
      kind: 'verification',
      subjectId: record.id,
      status: 'finished',
      startedAt: updatedAt,
      totals: { changes, writes: 0, emails: 0, users, notMigrated: {}, limit: 0 },
    });
    await createImport(verification);
    await noteVerification(record.id, verification.id);
    const shown = async () => (await readProgress()).ended.find(({ id }) => id === record.id)?.verification;

    expect(await shown()).toEqual({
      status: 'finished',
      at: verification.updatedAt,
      figures: { matched: 7, different: 2, missing: 1, newAtSource: 0, unverified: 0 },
    });
    await setTimeout(2);
    await markImportFailures(record.id);
    expect(await shown()).toBeNull();
  });

  it('has the newest plans, with what they have come to', async () => {
    const older = await startImport('plan');
    const ended = await startImport('plan');
    const totals = {
      changes: { create: 7, update: 0, unchanged: 0, skip: 0, blocked: 1, unknown: 0 },
      writes: 7,
      emails: 2,
      users: { mapped: 0, matched: 2, unmatched: 1 },
      notMigrated: {},
      limit: 0,
    };
    await moveImport(ended, 'finished', { hasFailures: true, totals });
    await takeOffList(ended.id);

    const { plans } = await readProgress();

    expect(plans.slice(0, 2)).toMatchObject([
      { id: ended.id, status: 'finished', hasBlockers: true, totals, failure: null },
      { id: older.id, status: 'started', hasBlockers: false, totals: null },
    ]);
    expect((await readProgress(new Date(), { ...PROGRESS_LIMITS, plans: 1 })).plans).toHaveLength(1);
  });

  it('goes on showing what has ended last', async () => {
    const first = await startImport();
    const second = await startImport();
    await addEntity(second, 'finished');
    await endImport(first);
    await endImport(second);

    const { inFlight, ended } = await readProgress(new Date(), { ...PROGRESS_LIMITS, ended: 1 });

    expect(inFlight).toBe(0);
    expect(ended.map(({ id, status }) => [id, status])).toEqual([[second.id, 'finished']]);
    expect(ended[0]?.entities).toHaveLength(1);
  });

  it('leaves out an import that was announced and never written', async () => {
    await putOpenImport(await takeIds('IMPORT'));

    expect(await readProgress()).toMatchObject({ inFlight: 0, open: [] });
  });

  it('says so when it has not read all failures', async () => {
    const record = await startImport();
    const first = await addEntity(record);
    const second = await addEntity(record);
    await addFailure(first, 'a', '2026-01-02T03:00:01.000Z');
    await addFailure(second, 'b', '2026-01-02T03:00:02.000Z');
    await addFailure(second, 'c', '2026-01-02T03:00:03.000Z');
    await setRelationCounts(second, 'labels', countsOf({ source: 2, fetched: 2, imported: 0 }));

    const { open } = await readProgress(new Date(), {
      ...PROGRESS_LIMITS,
      failingEntities: 1,
      failuresPerEntity: 2,
    });

    expect(open[0]?.failures).toEqual({ known: 2, isExact: false });
    expect(open[0]?.entities.map(({ failures }) => failures)).toEqual([
      { known: 0, isExact: false },
      { known: 2, isExact: false },
    ]);
  });

  it('shows at most as many imports and groups as it may: what runs first, then what needs attention', async () => {
    const older = await startImport();
    const record = await startImport();
    const finished = await addEntity(record, 'finished');
    const waiting = await addEntity(record, 'created');
    const failed = await addEntity(record, 'failed');
    const running = await addEntity(record);
    const shownIds = async (limits: Partial<typeof PROGRESS_LIMITS>) =>
      (await readProgress(new Date(), { ...PROGRESS_LIMITS, ...limits })).open.map(({ entities }) =>
        entities.map(({ id }) => id),
      );

    expect(await shownIds({ imports: 1 })).toEqual([[running.id, failed.id, waiting.id, finished.id]]);
    expect(await shownIds({ imports: 1, entities: 2 })).toEqual([[running.id, failed.id]]);
    await addEntity(older);
    expect(await shownIds({ rows: 4 })).toEqual([[running.id, failed.id, waiting.id, finished.id], []]);
    expect((await readProgress(new Date(), { ...PROGRESS_LIMITS, imports: 1 })).inFlight).toBe(2);
  });
});
