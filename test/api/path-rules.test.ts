import { describe, expect, it } from 'vitest';
import { isGroupPath, isSlug, isSourcePath } from '../../lambdas/api/request/path-rules.ts';

describe('isSlug', () => {
  it.each(['a', 'acme', 'Acme', '0', 'a-b', 'a.b', 'a_b', 'a-1.b_2', 'git', 'a.gitlab'])('takes %s', slug => {
    expect(isSlug(slug)).toBe(true);
  });

  it.each([
    '',
    ' ',
    'a b',
    '-a',
    '_a',
    '.a',
    'a-',
    'a_',
    'a.',
    'a--b',
    'a._b',
    'a/b',
    'ä',
    'a.git',
    'a.GIT',
    'a.atom',
    'a\n',
    'https://old.example',
  ])('refuses %j', slug => {
    expect(isSlug(slug)).toBe(false);
  });
});

/** Paths that are good, or bad, for groups and projects alike. */
const GOOD = [
  'a',
  'acme',
  'Acme/Platform',
  '_a/.b',
  'a--b/c__d',
  'a/b/c/d',
  '1/2',
  'acme/admin',
  'acme/api',
  'new',
  'environments/folders',
  'acme/environments',
  'acme/environments/folders1',
  'acme/folders',
];
const BAD = [
  '',
  '/',
  '/acme',
  'acme/',
  'acme//platform',
  'https://old.example/acme',
  'old.example:443/acme',
  'acme/plat form',
  'acme/ä',
  '-acme',
  'acme/-platform',
  'acme.git',
  'acme.atom/platform',
  'acme/platform.git',
  'admin',
  'API/acme',
  'dashboard/acme',
  'acme/-/platform',
  'acme/tree',
  'acme/Wikis/x',
  'acme/environments/folders',
  'acme/x/Info/LFS/objects/y',
  'acme.',
  'acme./platform',
  'acme\n',
];

describe('isGroupPath', () => {
  it.each(GOOD)('takes %s', path => {
    expect(isGroupPath(path)).toBe(true);
  });

  it.each([...BAD, 'acme/platform.'])('refuses %j', path => {
    expect(isGroupPath(path)).toBe(false);
  });

  it('takes a path of 255 characters and no longer one', () => {
    const path = `acme/${'a'.repeat(250)}`;

    expect([path.length, isGroupPath(path), isGroupPath(`${path}a`)]).toEqual([255, true, false]);
  });

  it('takes 20 ancestors and refuses 30', () => {
    expect(isGroupPath(Array(21).fill('a').join('/'))).toBe(true);
    expect(isGroupPath(Array(31).fill('a').join('/'))).toBe(false);
  });
});

describe('isSourcePath', () => {
  it.each([...GOOD, 'acme/platform.'])('takes %s', path => {
    expect(isSourcePath(path)).toBe(true);
  });

  it.each(BAD)('refuses %j', path => {
    expect(isSourcePath(path)).toBe(false);
  });
});
