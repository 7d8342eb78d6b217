import { describe, expect, it } from 'vitest';
import { hostOf, pageAt } from '../../lambdas/report/links.ts';

describe('the page of a group', () => {
  it.each([
    ['https://old.example', 'acme/platform', 'https://old.example/acme/platform'],
    ['https://old.example/gitlab/', 'acme', 'https://old.example/gitlab/acme'],
    ['http://127.0.0.1:3000', 'a/../b c?x#y', 'http://127.0.0.1:3000/a/../b%20c%3Fx%23y'],
    ['https://old.example', '"><script>', 'https://old.example/%22%3E%3Cscript%3E'],
    ['https://old.example', 'half \ud800', 'https://old.example/half%20%EF%BF%BD'],
  ])('at %s of %j is %s', (baseUrl, path, page) => {
    expect(pageAt(baseUrl, path)).toBe(page);
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'nothing', ''])('is none at %j', baseUrl => {
    expect(pageAt(baseUrl, 'acme')).toBeUndefined();
  });
});

it.each([
  ['https://old.example:8443/gitlab', 'old.example:8443'],
  ['nothing', 'nothing'],
])('the host of %s is %s', (url, host) => {
  expect(hostOf(url)).toBe(host);
});
