import { describe, expect, it } from 'vitest';
import type { ApiEvent } from '../../lambdas/api/request/api-event.ts';
import { pageHeaders, readPage, walkLimit } from '../../lambdas/api/request/pagination.ts';

describe('a page', () => {
  const event = {
    headers: { host: 'service.example', 'x-forwarded-proto': 'https' },
    rawPath: '/api/v4/bulk_imports',
    rawQueryString: '',
  } as unknown as ApiEvent;

  it('counts up to 10,000 records', () => {
    const headers = pageHeaders(10_000, { page: 1, per_page: 100 }, event);

    expect(headers).toMatchObject({ 'x-total': '10000', 'x-total-pages': '100' });
    expect(headers.link).toContain('rel="last"');
  });

  it('leaves out the totals and the last page of more than 10,000 records', () => {
    const headers = pageHeaders(10_001, { page: 2, per_page: 100 }, event);

    expect(Object.keys(headers).sort()).toEqual([
      'link',
      'x-next-page',
      'x-page',
      'x-per-page',
      'x-prev-page',
    ]);
    expect(headers.link.match(/rel="\w+"/g)).toEqual(['rel="prev"', 'rel="next"', 'rel="first"']);
  });

  it('takes the scheme from the proxy and the host from the request', () => {
    const headers = pageHeaders(1, { page: 1, per_page: 20 }, event);

    expect(headers.link).toMatch(/^<https:\/\/service\.example\/api\/v4\/bulk_imports\?page=1&per_page=20>/);
  });

  it('asks for one record more than it counts, or than the page needs', () => {
    expect(walkLimit({ page: 1, per_page: 20 })).toBe(10_001);
    expect(walkLimit({ page: 200, per_page: 1_000 })).toBe(20_001);
  });

  it('never asks for more records than a DynamoDB query can be limited to', () => {
    expect(walkLimit({ page: 99_999_999_999, per_page: 100 })).toBeLessThanOrEqual(2 ** 31 - 1);
  });
});

describe('of a list is read', () => {
  const numbers = (length: number) => Array.from({ length }, (_, index) => index);

  /** A list that keeps how far it was read. */
  function listOf(length: number, counted = length) {
    const limits: number[] = [];
    const first = async (limit: number) => {
      limits.push(limit);
      return numbers(length).slice(0, limit);
    };
    return { limits, first, count: async () => counted };
  }

  it('no further than to see whether anything comes behind it', async () => {
    const list = listOf(250);

    const { page, known } = await readPage({ page: 2, per_page: 20 }, list);

    expect(page).toEqual(numbers(40).slice(20));
    expect(known).toBe(250);
    expect(list.limits).toEqual([41]);
  });

  it('and counted by itself where it ends, whatever the count was a moment ago', async () => {
    expect(await readPage({ page: 1, per_page: 20 }, listOf(7, 3))).toEqual({ page: numbers(7), known: 7 });
    expect((await readPage({ page: 2, per_page: 5 }, listOf(7, 9))).known).toBe(7);
    expect((await readPage({ page: 1, per_page: 5 }, listOf(7, 3))).known).toBe(6);
  });

  it('not at all for a page far behind its end', async () => {
    const list = listOf(7);

    expect(await readPage({ page: 99_999_999, per_page: 100 }, list)).toEqual({ page: [], known: 7 });
    expect(list.limits).toEqual([]);
  });

  it('to a page behind 10,000 records, which nobody has counted', async () => {
    const { page, known } = await readPage({ page: 102, per_page: 100 }, listOf(10_150, 10_001));

    expect(page).toEqual(numbers(10_150).slice(10_100));
    expect(known).toBe(10_150);
  });
});
