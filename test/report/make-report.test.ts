import { describe, expect, it } from 'vitest';
import { presentReport } from '../../lambdas/api/answers/present-report.ts';
import type { CausedFailure } from '../../lambdas/report/causes.ts';
import { makeReport } from '../../lambdas/report/make-report.ts';
import type { Report } from '../../lambdas/report/report.ts';
import type { VerifiedFailure } from '../../lambdas/report/verification.ts';
import { countsOf } from '../support/table/counts.ts';
import { newImport } from '../support/table/records.ts';
import { entityWith, failureWith, reportOf, verificationOf, verifiedWith } from './drawn-reports.ts';

describe('the report', () => {
  it('adds up relations, skips and what was ruled out over all groups and projects', async () => {
    const members = countsOf({
      source: 5,
      fetched: 5,
      imported: 2,
      skipped: 3,
      skips: { no_user: 2, no_access: 1 },
    });
    const labels = countsOf({ source: 4, fetched: 4, imported: 3, failed: 1 });
    const entities = [
      entityWith({ id: 1, counts: { members, labels } }),
      entityWith({ id: 2, status: 'failed', counts: { members }, relations: { project_entities: false } }),
      entityWith({
        id: 3,
        sourceType: 'project_entity',
        relations: { members: false, project_entities: false },
        counts: { project_counts: labels },
      }),
    ];

    const report = await reportOf({ entities, page: 1 });

    expect(report.totals).toEqual({
      source: 14,
      imported: 7,
      skipped: 6,
      failed: 1,
      verified: null,
      planned: null,
    });
    expect(report.relations.map(({ relation, source }) => [relation, source])).toEqual([
      ['labels', 4],
      ['members', 10],
    ]);
    expect(report.skips).toEqual([
      { relation: 'members', reason: 'no_user', count: 4 },
      { relation: 'members', reason: 'no_access', count: 2 },
    ]);
    expect(report.notMigrated).toEqual([
      { relation: 'projects', source: null, entities: 1 },
      { relation: 'members', source: null, entities: 1 },
    ]);
    expect(report.statuses).toMatchObject({ finished: 2, failed: 1 });
  });

  it('lists the first thousand problems, and counts all', async () => {
    const failures = Array.from({ length: 2_500 }, (_, key) =>
      failureWith({ entityId: 1, sourceTitle: String(key) }),
    );

    const report = await reportOf({ entities: [entityWith({ id: 1 })], failures, page: 700 });

    expect(report.problems).toHaveLength(1_000);
    expect(report.problemsTotal).toBe(2_500);
    expect(report.entities[0]?.problems).toBe(2_500);
    expect(report.isWhole).toBe(true);
  });

  it.each([
    [30, true],
    [29, false],
  ])('reads no more than %i of 30 failures: all read is %s', async (mostFailures, isWhole) => {
    const failures = Array.from({ length: 30 }, (_, key) =>
      failureWith({ entityId: 1, sourceTitle: String(key) }),
    );

    const report = await reportOf({
      entities: [entityWith({ id: 1 })],
      failures,
      most: { failures: mostFailures, writes: 0 },
      page: 7,
    });

    expect([report.problemsTotal, report.isWhole]).toEqual([mostFailures, isWhole]);
  });

  it('shows the groups of a canceled import as canceled, as the API does', async () => {
    const report = await makeReport({
      bulkImport: newImport({ status: 'canceled' }),
      entities: (async function* () {
        yield [entityWith({ status: 'started' })];
      })(),
      failures: (async function* () {})(),
      writes: (async function* () {})(),
      most: { failures: 1, writes: 1 },
    });

    expect(report.entities[0]?.status).toBe('canceled');
    expect(report.statuses).toMatchObject({ canceled: 1, started: 0 });
  });
});

