import { BatchGetCommand, DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { StoreBusyError, StoreError } from '../../lambdas/domain/store-errors.ts';
import { time } from '../../lambdas/platform/time.ts';
import { statusIsOneOf } from '../../lambdas/store/conditions.ts';
import { getItem, getItems, putNewItem } from '../../lambdas/store/table.ts';
import { queryItems } from '../../lambdas/store/table-queries.ts';
import { changeItem, updateItem } from '../../lambdas/store/table-updates.ts';
import { newId } from '../support/table/new-id.ts';
import { useTestTable } from '../support/table/test-table.ts';
import { mockedClient } from '../support/test-run/mocked-client.ts';

useTestTable();

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => String(index).padStart(4, '0'));

/** Items of one partition with these sort keys. */
async function fill(sortKeys: string[], attributes: Record<string, unknown> = {}): Promise<string> {
  const pk = `TEST#${newId()}`;
  await Promise.all(sortKeys.map(sk => putNewItem({ pk, sk, ...attributes })));
  return pk;
}

describe('a query', () => {
  it('reads on where DynamoDB stops after a megabyte', async () => {
    const pk = await fill(numbered(12), { text: 'x'.repeat(200_000) });

    const items = await queryItems(pk);
    const first = await queryItems(pk, { limit: 8 });
    const last = await queryItems(pk, { limit: 8, descending: true });

    expect(items.map(({ sk }) => sk)).toEqual(numbered(12));
    expect(first.map(({ sk }) => sk)).toEqual(numbered(8));
    expect(last.map(({ sk }) => sk)).toEqual(numbered(12).reverse().slice(0, 8));
  });

  it('reads a prefix and only the attributes asked for', async () => {
    const pk = await fill(['A#1', 'A#2', 'AB', 'B#1'], { status: 'created', other: 1 });

    const items = await queryItems(pk, { beginsWith: 'A#', attributes: ['sk', 'status'] });

    expect(items).toEqual([
      { sk: 'A#1', status: 'created' },
      { sk: 'A#2', status: 'created' },
    ]);
  });
});

describe('a batch', () => {
  it('has as many items as it likes, in the order of the keys, without those that are not there', async () => {
    const wanted = numbered(205).reverse();
    const pk = await fill(wanted.filter(sk => sk !== '0100'));

    const items = await getItems(wanted.map(sk => ({ pk, sk })));

    expect(items.map(({ sk }) => sk)).toEqual(wanted.filter(sk => sk !== '0100'));
  });

  it('asks again for what DynamoDB left over', async () => {
    vi.stubEnv('TABLE_NAME', 'any');
    const keys = ['1', '2', '3'].map(sk => ({ pk: 'P', sk }));
    const client = mockedClient(DynamoDBDocumentClient);
    client
      .on(BatchGetCommand)
      .resolvesOnce({
        Responses: { any: keys.slice(2) },
        UnprocessedKeys: { any: { Keys: keys.slice(0, 2) } },
      })
      .resolves({ Responses: { any: keys.slice(0, 2) } });

    const items = await getItems(keys, client as unknown as DynamoDBDocumentClient);

    expect(items).toEqual(keys);
    expect(client.commandCalls(BatchGetCommand)).toHaveLength(2);
    client.restore();
  });

  it('is given up after a few longer and longer pauses when DynamoDB leaves everything over', async () => {
    vi.stubEnv('TABLE_NAME', 'any');
    vi.spyOn(Math, 'random').mockReturnValue(0.999);
    const pause = vi.spyOn(time, 'pause').mockResolvedValue();
    const client = mockedClient(DynamoDBDocumentClient);
    let requests = 0;
    client.on(BatchGetCommand).callsFake(({ RequestItems }) => {
      requests += 1;
      if (requests > 1_000) throw new Error('This is a hot loop.');
      return { UnprocessedKeys: RequestItems };
    });

    const read = getItems([{ pk: 'P', sk: '1' }], client as unknown as DynamoDBDocumentClient);

    await expect(read).rejects.toThrow(StoreBusyError);
    expect(requests).toBe(6);
    const pauses = pause.mock.calls.map(([ms]) => Math.round(ms));
    expect(pauses).toEqual([50, 100, 200, 400, 799]);
    client.restore();
  });

  it('that comes in parts is read to its end, however many parts there are', async () => {
    vi.stubEnv('TABLE_NAME', 'any');
    vi.spyOn(time, 'pause').mockResolvedValue();
    const client = mockedClient(DynamoDBDocumentClient);
    client.on(BatchGetCommand).callsFake(({ RequestItems }) => {
      const [first, ...left] = RequestItems.any.Keys;
      return { Responses: { any: [first] }, UnprocessedKeys: { any: { Keys: left } } };
    });
    const keys = numbered(20).map(sk => ({ pk: 'P', sk }));

    expect(await getItems(keys, client as unknown as DynamoDBDocumentClient)).toEqual(keys);
    client.restore();
  });
});

