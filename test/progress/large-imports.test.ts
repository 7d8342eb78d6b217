import { beforeAll, expect, it } from 'vitest';
import { PROGRESS_LIMITS, readProgress } from '../../lambdas/progress/read.ts';
import { moveEntity } from '../../lambdas/store/entities.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { startRun } from '../../lambdas/store/entity-runs.ts';
import type { Import } from '../../lambdas/store/imports.ts';
import { putOpenImport } from '../../lambdas/store/open-imports.ts';
import { countsOf } from '../support/table/counts.ts';
import { setRelationCounts } from '../support/table/entity-records.ts';
import { DESTINATION } from '../support/table/records.ts';
import { storeCopies, storeEntity, storeImport } from '../support/table/stored-records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const table = useTableInMemory();

let large: Import;
beforeAll(async () => {
  process.env.DESTINATION_GITLAB_URL = DESTINATION;
  large = await storeImport(7, { status: 'started', requested: 1_000, children: 9_000 });
  await putOpenImport(large.id);
  const counts = countsOf({ source: 5, fetched: 5, imported: 5 });
  for (const [status, id, count] of [
    ['finished', 10_000, 6_000],
    ['created', 20_000, 3_989],
    ['started', 30_000, 9],
    ['failed', 40_000, 2],
  ] as const) {
    const entity = await storeEntity(large, { id, status });
    await setRelationCounts(entity, 'labels', counts);
    const first = await storeEntity(large, { id: id + 1, status });
    await storeCopies(first, count - 2);
  }
});

it('of an import with 10,000 groups what is worked on is read, and the others are counted by their keys', async () => {
  const { requests, items, units } = { ...table().read };
  const { open } = await readProgress();

  expect(open[0]).toMatchObject({
    id: large.id,
    statuses: { finished: 6_000, created: 3_989, started: 9, failed: 2 },
    hasMoreRecords: true,
  });
  const shown = open[0]?.entities.map(({ id }) => id) ?? [];
  expect(shown).toHaveLength(200);
  expect(shown.slice(0, 9)).toEqual(Array.from({ length: 9 }, (_, index) => 30_000 + index));
  expect(shown).toContain(40_000);
  // 10,000 groups are 10 MB, 2,500 units.
  expect(table().read.units - units).toBeLessThan(500);
  expect(table().read.requests - requests).toBeLessThan(30);
  expect(table().read.items - items).toBeLessThan(10_300);
});

it('an import with few groups is read whole, and its records are counted over all of them', async () => {
  const small = await storeImport(7, { status: 'started', requested: 250 });
  await putOpenImport(small.id);
  const entity = await storeEntity(small, { status: 'finished' });
  await setRelationCounts(entity, 'labels', countsOf({ source: 5, fetched: 5, imported: 5 }));
  await storeCopies(entity, 249);

  const { open } = await readProgress();

  expect(open[0]).toMatchObject({ id: small.id, statuses: { finished: 250 }, hasMoreRecords: false });
  expect(open[0]?.entities).toHaveLength(200);
});

it('the pace of an import of which not all is read is that of the groups that have ended last', async () => {
  const totals = {
    changes: { create: 0, update: 0, unchanged: 0, skip: 0, blocked: 0, unknown: 0 },
    writes: 0,
    emails: 0,
    users: { mapped: 0, matched: 0, unmatched: 0 },
    notMigrated: {},
    limit: 0,
    groups: { count: 340, records: 1_700 },
  };
  const plan = await storeImport(7, { kind: 'plan', requested: 340, totals });
  const record = await storeImport(7, { status: 'started', requested: 340, planId: plan.id });
  await putOpenImport(record.id);
  const created = await storeEntity(record, { id: 50_000 });
  await startRun(created);
  await setRelationCounts(created, 'labels', countsOf({ source: 5, fetched: 5, imported: 5 }));
  const entity = await moveEntity(created, 'finished');
  await storeCopies(entity as Entity, 89);
  const inTwoMinutes = new Date(Date.parse(entity?.updatedAt ?? '') + 120_000);

  const { open } = await readProgress(inTwoMinutes, { ...PROGRESS_LIMITS, wholeImport: 10, entities: 20 });

  expect(open[0]?.entities).toHaveLength(20);
  // Of 90 the last 50, in two minutes; 250 are left.
  expect(open[0]?.pace).toMatchObject({ left: 600_000, hasProjects: false });
});
