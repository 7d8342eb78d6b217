import { beforeAll, describe, expect, it } from 'vitest';
import type { ApiEvent } from '../../lambdas/api/http.ts';
import { paginate, walkLimit } from '../../lambdas/api/pagination.ts';
import { TOKENS } from '../support/bulk-imports-client.ts';
import { startService, type TestService } from '../support/service.ts';
import { storeEntity, storeFailure, storeImport } from '../support/stored-records.ts';

let service: TestService;
let ids: number[];
beforeAll(async () => {
  service = await startService();
  const dora = service.destination.group('imported')?.members[0]?.userId ?? 0;
  ids = [];
  for (let index = 0; index < 5; index++) ids.push((await storeImport(dora)).id);
});

function list(query: string) {
  return service.api.call('GET', `/bulk_imports?${query}`);
}

/** Link relations and the query of each, in the order of the header. */
function links(header: string | null): [string, Record<string, string>][] {
  return (header ?? '').split(', ').map(link => {
    const [, url = '', rel = ''] = /^<(.*)>; rel="(.*)"$/.exec(link) ?? [];
    return [rel, Object.fromEntries(new URL(url).searchParams)];
  });
}

function pagingHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    [...headers].filter(([name]) => /^x-(per-page|page|next-page|prev-page|total|total-pages)$/.test(name)),
  );
}

describe('a list', () => {
  it('has 20 records per page unless it is told otherwise', async () => {
    const { headers, body } = await list('');

    expect(body).toHaveLength(5);
    expect(pagingHeaders(headers)).toEqual({
      'x-per-page': '20',
      'x-page': '1',
      'x-next-page': '',
      'x-prev-page': '',
      'x-total': '5',
      'x-total-pages': '1',
    });
    expect(links(headers.get('link')).map(([rel]) => rel)).toEqual(['first', 'last']);
  });

  it('is cut into pages, newest first', async () => {
    const pages = await Promise.all([1, 2, 3].map(page => list(`per_page=2&page=${page}`)));

    const seen = pages.flatMap(({ body }) => (body as { id: number }[]).map(({ id }) => id));
    expect(seen).toEqual([...ids].reverse());
  });

  it('tells where the neighbours of a page are, and keeps the other parameters', async () => {
    const { headers } = await list('per_page=2&page=2&sort=asc&status=created&x=%2F%C3%A4');

    expect(pagingHeaders(headers)).toEqual({
      'x-per-page': '2',
      'x-page': '2',
      'x-next-page': '3',
      'x-prev-page': '1',
      'x-total': '5',
      'x-total-pages': '3',
    });
    const kept = { per_page: '2', sort: 'asc', status: 'created', x: '/ä' };
    expect(links(headers.get('link'))).toEqual([
      ['prev', { ...kept, page: '1' }],
      ['next', { ...kept, page: '3' }],
      ['first', { ...kept, page: '1' }],
      ['last', { ...kept, page: '3' }],
    ]);
  });

  it('links to itself, under the host that was asked', async () => {
    const { headers } = await list('');

    expect(headers.get('link')).toContain(`<${service.local.url}/api/v4/bulk_imports?`);
  });

  it('never puts a token into a link', async () => {
    const query = `private_token=${TOKENS.dora}&access_token=${TOKENS.dora}&per_page=2`;

    const { headers } = await service.api.call('GET', `/bulk_imports?${query}`, { token: null });

    expect(headers.get('link')).toMatch(/rel="next"/);
    expect(headers.get('link')).not.toContain(TOKENS.dora);
    expect(headers.get('link')).not.toMatch(/token/);
  });

  it('has at most 100 records per page', async () => {
    const { headers } = await list('per_page=1000');

    expect(headers.get('x-per-page')).toBe('100');
    expect(links(headers.get('link'))[0]).toEqual(['first', { per_page: '100', page: '1' }]);
  });

  it.each([6, 200_000_000, 99_999_999_999])('is empty on page %s, which is behind its end', async page => {
    const { status, headers, body } = await list(`page=${page}`);

    expect([status, body]).toEqual([200, []]);
    expect(headers.get('x-page')).toBe(String(page));
    expect(headers.get('x-next-page')).toBe('');
    expect(headers.get('x-total')).toBe('5');
  });

  it('has one page when it is empty', async () => {
    const { headers, body } = await list('status=timeout');

    expect(body).toEqual([]);
    expect(pagingHeaders(headers)).toMatchObject({ 'x-total': '0', 'x-total-pages': '1' });
  });

  it.each([
    ['page=0', 'page does not have a valid value'],
    ['page=-1', 'page does not have a valid value'],
    ['page=x', 'page is invalid'],
    ['page=1.5', 'page is invalid'],
    ['per_page=0', 'per_page has a value not allowed'],
    ['per_page=-5', 'per_page does not have a valid value'],
    ['per_page=ten', 'per_page is invalid'],
    ['sort=up', 'sort does not have a valid value'],
    ['sort=DESC', 'sort does not have a valid value'],
    ['status=new', 'status does not have a valid value'],
    [
      'page=0&per_page=0&sort=up&status=new',
      'page does not have a valid value, per_page has a value not allowed, sort does not have a valid value, status does not have a valid value',
    ],
  ])('is 400 for ?%s', async (query, error) => {
    const { status, body } = await list(query);

    expect(status).toBe(400);
    expect(body).toEqual({ error });
  });

  it('takes empty numbers for absent ones', async () => {
    const { status, headers } = await list('page=&per_page=');

    expect(status).toBe(200);
    expect(headers.get('x-per-page')).toBe('20');
  });
});

it('entities and failures are paged in the same way', async () => {
  const dora = service.destination.group('imported')?.members[0]?.userId ?? 0;
  const record = await storeImport(dora);
  const first = await storeEntity(record);
  await storeEntity(record);
  await storeEntity(record);
  for (const key of ['a', 'b', 'c']) await storeFailure(first, { key });
  const base = `/bulk_imports/${record.id}/entities`;

  for (const path of [base, '/bulk_imports/entities', `${base}/${first.id}/failures`]) {
    const { headers, body } = await service.api.call('GET', `${path}?per_page=2&page=2`);

    expect(body).toHaveLength(1);
    expect(pagingHeaders(headers)).toMatchObject({
      'x-total': '3',
      'x-total-pages': '2',
      'x-prev-page': '1',
    });
    expect(headers.get('link')).toContain(`/api/v4${path}?`);
  }
});

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
    expect(links(headers.link ?? '').map(([rel]) => rel)).toEqual(['prev', 'next', 'first']);
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