describe('an update', () => {
  it('changes nothing and makes nothing when a condition does not hold', async () => {
    const key = { pk: await fill(['1'], { number: 1 }), sk: '1' };
    const isTwo = { expression: '#number = :two', names: { '#number': 'number' }, values: { ':two': 2 } };

    const results = [
      await updateItem(key, { set: { text: 'new' }, when: [isTwo] }),
      await updateItem({ ...key, sk: '2' }, { set: { text: 'new' } }),
    ];

    expect(results).toEqual([{ applied: false }, { applied: false }]);
    expect(await queryItems(key.pk)).toEqual([{ ...key, number: 1 }]);
  });

  it('sets, adds and removes in one write, and returns the item after it', async () => {
    const key = { pk: await fill(['1'], { old: 1, stats: { labels: 1 } }), sk: '1' };

    const result = await updateItem(key, {
      set: { status: 'done', 'stats.boards': 2 },
      add: { count: 5 },
      remove: ['old'],
    });

    const item = { ...key, status: 'done', stats: { labels: 1, boards: 2 }, count: 5 };
    expect(result).toEqual({ applied: true, item });
    expect(await getItem(key)).toEqual(item);
  });

  it('says whether it was done, for whoever does not look at the item', async () => {
    const key = { pk: await fill(['1'], { number: 1 }), sk: '1' };
    const isTwo = { expression: '#number = :two', names: { '#number': 'number' }, values: { ':two': 2 } };

    const results = [
      await changeItem(key, { set: { number: 2 } }),
      await changeItem(key, { set: { number: 3 }, when: [isTwo] }),
      await changeItem(key, { set: { number: 4 }, when: [isTwo] }),
      await changeItem({ ...key, sk: '2' }, { set: { number: 5 } }),
    ];

    expect(results).toEqual([true, true, false, false]);
    expect(await queryItems(key.pk)).toEqual([{ ...key, number: 3 }]);
  });

  it('is done only if all conditions hold, also those with an OR', async () => {
    const key = { pk: await fill(['1'], { number: 1 }), sk: '1' };
    const either = {
      expression: '#number = :one OR #number = :two',
      names: { '#number': 'number' },
      values: { ':one': 1, ':two': 2 },
    };
    const isDone = { expression: '#done = :yes', names: { '#done': 'done' }, values: { ':yes': true } };

    expect(await changeItem(key, { set: { number: 3 }, when: [either, isDone] })).toBe(false);
    expect(await changeItem(key, { set: { number: 3 }, when: [isDone, either] })).toBe(false);
  });

  it.each(['created', 'started'] as const)(
    'makes no item of the status that it asks for (%s)',
    async status => {
      const key = { pk: `TEST#${newId()}`, sk: '1' };

      expect(await changeItem(key, { set: { status }, when: [statusIsOneOf([status])] })).toBe(false);
      expect(await getItem(key)).toBeUndefined();
    },
  );

  it('makes an absent item where that was asked for', async () => {
    const key = { pk: `TEST#${newId()}`, sk: '1' };

    const result = await updateItem(key, { add: { count: 1 }, create: true });

    expect(result).toEqual({ applied: true, item: { ...key, count: 1 } });
  });
});

describe('a table that cannot be used', () => {
  it.each<[string, () => Promise<unknown>]>([
    ['read', () => getItem({ pk: 'a', sk: 'b' })],
    ['batch', () => getItems([{ pk: 'a', sk: 'b' }])],
    ['query', () => queryItems('a')],
    ['put', () => putNewItem({ pk: 'a', sk: 'b' })],
    ['update', () => updateItem({ pk: 'a', sk: 'b' }, { set: { c: 1 } })],
  ])('makes a StoreError of a %s', async (_, use) => {
    vi.stubEnv('TABLE_NAME', 'no-such-table');

    await expect(use()).rejects.toThrow(StoreError);
    await expect(use()).rejects.toThrow(/^The table could not be used: /);
  });

  it.each<[string, Record<string, unknown>, boolean]>([
    ['ProvisionedThroughputExceededException', {}, true],
    ['ThrottlingException', {}, true],
    ['RequestLimitExceeded', {}, true],
    ['InternalServerError', {}, true],
    ['Error', { $metadata: { httpStatusCode: 503 } }, true],
    ['Error', { code: 'ECONNREFUSED' }, true],
    ['TimeoutError', {}, true],
    ['AccessDeniedException', { $metadata: { httpStatusCode: 400 } }, false],
    ['ResourceNotFoundException', { $metadata: { httpStatusCode: 400 } }, false],
    ['ValidationException', { $metadata: { httpStatusCode: 400 } }, false],
  ])('after %s %j: whether that passes is %s', async (name, properties, passes) => {
    const client = mockedClient(DynamoDBDocumentClient);
    client.on(GetCommand).rejects(Object.assign(new Error('no'), { name, ...properties }));

    const read = getItem({ pk: 'a', sk: 'b' }, client as unknown as DynamoDBDocumentClient);

    await expect(read).rejects.toMatchObject({ name: passes ? 'StoreBusyError' : 'StoreError' });
    client.restore();
  });

  it('is the cause of the error', async () => {
    const cause = new Error('no route');
    const client = mockedClient(DynamoDBDocumentClient);
    client.on(GetCommand).rejects(cause);

    const read = getItem({ pk: 'a', sk: 'b' }, client as unknown as DynamoDBDocumentClient);

    await expect(read).rejects.toMatchObject({ name: 'StoreError', cause });
    client.restore();
  });
});
