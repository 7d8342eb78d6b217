import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { takeIds } from '../../lambdas/store/counters.ts';
import { createEntity } from '../../lambdas/store/entities.ts';
import type { Import } from '../../lambdas/store/imports.ts';
import { keys, padId } from '../../lambdas/store/keys.ts';
import { forgetTotals } from '../../lambdas/store/list-totals.ts';
import { TOKENS } from '../support/service/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service/service.ts';
import { newEntity } from '../support/table/records.ts';
import { storeCopies, storeEntity, storeImport } from '../support/table/stored-records.ts';
import type { TableInMemory } from '../support/table/table-in-memory.ts';

/*
 * A page costs a page, however long its list is. What is counted here is what DynamoDB looks at for it, which is what
 * it charges for and what takes the time.
 */

const FEW = 100;
const MANY = 10_000;

let service: TestService;
let table: TableInMemory;
/** Imports with few entities and with many; of the second one most are subgroups. */
let small: Import;
let large: Import;
let lastId: number;

beforeAll(async () => {
  service = await startService();
  table = service.table as TableInMemory;
  const [dora = 0, otto = 0] =
    service.destination.group('imported')?.members.map(member => member.userId) ?? [];
  small = await storeImport(dora, { status: 'started', requested: FEW });
  await storeCopies(await storeEntity(small), FEW - 1);
  large = await storeImport(otto, { status: 'started', requested: FEW, children: MANY - FEW });
  const first = await storeEntity(large, { id: 1_000_000 });
  await storeCopies(first, MANY - 1);
  lastId = first.id + MANY - 1;
  await copyImport(small, FEW - 1);
  await copyImport(large, MANY - 1);
});

afterEach(() => {
  table.indexLag = 0;
});

/** Writes copies of an import under ids of their own. */
async function copyImport(record: Import, count: number): Promise<void> {
  const { pk, sk } = keys.import(record.id);
  const item = table.items.get(`${pk}|${sk}`);
  const from = await takeIds('IMPORT', count);
  for (let id = from; id < from + count; id++) {
    table.put({ ...item, ...keys.import(id), id, listSk: padId(id), statusSk: padId(id) }, {});
  }
}

interface Cost {
  requests: number;
  items: number;
  units: number;
}

/** What a request reads, and its total. */
async function costOf(path: string, token: string): Promise<Cost & { total: string | null; ids: number[] }> {
  const { requests, items, units } = { ...table.read };
  const { status, headers, body } = await service.api.call('GET', path, { token });
  expect(status).toBe(200);
  const { read } = table;
  return {
    requests: read.requests - requests,
    items: read.items - items,
    units: read.units - units,
    total: headers.get('x-total'),
    ids: (body as { id: number }[]).map(({ id }) => id),
  };
}