describe('the report of a plan', () => {
  const planned = (id: number) =>
    entityWith({
      id,
      kind: 'plan',
      counts: { labels: countsOf({ source: 9, fetched: 9, imported: 7, skipped: 0, failed: 2 }) },
      foreseen: { create: 6, unchanged: 1, emails: 3 },
      notMigrated: { epics: 2 },
    });
  const changes = { create: 6, update: 0, unchanged: 1, skip: 0, blocked: 2, unknown: 0 };

  it('tells what would be done, and counts nothing as imported or failed', async () => {
    const report = await reportOf({
      kind: 'plan',
      entities: [planned(1), planned(2)],
      failures: [failureWith({ entityId: 1 })],
    });

    expect(report.relations).toEqual([
      {
        relation: 'labels',
        source: 18,
        imported: 0,
        skipped: 0,
        failed: 0,
        verified: null,
        planned: { create: 12, update: 0, unchanged: 2, skip: 0, blocked: 4, unknown: 0 },
      },
    ]);
    expect(report.notMigrated).toEqual([{ relation: 'epics', source: 4, entities: 2 }]);
    expect(report.problems.map(({ kind }) => kind)).toEqual(['blocked']);
  });

  it('stands beside the result of the import that was bound to it, relation by relation', async () => {
    const labels = countsOf({ source: 9, fetched: 9, imported: 9 });
    const badges = countsOf({ source: 1, fetched: 1, imported: 1 });

    const report = await reportOf({
      entities: [entityWith({ id: 7, counts: { labels, badges } })],
      plan: [planned(1)],
    });

    expect(report.planId).toBe(41);
    expect(report.relations).toMatchObject([
      { relation: 'badges', imported: 1, planned: null },
      { relation: 'labels', source: 9, imported: 9, failed: 0, planned: changes },
    ]);
    expect(report.totals).toMatchObject({ source: 10, imported: 10, planned: changes });
    expect(report.notMigrated).toEqual([{ relation: 'epics', source: 2, entities: 1 }]);
    expect(report.entities.map(({ id }) => id)).toEqual([7]);
  });
});

