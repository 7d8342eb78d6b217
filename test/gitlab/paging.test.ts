import { describe, expect, it } from 'vitest';
import * as z from 'zod/mini';
import { PagingError, QueryTooComplexError, TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { nextCursor, readSmallerPages } from '../../lambdas/gitlab/paging.ts';
import { clientFor, errorOf } from '../support/gitlab/gitlab-client.ts';
import { type HttpServer, startListServer } from '../support/network/list-server.ts';

const list = { operation: 'list the labels', path: '/labels', schema: z.array(z.unknown()) };
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const allOf = (server: HttpServer) => clientFor(server.url).client.all(list);

const END =
  'its list has no end. Check the proxies before the source GitLab, and whether its version is supported.';
const ASKED = 'The source GitLab was asked to list the labels, page by page, and';

describe('a list ends', () => {
  it.each([
    ['at an empty X-Next-Page', ['x', 'link']],
    ['at a Link without a next page, where X- headers are stripped', ['link']],
    ['at a page that is not full, where both are stripped', []],
  ] as const)('%s', async (_, headers) => {
    const server = await startListServer(numbers(250), { headers: [...headers] });

    expect(await allOf(server)).toEqual(numbers(250));
    expect(server.requests).toHaveLength(3);
  });

  it('after a last page that is full, where nothing says that it is the last', async () => {
    const server = await startListServer(numbers(200), { headers: [] });

    expect(await allOf(server)).toEqual(numbers(200));
  });

  it('where X-Next-Page says so, although the page is full and a link says otherwise', async () => {
    const link = '<https://gitlab.example/api/v4/labels?page=2>; rel="next"';
    const server = await startListServer(numbers(100), { add: { link } });

    expect(await allOf(server)).toHaveLength(100);
  });

  it('not because of a Link that is about something else', async () => {
    const server = await startListServer(numbers(150), {
      headers: [],
      add: { link: '</style.css>; rel=preload' },
    });

    expect(await allOf(server)).toHaveLength(150);
  });
});

describe('a list without an end is a failure at once', () => {
  it.each([
    ['itself', { 'x-next-page': '1' }],
    ['an earlier one', { 'x-next-page': '0' }],
    ['nothing that is a page', { 'x-next-page': 'two' }],
  ])('when X-Next-Page names %s', async (_, add) => {
    const server = await startListServer(numbers(300), { add });

    const error = (await errorOf(allOf(server))) as Error;

    expect(error).toBeInstanceOf(PagingError);
    expect(error).not.toBeInstanceOf(TemporaryError);
    expect(error.name).toBe('BulkImports::PagingError');
    expect(error.message).toBe(`${ASKED} did not get past the same page: ${END}`);
    expect(server.requests).toHaveLength(1);
  });

  it('when the link to the next page leads to the same one', async () => {
    const server = await startListServer(numbers(300), {
      headers: [],
      add: { link: '<https://gitlab.example/api/v4/labels?per_page=100&page=1>; rel="next"' },
    });

    expect(await errorOf(allOf(server))).toBeInstanceOf(PagingError);
  });

  it.each([['x'], ['link'], []].map(headers => [headers]))(
    'when one page is served under every number, with the headers %j',
    async headers => {
      const server = await startListServer(numbers(300), { headers, onlyPage: 1 });

      const error = (await errorOf(allOf(server))) as Error;

      expect(error).toBeInstanceOf(PagingError);
      expect(error.message).toBe(`${ASKED} sent the same records twice: ${END}`);
      expect(server.requests).toHaveLength(2);
    },
  );

  it('also for a caller that walks by itself, and reads a page again now and then', async () => {
    const server = await startListServer(numbers(300), { headers: [], onlyPage: 1 });
    const { client } = clientFor(server.url);

    const first = await client.page(list, null);
    const again = await client.page(list, null);
    const error = await errorOf(client.page(list, first.next));

    expect(again).toEqual(first);
    expect(error).toBeInstanceOf(PagingError);
  });

  it('but not when another list of the same records is read', async () => {
    const server = await startListServer(numbers(150));
    const { client } = clientFor(server.url);

    expect(await client.all(list)).toHaveLength(150);
    expect(await client.all({ ...list, query: { search: 'a' } })).toHaveLength(150);
    expect(await client.all(list)).toHaveLength(150);
  });

  it('when a GraphQL page has a next one and no new place to find it', () => {
    const asked = { instance: 'source', operation: 'list the members' } as const;
    const next = (endCursor: string | null, sent: string | null) => () =>
      nextCursor(asked, { hasNextPage: true, endCursor }, sent);

    expect(next('b', 'a')()).toBe('b');
    expect(nextCursor(asked, { hasNextPage: false, endCursor: 'a' }, 'a')).toBeNull();
    expect(next(null, null)).toThrow(PagingError);
    expect(next('', 'a')).toThrow(PagingError);
    expect(next('a', 'a')).toThrow(PagingError);
  });
});

describe('records that are too large for one page', () => {
  const options = { maxJsonBytes: 16_000 };
  const large = (count: number, bytes: number) =>
    numbers(count).map(number => ({ number, text: 'x'.repeat(bytes) }));
  const numberOf = (record: unknown) => (record as { number: number }).number;

  it('are read in smaller pages, each exactly once', async () => {
    const server = await startListServer(large(130, 200));

    const records = await clientFor(server.url, options).client.all(list);

    expect(records.map(numberOf)).toEqual(numbers(130));
    expect(server.requests.map(({ url }) => url.replace('/api/v4/labels?', ''))).toEqual([
      'per_page=100&page=1',
      'per_page=50&page=1',
      'per_page=50&page=2',
      'per_page=50&page=3',
    ]);
  });

  it('may begin anywhere: sizes are chosen that lead to the same place', async () => {
    const records = [
      ...large(75, 10),
      ...numbers(30).map(index => ({ number: 75 + index, text: 'x'.repeat(1_700) })),
    ];
    const server = await startListServer(records);
    const { client } = clientFor(server.url, options);

    const page = await client.page(list, '4@25');

    // 75 records in, pages of 10 would begin at 70 or at 80.
    expect(server.requests.map(({ url }) => url.replace('/api/v4/labels?', ''))).toEqual([
      'per_page=25&page=4',
      'per_page=5&page=16',
    ]);
    expect(page.records.map(numberOf)).toEqual([76, 77, 78, 79, 80]);
    expect(page).toMatchObject({ next: '17@5', total: 105 });
    expect((await client.page(list, page.next)).records.map(numberOf)).toEqual([81, 82, 83, 84, 85]);
  });

  it('are a failure when a single one is', async () => {
    const server = await startListServer(large(2, 17_000));

    const error = (await errorOf(clientFor(server.url, options).client.all(list))) as Error;

    expect(error).not.toBeInstanceOf(TemporaryError);
    expect(error.message).toContain('sent too much: its response is larger than 16000 bytes.');
    expect(server.requests.at(-1)?.url).toContain('per_page=1&page=1');
  });

  it('are read in smaller pages by GraphQL as well, also when they are too much to compute', async () => {
    const asked: number[] = [];
    const request = { instance: 'source', method: 'POST' } as const;

    const found = await readSmallerPages(async first => {
      asked.push(first);
      if (first > 25) throw new QueryTooComplexError('too complex', request);
      return first;
    });
    const other = await errorOf(readSmallerPages(() => Promise.reject(new Error('other'))));

    expect(found).toBe(25);
    expect(asked).toEqual([100, 50, 25]);
    expect(other).toEqual(new Error('other'));
  });
});
