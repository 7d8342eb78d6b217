import { afterAll, beforeAll, expect, it } from 'vitest';
import { LIST_INDEX } from '../../lambdas/store/keys.ts';
import { putNewItem } from '../../lambdas/store/table.ts';
import { queryItems } from '../../lambdas/store/table-queries.ts';
import type { LocalTable } from '../../lib/local/local-table.ts';
import { useProgressServer } from '../support/service/progress-server.ts';
import { storeEntity, storeImport } from '../support/table/stored-records.ts';
import { startTestTable } from '../support/table/test-table.ts';

let table: LocalTable;
let stop: () => Promise<void>;
beforeAll(async () => {
  ({ table, stop } = await startTestTable());
});
afterAll(() => stop());
const pageUrl = useProgressServer();

const LIST = { name: LIST_INDEX.name, pk: LIST_INDEX.pk, sk: LIST_INDEX.sk };

it.each([
  ['read to its end', {}],
  ['that stops before its end', { limit: 3 }],
  ['that stops at its end', { limit: 20 }],
  ['from the end', { descending: true, limit: 3 }],
  ['of a part', { beginsWith: 'a1' }],
  ['of nothing', { beginsWith: 'z' }],
  ['of an index', { index: LIST, limit: 3 }],
])('a query %s leaves no iterator of the database open', async (_, options) => {
  for (let n = 0; n < 20; n++) {
    await putNewItem({ pk: 'p', sk: `a${n}`, [LIST.pk]: 'p', [LIST.sk]: `a${n}` });
  }

  for (let n = 0; n < 5; n++) await queryItems('p', options);

  expect(table.openIterators).toBe(0);
});

it('views of the progress page leave no iterator of the database open', async () => {
  const record = await storeImport(1, { status: 'started' });
  for (let n = 0; n < 3; n++) await storeEntity(record);

  for (let n = 0; n < 10; n++) expect((await fetch(`${pageUrl()}/progress`)).status).toBe(200);

  expect(table.openIterators).toBe(0);
});
