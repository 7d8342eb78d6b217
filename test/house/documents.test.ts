import { existsSync, globSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Paths of this repository that a text names, without those that are patterns. */
function namedPaths(text: string): string[] {
  const named = text.matchAll(/`((?:bin|docs|lambdas|lib|scripts|state-machines|test)\/[\w./-]*)`/g);
  return [...named].map(([, path = '']) => path);
}

it.each(['README.md', 'CONTRIBUTING.md'])('every file and folder that %s names is there', document => {
  const named = namedPaths(readFileSync(document, 'utf8'));

  expect(named.length).toBeGreaterThan(0);
  expect(named.filter(path => !existsSync(path))).toEqual([]);
});

it('CONTRIBUTING.md names every room of test/support', () => {
  const text = readFileSync('CONTRIBUTING.md', 'utf8');
  const row = text.split('\n').find(line => line.startsWith('| `test/` |')) ?? '';

  expect(
    globSync('test/support/*').filter(path => !row.includes(`\`${path.slice('test/support/'.length)}/\``)),
  ).toEqual([]);
});
