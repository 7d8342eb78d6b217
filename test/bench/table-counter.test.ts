import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIST_INDEX, STATUS_INDEX } from '../../lambdas/store/keys.ts';
import { getItem, getItems, putNewItem, queryItems, updateItem } from '../../lambdas/store/table.ts';
import { countTableRequests, type TableWork } from '../../lib/bench/table-counter.ts';
import { startTestTable } from '../support/test-table.ts';

let work: TableWork;

beforeAll(async () => {
  await startTestTable();
  work = countTableRequests();
});

beforeEach(() => {
  Object.assign(work, { writes: 0, reads: 0, writeUnits: 0, readUnits: 0 });
});

const indexKeys = {
  [LIST_INDEX.pk]: 'list',
  [LIST_INDEX.sk]: '1',
  [STATUS_INDEX.pk]: 'started',
  [STATUS_INDEX.sk]: '1',
};

describe('the count of requests to the table', () => {
  it('bills a write for each KiB of an item, and a read for each 4 KiB', async () => {
    const key = { pk: 'P', sk: 'large' };
    await putNewItem({ ...key, text: 'x'.repeat(5_000) });
    await getItem(key);

    expect(work).toEqual({ writes: 1, writeUnits: 5, reads: 1, readUnits: 2 });
  });

  it('bills a write for each index that an item comes into', async () => {
    await putNewItem({ pk: 'P', sk: 'listed', ...indexKeys });

    expect(work).toMatchObject({ writes: 1, writeUnits: 1 + 2 });
  });

  it('bills two writes of an index for an item whose key in it changes, and none for others', async () => {
    const key = { pk: 'P', sk: 'changed' };
    await putNewItem({ ...key, ...indexKeys });
    Object.assign(work, { writes: 0, writeUnits: 0 });

    await updateItem(key, { set: { text: 'new' } });
    expect(work).toMatchObject({ writes: 1, writeUnits: 1 });

    await updateItem(key, { set: { [STATUS_INDEX.pk]: 'finished' } });
    expect(work).toMatchObject({ writes: 2, writeUnits: 2 + 2 });
  });

  it('bills a write whose condition fails', async () => {
    const item = { pk: 'P', sk: 'taken' };
    await putNewItem(item);
    await putNewItem(item);

    expect(work).toMatchObject({ writes: 2, writeUnits: 2 });
  });

  it('counts a batch and a query as one request each', async () => {
    await putNewItem({ pk: 'Q', sk: '1' });
    await putNewItem({ pk: 'Q', sk: '2' });

    await getItems([
      { pk: 'Q', sk: '1' },
      { pk: 'Q', sk: '2' },
    ]);
    expect(work).toMatchObject({ reads: 1, readUnits: 2 });

    await queryItems('Q');
    expect(work).toMatchObject({ reads: 2, readUnits: 3 });
  });
});