describe('a page of the entities of an import', () => {
  const of = (record: Import, query: string) =>
    costOf(`/bulk_imports/${record.id}/entities${query}`, record === small ? TOKENS.dora : TOKENS.otto);

  it.each(['', '?sort=desc', '?per_page=100', '?page=2', '?page=2&sort=desc'])(
    'costs with 10,000 what it costs with 100: %s',
    async query => {
      const few = await of(small, query);
      const many = await of(large, query);

      expect([few.total, many.total]).toEqual([String(FEW), String(MANY)]);
      expect(many.requests).toBeLessThanOrEqual(few.requests);
      expect(many.items).toBeLessThanOrEqual(few.items);
      expect(many.units).toBeLessThanOrEqual(1.5 * few.units);
    },
  );

  it.each([
    ['?page=100&per_page=100', lastId => lastId - 99],
    ['?page=51&per_page=100', lastId => lastId - 4_999],
  ] as [string, (last: number) => number][])('deep in the list walks keys: %s', async (query, firstOf) => {
    const { ids, units, total } = await of(large, query);

    expect([ids.length, ids[0], total]).toEqual([100, firstOf(lastId), String(MANY)]);
    // 10,000 entities have some 10 MB, 2,500 units; their keys 2.
    expect(units).toBeLessThan(350);
  });

  it('behind its end is empty, and the list has as many as there are', async () => {
    expect(await of(large, '?page=101&per_page=100')).toMatchObject({ ids: [], total: String(MANY) });
    expect(await of(small, '?page=3&per_page=50')).toMatchObject({ ids: [], total: String(FEW) });
  });

  it.each(['created', 'started'])('with the status %s reads no entity but its own', async status => {
    const { ids, units, total } = await of(large, `?status=${status}`);

    const isAll = status === 'created';
    expect([ids.length, total]).toEqual(isAll ? [20, String(MANY)] : [0, '0']);
    expect(units).toBeLessThan(isAll ? 350 : 10);
  });

  it('tells the true total at its end when a crash has counted a subgroup twice', async () => {
    const twice = await storeImport(small.userId, { status: 'started', requested: 1, children: 3 });
    const first = await storeEntity(twice);
    await storeCopies(first, 2);

    expect((await costOf(`/bulk_imports/${twice.id}/entities?per_page=2`, TOKENS.dora)).total).toBe('4');
    expect((await costOf(`/bulk_imports/${twice.id}/entities?per_page=2&page=2`, TOKENS.dora)).total).toBe(
      '3',
    );
    expect((await costOf(`/bulk_imports/${twice.id}/entities`, TOKENS.dora)).total).toBe('3');
  });

  it('is not missing what an index does not have yet, from whichever end it is read', async () => {
    const fresh = await storeImport(small.userId, { status: 'started', requested: 6 });
    table.indexLag = 2;
    const wanted = [];
    for (let index = 0; index < 6; index++) {
      const entity = newEntity({ ...fresh, id: lastId + 10 + index, importId: fresh.id });
      await createEntity(entity);
      wanted.push(entity.id);
    }

    for (const sort of ['asc', 'desc']) {
      const found = [];
      for (let page = 1; page <= 3; page++) {
        const query = `?sort=${sort}&per_page=2&page=${page}`;
        found.push(...(await costOf(`/bulk_imports/${fresh.id}/entities${query}`, TOKENS.dora)).ids);
      }
      expect(found).toEqual(sort === 'asc' ? wanted : wanted.toReversed());
    }
  });
});

describe("a page of a user's list", () => {
  const of = (list: string, token: string) => costOf(list, token);

  it.each([
    ['/bulk_imports', 2],
    ['/bulk_imports?sort=asc', 2],
    ['/bulk_imports?page=2', 2],
    ['/bulk_imports/entities', 2],
  ])(
    'costs with 10,000 at most twice what it costs with 100, once the list is counted: %s',
    async (list, most) => {
      forgetTotals();
      const cold = await of(list, TOKENS.otto);
      const few = await of(list, TOKENS.dora);
      const many = await of(list, TOKENS.otto);

      expect([cold.total, many.total]).toEqual([String(MANY), String(MANY)]);
      expect(many.requests).toBeLessThanOrEqual(few.requests);
      expect(many.units).toBeLessThanOrEqual(most * few.units);
      // Keys only, 32 to a unit.
      expect(cold.units).toBeLessThan(350);
    },
  );

  it('counts what is new since then', async () => {
    const before = Number((await of('/bulk_imports', TOKENS.dora)).total);
    for (const added of [150, 300]) {
      for (let index = 0; index < 150; index++) await storeImport(small.userId);

      expect((await of('/bulk_imports', TOKENS.dora)).total).toBe(String(before + added));
    }
    expect((await of('/bulk_imports?status=created', TOKENS.dora)).total).toBe('300');
  });

  it('has no total above 10,000', async () => {
    await storeImport(large.userId);

    expect((await of('/bulk_imports', TOKENS.otto)).total).toBeNull();
    expect((await of('/bulk_imports?page=101&per_page=100', TOKENS.otto)).ids).toHaveLength(1);
  });
});
