import { globSync, readFileSync } from 'node:fs';
import { dirname, join, matchesGlob } from 'node:path';
import { describe, expect, it } from 'vitest';
import config, { ALONE } from '../../vitest.config.ts';

const files = globSync('test/**/*.ts');

const textOf = (file: string) => readFileSync(file, 'utf8');
const importsOf = (file: string) =>
  [...textOf(file).matchAll(/ from '(\.[^']*)'/g)].map(([, path = '']) => join(dirname(file), path));

const projects = (config.test?.projects ?? []).flatMap(project =>
  typeof project === 'object' && 'test' in project && project.test !== undefined ? [project.test] : [],
);
const namesOf = (file: string) =>
  projects
    .filter(({ include = [], exclude = [] }) => {
      const isIn = (globs: string[]) => globs.some(glob => matchesGlob(file, glob));
      return isIn(include) && !isIn(exclude);
    })
    .map(({ name }) => name);

/** `a/{b,c}.ts` as `a/b.ts` and `a/c.ts`. */
function spelledOut(glob: string): string[] {
  const [braces = '', choices] = /\{([^}]*)\}/.exec(glob) ?? [];
  if (choices === undefined) return [glob];
  return choices.split(',').flatMap(choice => spelledOut(glob.replace(braces, choice)));
}

describe('the projects of vitest.config.ts', () => {
  it('have every file with tests, once', () => {
    const withTests = files.filter(file => /\.\w*test\.ts$/.test(file));

    expect(withTests.length).toBeGreaterThan(200);
    expect(withTests.filter(file => namesOf(file).length !== 1)).toEqual([]);
  });

  it('name no file that does not exist', () => {
    const globs = projects.flatMap(({ include = [], exclude = [] }) => [...include, ...exclude]);
    const missing = globs.flatMap(spelledOut).filter(glob => !files.some(file => matchesGlob(file, glob)));

    expect(globs.length).toBeGreaterThan(5);
    expect(missing).toEqual([]);
  });

  it('have processes of their own for files that load modules anew, and for no others', () => {
    const reloading = files.filter(file => /vi\.resetModules\(/.test(textOf(file)));
    const needing = files.filter(file => [file, ...importsOf(file)].some(path => reloading.includes(path)));

    const alone = ALONE.flatMap(glob => globSync(glob));
    expect(alone.toSorted()).toEqual(needing.filter(file => file.endsWith('.test.ts')).toSorted());
  });
});

it('clients of AWS are mocked by mockedClient, which takes it back when the file is over', () => {
  const mocking = files.filter(file => /^import .* from 'aws-sdk-client-mock'/m.test(textOf(file)));

  expect(mocking).toEqual(['test/support/test-run/mocked-client.ts']);
});

it('what is done after every test of a process is asked for by no file with tests', () => {
  const asking = files.filter(file =>
    importsOf(file).some(path => path === 'test/support/test-run/hooks.ts'),
  );

  expect(asking.length).toBeGreaterThan(3);
  expect(asking.filter(file => file.endsWith('.test.ts'))).toEqual([]);
});
