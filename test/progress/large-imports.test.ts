import { beforeAll, expect, it } from 'vitest';
import { readProgress } from '../../lambdas/progress/read.ts';
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