describe('a report with a verification', () => {
  const labels = { labels: countsOf({ source: 10, fetched: 10, imported: 10 }) };

  it('has its figures beside our own counts, which it does not touch', async () => {
    const found = verifiedWith({ unchanged: 8, update: 1, create: 1, unknown: 3, blocked: 1 });

    const json = presentReport(
      await reportOf({
        entities: [entityWith({ id: 1, counts: labels })],
        verification: verificationOf([{ id: 1, changes: { labels: found } }]),
      }),
    );

    const expected = { source: 10, imported: 10, failed: 0, matched: 8, different: 1, missing: 1 };
    expect(json).toMatchObject({ complete: false, accuracy: 0.8 });
    expect(json.verified_at).not.toBeNull();
    expect(json.totals).toMatchObject({ ...expected, expected: 10, unverified: 0, new_at_source: 3 });
    expect(json.relations).toMatchObject([{ relation: 'labels', ...expected, accuracy: 0.8 }]);
  });

  it.each([
    [0, true],
    [3, false],
  ])(
    'is complete when nothing differs, is missing, or could not be compared: %i, %s',
    async (blocked, complete) => {
      const found = verifiedWith({ unchanged: 10, blocked });

      const json = presentReport(
        await reportOf({
          entities: [entityWith({ id: 1, counts: labels })],
          verification: verificationOf([{ id: 1, changes: { labels: found } }]),
        }),
      );

      expect([json.complete, json.accuracy, json.totals.unverified]).toEqual([complete, 1, blocked]);
    },
  );

  it('has what was read of relations that we counted nothing of, and no steps', async () => {
    const changes = {
      badges: verifiedWith({ create: 2, blocked: 2 }),
      finisher: verifiedWith({ unchanged: 3 }),
    };

    const report = await reportOf({
      entities: [entityWith({ id: 1 })],
      verification: verificationOf([{ id: 1, changes }]),
    });

    expect(presentReport(report).relations).toMatchObject([
      { relation: 'badges', source: 0, imported: 0, missing: 2, accuracy: 0 },
    ]);
  });

  const DIFFERS = "It is other: color is '#fff' instead of '#000'; due_date is empty.";

  it('counts a record that has failed and is missing once, and says why by its failure', async () => {
    const found = [
      ['bug', 'BulkImports::MissingRecordError', 'It is not there.', 'loader'],
      ['new', 'BulkImports::DifferentRecordError', DIFFERS, 'loader'],
      ['old', 'BulkImports::MissingRecordError', 'It is not there.', 'loader'],
      [null, 'BulkImports::NetworkError', 'The list was not read.', 'extractor'],
    ] as const;
    const refused = failureWith({
      entityId: 1,
      sourceTitle: 'bug',
      exceptionMessage: 'It was refused (422).',
      retryable: false,
    });
    const wiki = { sourceTitle: null, relation: 'wikis', exceptionMessage: 'No wiki (403).' };

    const report = await reportOf({
      entities: [entityWith({ id: 1 })],
      failures: [refused, failureWith({ entityId: 1, ...wiki })],
      verification: verificationOf(
        [],
        found.map(([sourceTitle, exceptionClass, exceptionMessage, step]) => ({
          ...failureWith({ entityId: 1, sourceTitle, exceptionClass, exceptionMessage }),
          retryable: sourceTitle !== 'new',
          step,
        })),
      ),
    });

    expect(report.problemsTotal).toBe(5);
    expect(
      report.problems.map(({ kind, title, message, retryable }) => [kind, title, message, retryable]),
    ).toEqual([
      ['missing', 'bug', 'It was refused (422).', false],
      ['different', 'new', DIFFERS, false],
      ['missing', 'old', 'It is not there.', true],
      ['failed', null, 'The list was not read.', true],
      ['failed', null, 'No wiki (403).', true],
    ]);
    expect(report.problems.map(({ fields }) => fields)).toEqual([[], ['color', 'due_date'], [], [], []]);
    // One each: that of `bug` is the refusal.
    expect(report.causes.map(({ message, count }) => [message, count]).sort()).toEqual(
      ['It is not there.', DIFFERS, 'It was refused (422).', 'No wiki (403).', 'The list was not read.'].map(
        message => [message, 1],
      ),
    );
  });

  /** The report of failures of an import, and of what its verification has found, all of one group. */
  const reportWith = (failures: Partial<CausedFailure>[], found: Partial<VerifiedFailure>[]) =>
    reportOf({
      entities: [entityWith({ id: 1 })],
      failures: failures.map(failure => failureWith({ entityId: 1, ...failure })),
      verification: verificationOf(
        [],
        found.map(failure => ({ ...failureWith({ entityId: 1, ...failure }), step: 'loader', ...failure })),
      ),
    });
  const problemsOf = ({ problems }: Report) =>
    problems.map(({ kind, relation, title, message }) => [kind, relation, title, message]);

  it('names a relation once that has failed as a whole and could not be compared', async () => {
    const whole = { sourceTitle: null, isCounted: false };
    const report = await reportWith(
      [
        { ...whole, key: '1#labels#page', exceptionMessage: 'The list was not read (403).' },
        { ...whole, key: '1#labels#crash', exceptionMessage: 'The run has died.' },
        { ...whole, relation: 'wikis', exceptionMessage: 'No wiki (403).' },
      ],
      [{ ...whole, key: '1#labels#count', exceptionMessage: 'It was not listed (403).' }],
    );

    expect(problemsOf(report)).toEqual([
      ['failed', 'labels', null, 'The list was not read (403).'],
      ['failed', 'labels', null, 'The run has died.'],
      ['failed', 'wikis', null, 'No wiki (403).'],
    ]);
    expect([report.problemsTotal, report.entities[0]?.problems]).toEqual([3, 3]);
    expect(report.causes.map(({ message, count }) => [message, count]).sort()).toEqual([
      ['No wiki (403).', 1],
      ['The list was not read (403).', 1],
      ['The run has died.', 1],
    ]);
  });

  it('tells records without a name, and those with the same one, apart from each other and from their relation', async () => {
    const nameless = (key: string) => ({ sourceTitle: null, isCounted: true, relation: 'members', key });
    const board = { relation: 'boards', sourceTitle: 'Development', isCounted: true };
    const report = await reportWith(
      [
        { ...nameless('1#members#b'), exceptionMessage: 'b was refused.' },
        { ...board, exceptionMessage: 'The board was refused.' },
        { sourceTitle: null, relation: 'members', exceptionMessage: 'The list was not read.' },
      ],
      [
        { ...nameless('1#members#a'), exceptionMessage: 'a is not there.' },
        { ...nameless('1#members#b'), exceptionMessage: 'b is not there.' },
        { ...board, exceptionMessage: 'The board is not there.' },
        { ...board, exceptionMessage: 'The board is not there.' },
      ],
    );

    expect(problemsOf(report)).toEqual([
      ['missing', 'members', null, 'a is not there.'],
      ['missing', 'members', null, 'b was refused.'],
      ['missing', 'boards', 'Development', 'The board was refused.'],
      ['missing', 'boards', 'Development', 'The board is not there.'],
      ['failed', 'members', null, 'The list was not read.'],
    ]);
    expect(report.causes.reduce((sum, { count }) => sum + count, 0)).toBe(report.problemsTotal);
  });
});
