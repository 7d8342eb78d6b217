import { expect, it } from 'vitest';
import type { ApiEvent } from '../../lambdas/api/request/api-event.ts';
import { pageHeaders } from '../../lambdas/api/request/pagination.ts';

function linkFor(headers: Record<string, string>, domainName = 'api.example', query = ''): string {
  const event = {
    headers,
    rawPath: '/api/v4/bulk_imports',
    rawQueryString: query,
    requestContext: { domainName },
  } as unknown as ApiEvent;
  return pageHeaders(1, { page: 1, per_page: 20 }, event).link;
}

const linksOf = (origin: string, query = '') =>
  ['first', 'last']
    .map(rel => `<${origin}/api/v4/bulk_imports?${query}page=1&per_page=20>; rel="${rel}"`)
    .join(', ');

it.each([
  ['gitlab.example', 'https://gitlab.example'],
  ['gitlab.example:8443', 'https://gitlab.example:8443'],
  ['127.0.0.1:3000', 'https://127.0.0.1:3000'],
  ['[::1]:3000', 'https://[::1]:3000'],
])('the host %s is that of the links', (host, origin) => {
  expect(linkFor({ host })).toBe(linksOf(origin));
});

it.each([
  'evil.example>; rel="next", <https://evil.example',
  'evil.example/path?',
  'user@evil.example',
  'evil.example\r\nSet-Cookie: a=b',
  'evil.example\u0000',
  'evil.example ',
  'evíl.example',
  'evil.example:port',
  '[::1',
  '"',
  '',
])('the host %j is not repeated', host => {
  expect(linkFor({ host })).toBe(linksOf('https://api.example'));
  expect(linkFor({ host }, 'also bad')).toBe(linksOf(''));
});

it.each(['javascript', 'ftp', 'http, https', 'https\r\nX: 1', 'HTTP', '<'])(
  'the scheme %j is not repeated',
  scheme => {
    expect(linkFor({ host: 'a.example', 'x-forwarded-proto': scheme })).toBe(linksOf('https://a.example'));
  },
);

it('the scheme http is', () => {
  expect(linkFor({ host: 'a.example', 'x-forwarded-proto': 'http' })).toBe(linksOf('http://a.example'));
});

it('a query stays inside its link', () => {
  const query = 'a=%3E%3B+rel%3D%22next%22%0D%0AX%3A+1';

  expect(linkFor({ host: 'a.example' }, 'api.example', query)).toBe(
    linksOf('https://a.example', `${query}&`),
  );
});
