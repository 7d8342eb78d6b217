import { beforeAll, describe, expect, it } from 'vitest';
import { type Condition, statusIsOneOf } from '../../lambdas/store/conditions.ts';
import type { Item } from '../../lambdas/store/item.ts';
import { LIST_INDEX, STATUS_INDEX } from '../../lambdas/store/keys.ts';
import { deleteItem, getItem, getItems, putNewItem } from '../../lambdas/store/table.ts';
import { countItems, queryItems } from '../../lambdas/store/table-queries.ts';
import { type Update, updateItem } from '../../lambdas/store/table-updates.ts';
import { standInForTable } from '../support/table/table-in-memory.ts';
import { startTestTable } from '../support/table/test-table.ts';

/*
 * Pipelines and the workflow are tested on a table in memory, for its speed. That it does what DynamoDB does is shown
 * here: the same operations one after the other on both, with an engine that nobody here wrote on the other side. What
 * it does not know are DynamoDB's reserved words and limits of size; all other tests of `test/store` are for these.
 */

const A = { pk: 'P', sk: 'A#1' };
const GONE = { pk: 'P', sk: 'never' };

const update = (changes: Update, key = A) =>
  [`updates ${JSON.stringify([key.sk, changes])}`, () => updateItem(key, changes)] as const;
const put = (item: Item) => [`puts ${JSON.stringify(item)}`, () => putNewItem(item)] as const;
const query = (...asked: Parameters<typeof queryItems>) =>
  [`queries ${JSON.stringify(asked)}`, () => queryItems(...asked)] as const;
const count = (...asked: Parameters<typeof countItems>) =>
  [`counts ${JSON.stringify(asked)}`, () => countItems(...asked)] as const;
const get = (key = A) => [`gets ${key.sk}`, () => getItem(key)] as const;
const batch = (...wanted: string[]) =>
  [`gets a batch of ${wanted}`, () => getItems(wanted.map(sk => ({ pk: 'P', sk })))] as const;

/** An update that is done when a condition on `n`, which is 5, and `text`, which is `abc`, holds. */
const when = (expression: string, values: Item = {}, names: Record<string, string> = {}) => {
  const condition: Condition = { expression, names, values };
  return update({ add: { held: 1 }, when: [condition] });
};

const listed = (sk: string, listSk: string) =>
  put({ pk: 'P', sk, listPk: 'LIST', listSk, status: 'created', n: 1 });

