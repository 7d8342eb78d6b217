import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIST_INDEX, STATUS_INDEX } from '../../lambdas/store/keys.ts';
import { getItem, getItems, putNewItem } from '../../lambdas/store/table.ts';
import { queryItems } from '../../lambdas/store/table-queries.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import { countTableRequests, type TableWork } from '../../lib/bench/table-counter.ts';
import { startTestTable } from '../support/table/test-table.ts';

let workSoFar: () => TableWork;
let before: TableWork;

beforeAll(async () => {
  await startTestTable();
  workSoFar = countTableRequests(1);
});

beforeEach(() => {
  before = workSoFar();
});

/** What was counted since the test, or the last call, began. */
function work(): TableWork {
  const [from, to] = [before, workSoFar()];
  before = to;
  return {
    ...{ writes: to.writes - from.writes, writeUnits: to.writeUnits - from.writeUnits },
    ...{ reads: to.reads - from.reads, readUnits: to.readUnits - from.readUnits },
  };
}

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

    expect(work()).toEqual({ writes: 1, writeUnits: 5, reads: 1, readUnits: 2 });
  });

  it('bills a write for each index that an item comes into', async () => {
    await putNewItem({ pk: 'P', sk: 'listed', ...indexKeys });

    expect(work()).toMatchObject({ writes: 1, writeUnits: 1 + 2 });
  });

  it('bills two writes of an index for an item whose key in it changes, and none for others', async () => {
    const key = { pk: 'P', sk: 'changed' };
    await putNewItem({ ...key, ...indexKeys });
    work();

    await updateItem(key, { set: { text: 'new' } });
    expect(work()).toMatchObject({ writes: 1, writeUnits: 1 });

    await updateItem(key, { set: { [STATUS_INDEX.pk]: 'finished' } });
    expect(work()).toMatchObject({ writes: 1, writeUnits: 1 + 2 });
  });

  it('bills a write whose condition fails', async () => {
    const item = { pk: 'P', sk: 'taken' };
    await putNewItem(item);
    await putNewItem(item);

    expect(work()).toMatchObject({ writes: 2, writeUnits: 2 });
  });

  it('counts a batch and a query as one request each', async () => {
    await putNewItem({ pk: 'Q', sk: '1' });
    await putNewItem({ pk: 'Q', sk: '2' });

    await getItems([
      { pk: 'Q', sk: '1' },
      { pk: 'Q', sk: '2' },
    ]);
    expect(work()).toMatchObject({ reads: 1, readUnits: 2 });

    await queryItems('Q');
    expect(work()).toMatchObject({ reads: 1, readUnits: 1 });
  });

  it('takes the units of a sample for those of all', async () => {
    const sampled = countTableRequests(Number.POSITIVE_INFINITY);

    await putNewItem({ pk: 'S', sk: '1', text: 'x'.repeat(5_000) });
    await putNewItem({ pk: 'S', sk: '2' });

    expect(sampled()).toMatchObject({ writes: 2, writeUnits: 2 * 5 });
  });
});
