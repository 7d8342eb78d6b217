import { describe, expect, it } from 'vitest';
import type { Page } from '../../lambdas/gitlab/client.ts';
import { NOTHING_COUNTED } from '../../lambdas/store/counts.ts';
import { singleLabels as labels } from '../support/gitlab/single-labels.ts';
import { ACME, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { setTracker } from '../support/table/entity-records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

type Label = Awaited<ReturnType<typeof labels.read>>['records'][number];

const label = (name: string) => ({ name, color: '#123456' }) as Label;
const named = (...names: string[]) => names.map(label);

/** The labels pipeline at a source with these pages by their cursors. */
async function startPages(pageAt: (cursor: string | null) => Page<Label>) {
  const bench = await startBench();
  bench.addPair({});
  const migration = await bench.migration('labels', ACME);
  const read: (string | null)[] = [];
  const loaded: string[] = [];
  const handler = handlerOf({
    ...labels,
    async read(_, cursor) {
      read.push(cursor);
      if (read.length > 50) throw new Error('it does not end');
      return pageAt(cursor);
    },
    async create({ name }) {
      loaded.push(name);
    },
  });
  return { migration, handler, read, loaded };
}

describe('a list without an end', () => {
  it.each<[string, string, (cursor: string | null) => Page<Label>, number]>([
    [
      'whose next page is itself',
      'the page after a page is one that was read before',
      cursor => ({ records: named(`on ${cursor}`), next: '2' }),
      2,
    ],
    [
      'whose pages go in circles',
      'the page after a page is one that was read before',
      cursor => ({ records: named(`on ${cursor}`), next: cursor === '2' ? '3' : '2' }),
      3,
    ],
    [
      'whose pages all have the same records',
      'a page has the same records as the page before it',
      cursor => ({ records: named('a', 'b'), next: String(Number(cursor ?? 1) + 1) }),
      2,
    ],
    [
      'of empty pages',
      '4 pages in a row are empty',
      cursor => ({ records: [], next: String(Number(cursor ?? 1) + 1) }),
      4,
    ],
  ])('%s ends at once, with a failure that says so', async (_, words, pageAt, pages) => {
    const { migration, handler, read } = await startPages(pageAt);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(read).toHaveLength(pages);
    expect((await migration.tracker()).status).toBe('failed');
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        step: 'extractor',
        exceptionClass: 'BulkImports::PagingError',
        exceptionMessage: expect.stringContaining(words),
      }),
    ]);
    expect((await migration.failures())[0]?.exceptionMessage).toMatch(/ and import again\.$/);
  });

  it('keeps what it has brought, once', async () => {
    const { migration, handler, loaded } = await startPages(() => ({ records: named('a', 'b'), next: '2' }));

    await migration.run(handler);

    expect(loaded).toEqual(['a', 'b']);
    expect((await migration.tracker()).counts).toMatchObject({ fetched: 2, imported: 2 });
  });
});

it('a list with three empty pages in a row is read to its end', async () => {
  const { migration, handler, loaded } = await startPages(cursor => ({
    records: cursor === null || cursor === '5' ? named(`on ${cursor}`) : [],
    next: cursor === '5' ? null : String(Number(cursor ?? 1) + 1),
  }));

  await migration.run(handler);

  expect(loaded).toEqual(['on null', 'on 5']);
  expect((await migration.tracker()).status).toBe('finished');
});

it('a page that has become smaller is gone on with after what is done of it', async () => {
  const pages = new Map<string | null, Page<Label>>([
    [null, { records: named('a', 'b'), next: '2 of 2' }],
    ['2 of 2', { records: named('c', 'd'), next: '3 of 2' }],
    ['3 of 2', { records: named('e'), next: null }],
  ]);
  const { migration, handler, loaded } = await startPages(cursor => pages.get(cursor) as Page<Label>);
  // An earlier run got a page of four, and has dealt with three of them.
  const counts = { ...NOTHING_COUNTED, source: 5, fetched: 3, imported: 3 };
  await setTracker(await migration.entity(), 'labels', { done: 3, counts });

  await migration.run(handler);

  expect(loaded).toEqual(['d', 'e']);
  expect((await migration.tracker()).counts).toMatchObject({ source: 5, fetched: 5, imported: 5 });
  expect(await migration.failures()).toEqual([]);
});
