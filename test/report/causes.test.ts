import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type CausedFailure, Causes, withoutQuoted } from '../../lambdas/report/causes.ts';
import { KNOWN_CLASSES, remedyOf } from '../../lambdas/report/remedies.ts';
import { failureWith } from './drawn-reports.ts';

function causesOf(failures: Partial<CausedFailure>[]) {
  const causes = new Causes();
  for (const failure of failures) causes.add(failureWith({ entityId: 1, ...failure }));
  return causes.list();
}

describe('failures of one cause', () => {
  it('are those that differ by nothing but what is quoted, and are counted with their groups', () => {
    const causes = causesOf([
      {
        entityId: 1,
        exceptionMessage: "The label 'bug' was refused (422).",
        sourceTitle: 'bug',
        retryable: false,
      },
      {
        entityId: 1,
        exceptionMessage: "The label 'it's' was refused (422).",
        sourceTitle: "it's",
        retryable: false,
      },
      {
        entityId: 2,
        exceptionMessage: "The label 'new' was refused (422).",
        sourceTitle: 'new',
        retryable: false,
      },
      {
        entityId: 3,
        exceptionMessage: "The label 'old' was refused (422).",
        sourceTitle: 'old',
        retryable: false,
      },
      { entityId: 3, exceptionMessage: "The label 'old' was refused (403 Forbidden)." },
    ]);

    expect(causes).toMatchObject([
      { message: "The label '…' was refused (422).", count: 4, entities: 3, retryHelps: false },
      { message: "The label 'old' was refused (403 Forbidden).", count: 1, entities: 1, retryHelps: true },
    ]);
    expect(causes[0]?.examples).toEqual([
      { entityId: 1, title: 'bug' },
      { entityId: 1, title: "it's" },
      { entityId: 2, title: 'new' },
    ]);
  });

  it('keep what they quote where all of them quote the same', () => {
    const exceptionMessage = "The list of milestone '17.2' needs GitLab Premium.";

    expect(causesOf([{ exceptionMessage }, { exceptionMessage }])).toMatchObject([
      { message: exceptionMessage, count: 2 },
    ]);
  });

  it('are told apart by relation, by class and by whether the failure itself says that it is tried again', () => {
    const causes = causesOf([
      {},
      { relation: 'members', retryable: false },
      { exceptionClass: 'BulkImports::Error', retryable: false },
      { retryable: true },
      { retryable: false },
    ]);

    expect(causes.map(({ count, retryHelps }) => [count, retryHelps])).toEqual([
      [2, true],
      [1, false],
      [1, false],
      [1, false],
    ]);
  });

  it('stay few where a GitLab says something else each time, and all failures are counted', () => {
    const failures = Array.from({ length: 5_000 }, (_, index) => ({
      exceptionMessage: `word${String.fromCodePoint(0x4e00 + index)}`,
    }));

    const causes = causesOf(failures);

    expect(causes.length).toBeLessThanOrEqual(1_001);
    expect(causes[0]).toMatchObject({ message: 'Other messages.', count: 4_000 });
    expect(causes.reduce((sum, { count }) => sum + count, 0)).toBe(5_000);
  });
});

describe('a message without what is quoted', () => {
  it.each([
    ["The group's wiki can't be read.", "The group's wiki can't be read."],
    [
      'Its title has 300 characters, no more than 255 are taken.',
      'Its title has … characters, no more than … are taken.',
    ],
    ['It was refused (422): "x" is taken.', "It was refused (422): '…' is taken."],
    ['1,024 of 2.5 GB were read.', '… of … GB were read.'],
    ['', ''],
  ])('%j is %j', (message, expected) => {
    expect(withoutQuoted(message)).toBe(expected);
  });
});

describe('the remedy', () => {
  it('is there for every class of failure that the service itself has', () => {
    const named = globSync('lambdas/**/*.ts').flatMap(file =>
      [
        ...readFileSync(file, 'utf8').matchAll(
          /(?:name|exceptionClass)(?: =|:) '((?:BulkImports|Gitlab)::[\w:]+)'/g,
        ),
      ].map(([, name = '']) => name),
    );
    // What the message says is all that is known of these.
    const open = ['BulkImports::Error', 'BulkImports::NetworkError'];

    expect(named.length).toBeGreaterThan(20);
    expect([...new Set(named)].filter(name => ![...KNOWN_CLASSES, ...open].includes(name))).toEqual([]);
  });

  const OF_RECORD = 'Do what the message says.';
  const OF_REFUSAL = 'Do what the message says, and run again what is missing.';

  it.each([
    ['BulkImports::NetworkError', 'It was refused (422): title is taken.', OF_RECORD],
    ['BulkImports::NetworkError', 'It was refused (403 Forbidden).', OF_REFUSAL],
    ['BulkImports::NetworkError', 'It has not answered for two hours.', OF_REFUSAL],
    ['BulkImports::WorkflowEndedError', 'The workflow was stopped.', 'Run again what was not migrated.'],
    ['ActiveRecord::RecordInvalid', 'Validation failed.', OF_RECORD],
    ['constructor', 'x', OF_RECORD],
  ])('of %s, %j is: %s', (exceptionClass, exceptionMessage, remedy) => {
    expect(remedyOf({ exceptionClass, exceptionMessage })).toBe(remedy);
  });
});
