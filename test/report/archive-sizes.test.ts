import { describe, expect, it } from 'vitest';
import { noteOnArchive } from '../../lambdas/report/archive-sizes.ts';
import { size } from '../../lambdas/report/markup.ts';

const GIB = 1024 ** 3;
const OWN = 'https://gitlab.example';
const GITLAB_COM = 'https://gitlab.com';

describe('an archive', () => {
  it.each<[string, number | null, string, RegExp | undefined]>([
    ['of which nobody knows the size', null, OWN, undefined],
    ['that fits anywhere', 5 * GIB, GITLAB_COM, undefined],
    ['that a GitLab takes by default', 10 * GIB, OWN, undefined],
    [
      'that GitLab.com takes where it can fetch it',
      5 * GIB + 1,
      GITLAB_COM,
      /^GitLab\.com takes more than 5 GiB only/,
    ],
    [
      'that is more than is fetched',
      10 * GIB + 1,
      OWN,
      /^A GitLab takes no archive of more than 10 GiB unless/,
    ],
    [
      'that is more than GitLab.com fetches',
      10 * GIB + 1,
      GITLAB_COM,
      /^GitLab\.com takes no archive of more than 10 GiB\./,
    ],
    [
      'that is more than is unpacked',
      25 * GIB + 1,
      OWN,
      /^A GitLab unpacks no archive of more than 25 GiB unless/,
    ],
    ['that cannot be stored', 157 * GIB, OWN, /^No archive of more than 156\.3 GiB can be stored/],
  ])('%s is told of as that', (_, bytes, url, words) => {
    const note = noteOnArchive(bytes, url);

    if (words === undefined) expect(note).toBeUndefined();
    else expect(note).toMatch(words);
    expect(note?.length ?? 0).toBeLessThanOrEqual(255);
  });
});

it.each([
  [0, '0 bytes'],
  [1023, '1,023 bytes'],
  [1536, '1.5 KiB'],
  [5 * GIB, '5 GiB'],
  [2000 * 1024 * GIB, '2,000 TiB'],
])('%d bytes are %s', (bytes, words) => {
  expect(size(bytes)).toBe(words);
});
