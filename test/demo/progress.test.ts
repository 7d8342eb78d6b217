import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { changeLines, drawBar, type EntityProgress, liveTable, progressOf } from '../../lib/demo/progress.ts';
import { entityAnswer, failureAnswer } from './entity-answers.ts';

const WIDE = { columns: 100, rows: 40, color: false, live: true };

const progress = (path: string, change: Partial<EntityProgress> = {}): EntityProgress => ({
  path,
  status: 'started',
  done: 3,
  known: 6,
  failures: 0,
  ...change,
});

describe('progressOf', () => {
  it('adds up the counts and failures of an entity', () => {
    const entity = entityAnswer('acme', 'started', { labels: [128, 100, 99], badges: [2, 2, 2] }, [
      failureAnswer('labels', 'no'),
    ]);

    expect(progressOf([entity])).toEqual([
      { path: 'acme', status: 'started', done: 102, known: 130, failures: 1 },
    ]);
  });

  it('puts each group behind its parent and siblings in the order of the alphabet', () => {
    const paths = ['acme', 'acme/web-shop', 'acme/web', 'acme/Art', 'acme/web/api', 'acme/design'];

    const ordered = progressOf(paths.map(path => entityAnswer(path, 'created'))).map(({ path }) => path);

    expect(ordered).toEqual(['acme', 'acme/Art', 'acme/design', 'acme/web', 'acme/web/api', 'acme/web-shop']);
  });
});

describe('drawBar', () => {
  it('shows the records done of those known', () => {
    expect(drawBar(progress('acme'), 10)).toBe('█████░░░░░');
    expect(drawBar(progress('acme', { done: 0, known: 0, status: 'created' }), 4)).toBe('░░░░');
  });

  it('is full only when the group has ended', () => {
    expect(drawBar(progress('acme', { done: 6 }), 10)).toBe('█████████░');
    expect(drawBar(progress('acme', { done: 6, status: 'finished' }), 10)).toBe('██████████');
    expect(drawBar(progress('acme', { done: 0, known: 0, status: 'finished' }), 4)).toBe('████');
  });
});

describe('liveTable', () => {
  it('has a head, a row for each entity and a summary', () => {
    const entities = [
      progress('acme', { status: 'finished', done: 6, failures: 2 }),
      progress('acme/design'),
    ];

    expect(liveTable(entities, 1.25, { ...WIDE, columns: 70 })).toEqual([
      'Path          Status    Progress                    Records  Failures',
      'acme          finished  ████████████████████████        6/6         2',
      'acme/design   started   ████████████░░░░░░░░░░░░        3/6          ',
      '1 of 2 groups and projects complete, 9 records, 1.3 s',
    ]);
  });

  it.each([20, 30, 44, 45, 60, 80, 120, 300])('stays within a terminal of %i columns', columns => {
    const entities = [
      progress('acme/a-group-with-a-long-name/and-another-one-below', { failures: 12, known: 9_999 }),
      progress('acme'),
    ];

    for (const color of [true, false]) {
      for (const line of liveTable(entities, 12.3, { ...WIDE, columns, color })) {
        expect(stripVTControlCharacters(line).length).toBeLessThan(columns);
      }
    }
  });

  it('drops the bars and then the beginnings of the paths where there is little room', () => {
    const [, row = ''] = liveTable([progress('acme/platform/infrastructure')], 0, { ...WIDE, columns: 50 });

    expect(row).not.toMatch(/[█░]/);
    expect(row).toMatch(/^…infrastructure|^…[a-z/]*infrastructure/);
  });

  it('stays within the height of the terminal and tells how many groups it does not show', () => {
    const entities = Array.from({ length: 30 }, (_, index) => progress(`acme/group-${index}`));

    const lines = liveTable(entities, 0, { ...WIDE, rows: 12 });

    expect(lines.length).toBeLessThan(12);
    expect(lines).toContain('… and 23 more');
  });

  it('has colours on a screen with colours, and the same text without', () => {
    const entities = [progress('acme', { failures: 1 })];

    const colored = liveTable(entities, 0, { ...WIDE, color: true });
    const plain = liveTable(entities, 0, WIDE);

    expect(colored.join('\n')).toMatch(new RegExp(`${'\x1b'}\\[36m *started`));
    expect(plain.join('\n')).not.toContain('\x1b');
    expect(colored.map(line => stripVTControlCharacters(line))).toEqual(plain);
  });
});

describe('changeLines', () => {
  it('has a line for each entity that is new or has another status', () => {
    const before = [progress('acme'), progress('acme/design'), progress('acme/people')];
    const now = [
      progress('acme', { status: 'finished', known: 1, done: 1 }),
      progress('acme/design', { done: 4 }),
      progress('acme/people', { status: 'failed', failures: 2 }),
      progress('acme/support', { status: 'created' }),
    ];

    expect(changeLines(before, now, 12.34)).toEqual([
      ' 12.3 s  acme                          finished  1 record',
      ' 12.3 s  acme/people                   failed    6 records, 2 failures',
      ' 12.3 s  acme/support                  created',
    ]);
  });

  it('has none when only counts have changed', () => {
    expect(changeLines([progress('acme')], [progress('acme', { done: 5 })], 1)).toEqual([]);
  });
});
