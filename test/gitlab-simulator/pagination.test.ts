import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, MEMBERS, startGitLab } from './api-client.ts';

describe('offset paging', () => {
  let gitlab: SampleGitLab;
  beforeAll(async () => {
    gitlab = await startGitLab();
    const labels = Array.from({ length: 205 }, (_, at) => ({ title: `l${String(at).padStart(3, '0')}` }));
    gitlab.addGroup({ name: 'Acme', path: 'acme', members: [...MEMBERS], labels });
    gitlab.addGroup({ name: 'Empty', path: 'empty', members: [...MEMBERS] });
  });

  it('describes a middle page in headers and links to its neighbours', async () => {
    const { body, headers } = await call(
      gitlab,
      'olivia',
      'GET',
      '/groups/acme/labels?include_ancestor_groups=false&page=2&per_page=50',
    );

    expect(body).toHaveLength(50);
    expect(body[0].name).toBe('l050');
    expect(headers.get('x-page')).toBe('2');
    expect(headers.get('x-per-page')).toBe('50');
    expect(headers.get('x-next-page')).toBe('3');
    expect(headers.get('x-prev-page')).toBe('1');
    expect(headers.get('x-total')).toBe('205');
    expect(headers.get('x-total-pages')).toBe('5');
    const link = headers.get('link') ?? '';
    expect([...link.matchAll(/rel="(\w+)"/g)].map(match => match[1])).toEqual([
      'prev',
      'next',
      'first',
      'last',
    ]);
    expect(link).toContain(
      `<${gitlab.url}/api/v4/groups/acme/labels?include_ancestor_groups=false&page=3&per_page=50>; rel="next"`,
    );
  });

  it('gives 20 records by default and 100 at most', async () => {
    const byDefault = await call(gitlab, 'olivia', 'GET', '/groups/acme/labels');
    const clamped = await call(gitlab, 'olivia', 'GET', '/groups/acme/labels?per_page=500');

    expect(byDefault.body).toHaveLength(20);
    expect(clamped.body).toHaveLength(100);
    expect(clamped.headers.get('x-per-page')).toBe('100');
  });

  it('ends with an empty next page, and has nothing past the end', async () => {
    const last = await call(gitlab, 'olivia', 'GET', '/groups/acme/labels?page=3&per_page=100');
    const past = await call(gitlab, 'olivia', 'GET', '/groups/acme/labels?page=4&per_page=100');

    expect(last.body).toHaveLength(5);
    expect(last.headers.get('x-next-page')).toBe('');
    expect(last.headers.get('link')).not.toContain('rel="next"');
    expect(past.status).toBe(200);
    expect(past.body).toEqual([]);
  });

  it('counts one page for an empty list', async () => {
    const { headers } = await call(gitlab, 'olivia', 'GET', '/groups/empty/labels');

    expect(headers.get('x-total')).toBe('0');
    expect(headers.get('x-total-pages')).toBe('1');
  });

  it('leaves totals out above 10,000 records', async () => {
    const badges = Array.from({ length: 10_001 }, () => ({
      linkUrl: 'https://a.example',
      imageUrl: 'https://b.example',
    }));
    gitlab.addGroup({ name: 'Many', path: 'many', members: [...MEMBERS], badges });

    const { headers } = await call(gitlab, 'olivia', 'GET', '/groups/many/badges?per_page=1');

    expect(headers.get('x-total')).toBeNull();
    expect(headers.get('x-total-pages')).toBeNull();
    expect(headers.get('x-next-page')).toBe('2');
    expect(headers.get('link')).not.toContain('rel="last"');
  });

  it('refuses a page size of 0', async () => {
    const { status, body } = await call(gitlab, 'olivia', 'GET', '/groups/acme/labels?per_page=0');

    expect(status).toBe(400);
    expect(body).toEqual({ error: 'per_page has a value not allowed' });
    expect(gitlab.takeUndeclared()).toHaveLength(1);
  });
});
