import { expect, it } from 'vitest';
import { normalizeBaseUrl } from '../../lambdas/platform/base-url.ts';

it.each([
  ['https://gitlab.example', 'https://gitlab.example'],
  ['https://gitlab.example//', 'https://gitlab.example'],
  ['HTTPS://GitLab.Example:443/', 'https://gitlab.example'],
  ['http://gitlab.example:80', 'http://gitlab.example'],
  ['http://gitlab.example:443', 'http://gitlab.example:443'],
  ['https://gitlab.example:8443/Git/Lab/', 'https://gitlab.example:8443/Git/Lab'],
  ['https://user:secret@gitlab.example/?a=b#c', 'https://gitlab.example'],
])('the base URL %s is %s', (given, expected) => {
  expect(normalizeBaseUrl(given)).toBe(expected);
});

it('of what is no URL is an error', () => {
  expect(() => normalizeBaseUrl('gitlab.example')).toThrow(TypeError);
});
