import { describe, expect, it } from 'vitest';
import { hostOf, pageAt, rootOf } from '../../lambdas/report/links.ts';

describe('the page of a group', () => {
  it.each([
    ['https://old.example', 'acme/platform', 'https://old.example/acme/platform'],
    ['https://old.example/gitlab/', 'acme', 'https://old.example/gitlab/acme'],
    ['http://127.0.0.1:3000', 'a-b/.github/C_1', 'http://127.0.0.1:3000/a-b/.github/C_1'],
  ])('at %s of %s is %s', (baseUrl, path, page) => {
    expect(pageAt(baseUrl, path)).toBe(page);
  });

  it.each([
    '',
    '/',
    'a//b',
    'acme/../../admin',
    './x',
    '..',
    'a?b',
    'a#b',
    'a b',
    '"><script>',
    'acme/日本語',
    'half \ud800',
    'x'.repeat(513),
  ])('is none for the path %j', path => {
    expect(pageAt('https://old.example', path)).toBeUndefined();
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'nothing', ''])('is none at %j', baseUrl => {
    expect(pageAt(baseUrl, 'acme')).toBeUndefined();
    expect(rootOf(baseUrl)).toBeUndefined();
  });
});

it.each([
  ['https://old.example:8443/gitlab', 'old.example:8443', 'https://old.example:8443/gitlab/'],
  ['http://old.example', 'old.example', 'http://old.example/'],
])('the host of %s is %s, and its root page %s', (url, host, root) => {
  expect([hostOf(url), rootOf(url)]).toEqual([host, root]);
});

it('what is no URL is its own host', () => {
  expect(hostOf('nothing')).toBe('nothing');
});
