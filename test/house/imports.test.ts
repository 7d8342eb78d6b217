import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';

/** The rooms of `lambdas/`, from the cellar up: a file imports from its own room and from those below it. */
const FLOORS = [
  ['platform'],
  ['domain'],
  ['gitlab', 'store', 'archives'],
  ['engine'],
  ['pipelines'],
  ['workflow'],
  ['report'],
  ['api', 'progress'],
];

/** The rooms of `lambdas/api/`, likewise. */
const API_FLOORS = [['answers'], ['request'], ['preflight'], ['openapi'], ['endpoints']];

interface Import {
  from: string;
  to: string;
}

/** The imports between files of a folder, by their paths below it. */
function importsWithin(folder: string): Import[] {
  return globSync('**/*.ts', { cwd: folder }).flatMap(file => {
    const text = readFileSync(join(folder, file), 'utf8');
    const targets = [...text.matchAll(/from '(\.[^']*)'/g)].map(([, path = '']) => path);
    return targets
      .map(path => normalize(join(dirname(file), path)))
      .filter(target => !target.startsWith('..'))
      .map(to => ({ from: file, to }));
  });
}

const roomOf = (file: string): string => (file.includes('/') ? file.slice(0, file.indexOf('/')) : '');

/** Imports that lead to a room of the same floor or of a higher one. */
function uphill(imports: Import[], floors: string[][]): string[] {
  const floorOf = (file: string) => floors.findIndex(rooms => rooms.includes(roomOf(file)));
  return imports
    .filter(({ from, to }) => roomOf(from) !== roomOf(to))
    .filter(({ from, to }) => floorOf(to) >= floorOf(from))
    .map(({ from, to }) => `${from} -> ${to}`);
}

/** The files of a circle of imports; empty without one. */
function circle(imports: Import[]): string[] {
  const targets = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const visit = (file: string, path: string[]): string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const { to } of targets.get(file) ?? []) {
      const found = visit(to, [...path, file]);
      if (found.length > 0) return found;
    }
    done.add(file);
    return [];
  };
  for (const file of targets.keys()) {
    const found = visit(file, []);
    if (found.length > 0) return found;
  }
  return [];
}

describe('the imports of lambdas/', () => {
  const imports = importsWithin('lambdas');

  it('are found', () => {
    expect(imports.length).toBeGreaterThan(300);
  });

  it('lead to rooms that are listed, and to nothing outside of lambdas/', () => {
    const rooms = new Set(imports.flatMap(({ from, to }) => [roomOf(from), roomOf(to)]));
    expect([...rooms].filter(room => !FLOORS.flat().includes(room))).toEqual([]);
  });

  it('only run downhill', () => {
    expect(uphill(imports, FLOORS)).toEqual([]);
  });

  it('make no circle', () => {
    expect(circle(imports)).toEqual([]);
  });
});

describe('the imports of lambdas/api/', () => {
  // What is in none of the rooms, the route table, is there for all of them.
  const imports = importsWithin('lambdas/api').filter(
    ({ from, to }) => roomOf(from) !== '' && roomOf(to) !== '',
  );

  it('only run downhill', () => {
    expect(uphill(imports, API_FLOORS)).toEqual([]);
  });
});
