import { describe, expect, it } from 'vitest';
import type { ApiEvent } from '../../lambdas/api/request/api-event.ts';
import { paginate, walkLimit } from '../../lambdas/api/request/pagination.ts';

describe('paginate', () => {
  const event = {
    headers: { host: 'service.example', 'x-forwarded-proto': 'https' },
    rawPath: '/api/v4/bulk_imports',
    rawQueryString: '',
  } as unknown as ApiEvent;
  const longList = (length: number) => Array.from({ length }, (_, index) => index);

  it('counts up to 10,000 records', () => {
    const { headers } = paginate(longList(10_000), { page: 1, per_page: 100 }, event);

    expect(headers).toMatchObject({ 'x-total': '10000', 'x-total-pages': '100' });
    expect(headers.link).toContain('rel="last"');
  });

  it('leaves out the totals and the last page of more than 10,000 records', () => {
    const { page, headers } = paginate(longList(10_001), { page: 2, per_page: 100 }, event);

    expect(page).toEqual(longList(200).slice(100));
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
    const { headers } = paginate([1], { page: 1, per_page: 20 }, event);

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