const OPERATIONS = [
  // Puts
  put({
    ...A,
    n: 5,
    text: 'abc',
    stats: { labels: { source: 1 } },
    none: null,
    list: [1, { a: 'b' }],
    is: false,
  }),
  put({ ...A, n: 6 }),
  put({ pk: 'P', sk: 'A#2', left: undefined, map: { left: undefined }, empty: '' }),
  put({ pk: 'P', sk: 'B#1', n: 1 }),
  put({ pk: 'Q', sk: 'A#1', n: 1 }),
  get(),
  get({ pk: 'P', sk: 'A#2' }),
  get(GONE),
  // Updates
  update({ set: { text: 'new', 'stats.labels.fetched': 2, 'stats.boards': { source: 0 } } }),
  update({ add: { n: 2, fresh: 3, 'stats.labels.source': 4, 'stats.labels.imported': -1 } }),
  update({ remove: ['list', 'stats.boards', 'never'] }),
  update({ set: { one: 1 }, add: { two: 2 }, remove: ['none'] }),
  update({ set: { text: 'abc', n: 5, object: { a: [null, true] } } }),
  update({ add: { n: 1 }, create: true }, { pk: 'P', sk: 'C#1' }),
  update({ add: { n: 1 }, create: true }, { pk: 'P', sk: 'C#1' }),
  update({ set: { n: 1 } }, GONE),
  update({ set: { 'a-b': 1, 'stats.c d': 2 } }),
  // Updates that DynamoDB refuses
  update({ set: { 'never.inside': 1 } }),
  update({ add: { 'never.inside': 1 } }),
  update({ remove: ['never.inside'] }),
  update({ set: { 'text.inside': 1 } }),
  update({ set: { 'stats.never.inside': 1 }, create: true }, GONE),
  update({ add: { text: 1 } }),
  update({ set: { text: undefined } }),
  update({ set: { n: 1 }, add: { n: 1 } }),
  update({ set: { 'stats.labels': {} }, add: { 'stats.labels.source': 1 } }),
  update({ set: { n: 1 }, when: [{ expression: 'n = :unknown' }] }),
  update({ set: { n: 1 }, when: [{ expression: '#unknown = :n', values: { ':n': 1 } }] }),
  update({ set: { n: 1 }, when: [{ expression: 'n = :n', values: { ':n': 1, ':idle': 1 } }] }),
  update({ set: { n: 1 }, when: [{ expression: 'n = :n', values: { ':n': 1 }, names: { '#idle': 'n' } }] }),
  get(),
  // Conditions
  when('n = :n', { ':n': 5 }),
  when('n = :n', { ':n': '5' }),
  when('#n = :n', { ':n': 4 }, { '#n': 'n' }),
  when('never = :n', { ':n': 5 }),
  when('n < :n', { ':n': 5 }),
  when('n <= :n', { ':n': 5 }),
  when('n > :n', { ':n': 4 }),
  when('n >= :n', { ':n': 6 }),
  when('never < :n', { ':n': 5 }),
  when('n <> :n', { ':n': 5 }),
  when('n <> :n', { ':n': 6 }),
  when('#is = :no', { ':no': false }, { '#is': 'is' }),
  when('#none = :null', { ':null': null }, { '#none': 'none' }),
  when('n BETWEEN :low AND :high', { ':low': 5, ':high': 9 }),
  when('n BETWEEN :low AND :high', { ':low': 6, ':high': 9 }),
  when('n BETWEEN :low AND :high AND held > :zero', { ':low': 1, ':high': 5, ':zero': 0 }),
  when('never BETWEEN :low AND :high', { ':low': 1, ':high': 5 }),
  when('n IN (:a, :b)', { ':a': 1, ':b': 5 }),
  when('n IN (:a)', { ':a': 1 }),
  when('never IN (:a)', { ':a': 1 }),
  when('attribute_not_exists(never)'),
  when('attribute_not_exists(n)'),
  when('attribute_exists(stats.labels.#source)', {}, { '#source': 'source' }),
  when('attribute_exists(stats.never.absent)'),
  when('begins_with(#text, :ab)', { ':ab': 'ab' }, { '#text': 'text' }),
  when('begins_with(#text, :b)', { ':b': 'b' }, { '#text': 'text' }),
  when('begins_with(never, :b)', { ':b': '' }),
  when('attribute_not_exists(never) OR never < :n', { ':n': 1 }),
  when('attribute_not_exists(n) OR n < :n', { ':n': 5 }),
  when('attribute_not_exists(n) OR n < :n', { ':n': 6 }),
  when('n = :no AND n = :no OR n = :n', { ':no': 1, ':n': 5 }),
  when('n = :no AND (n = :no OR n = :n)', { ':no': 1, ':n': 5 }),
  when('stats.labels.#source = :n', { ':n': 5 }, { '#source': 'source' }),
  update({ set: { status: 'started' }, when: [statusIsOneOf(['created'])] }),
  update({ set: { status: 'created' } }),
  update({ set: { status: 'started' }, when: [statusIsOneOf(['created', 'started'])] }),
  update({ set: { status: 'finished' }, when: [statusIsOneOf(['created'])] }),
  update({
    set: { status: 'finished' },
    when: [statusIsOneOf(['started']), { expression: 'n = :n', values: { ':n': 5 } }],
  }),
  update({ set: { n: 1 }, when: [{ expression: 'attribute_not_exists(n)' }], create: true }, GONE),
  update({ set: { n: 1 }, when: [{ expression: 'attribute_not_exists(n)' }], create: true }, GONE),
  get(),
  // Queries
  query('P'),
  query('P', { descending: true }),
  query('P', { limit: 2 }),
  query('P', { limit: 99, descending: true }),
  query('P', { beginsWith: 'A#' }),
  query('P', { beginsWith: 'A#', descending: true, limit: 1 }),
  query('P', { beginsWith: 'Z' }),
  query('never'),
  query('P', { attributes: ['sk', 'text', 'status', 'never'] }),
  query('P', { attributes: ['n'], beginsWith: 'A', limit: 1 }),
  // Indexes, which have keys only and not every item
  listed('I#1', '2'),
  listed('I#2', '10'),
  listed('I#3', '1'),
  put({ pk: 'P', sk: 'I#4', listPk: 'OTHER', listSk: '1' }),
  put({ pk: 'P', sk: 'I#5', listPk: 'LIST' }),
  query('LIST', { index: LIST_INDEX }),
  query('LIST', { index: LIST_INDEX, descending: true, limit: 2 }),
  query('LIST', { index: LIST_INDEX, beginsWith: '1' }),
  query('LIST', { index: LIST_INDEX, between: ['1', '2'] }),
  query('LIST', { index: LIST_INDEX, between: ['1', '2'], descending: true, pageSize: 1 }),
  query('P', { between: ['A#1', 'A#2'] }),
  query('P', { between: ['A#1', 'A#2'], limit: 1 }),
  count('LIST', { index: LIST_INDEX }),
  count('LIST', { index: LIST_INDEX, between: ['2', '3'], limit: 1 }),
  count('P', { beginsWith: 'A', descending: true }),
  query('created', { index: STATUS_INDEX }),
  update({ set: { listSk: '9', statusPk: 'done', statusSk: '1' } }, { pk: 'P', sk: 'I#3' }),
  update({ remove: ['listPk'] }, { pk: 'P', sk: 'I#1' }),
  query('LIST', { index: LIST_INDEX }),
  query('done', { index: STATUS_INDEX }),
  // Batches and deletions
  batch('B#1', 'A#1', 'absent', 'A#2'),
  batch('A#1', 'A#1'),
  ['deletes an item', () => deleteItem({ pk: 'P', sk: 'B#1' })] as const,
  ['deletes nothing', () => deleteItem({ pk: 'P', sk: 'B#1' })] as const,
  query('P'),
  query('Q'),
];

/** What each operation gives, or the name of its error. */
async function outcomes(): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const [, act] of OPERATIONS) all.push(await act().catch(error => (error as Error).name));
  return all;
}

let dynamo: unknown[];
let memory: unknown[];
beforeAll(async () => {
  const { stop } = await startTestTable();
  dynamo = await outcomes();
  await stop();
  const { restore } = standInForTable();
  memory = await outcomes();
  restore();
});

describe('the table in memory does what DynamoDB does when it', () => {
  it.each(OPERATIONS.map(([title], index) => [index + 1, title] as const))('%i. %s', number => {
    expect(memory[number - 1]).toStrictEqual(dynamo[number - 1]);
  });
});

it('operations of all kinds are done, refused and not possible', () => {
  const kindOf = (outcome: unknown) =>
    outcome === 'StoreError' ? 'not possible' : (outcome as { applied?: boolean } | undefined)?.applied;

  const kinds = dynamo.map(kindOf);

  expect(kinds.filter(kind => kind === 'not possible').length).toBeGreaterThan(12);
  expect(kinds.filter(kind => kind === true).length).toBeGreaterThan(20);
  expect(kinds.filter(kind => kind === false).length).toBeGreaterThan(20);
});
