import { describe, expect, it } from 'vitest';
import { presentReport } from '../../lambdas/api/answers/present-report.ts';
import { makeReport, type Verification } from '../../lambdas/report/make-report.ts';
import { countsOf } from '../support/table/counts.ts';
import { newImport } from '../support/table/records.ts';
import { entityWith, failureWith, reportOf } from './drawn-reports.ts';

const TIME = '2026-01-02T05:00:00.000Z';
const NOTHING = { matched: 0, different: 0, missing: 0, newAtSource: 0 };

const verification = (others: Partial<Verification> = {}): Verification => ({
  at: TIME,
  figures: new Map(),
  problems: [],
  ...others,
});

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
    const figures = new Map([[1, { labels: { matched: 8, different: 1, missing: 1, newAtSource: 2 } }]]);

    const json = presentReport(
      await reportOf({
        entities: [entityWith({ id: 1, counts: labels })],
        verification: verification({ figures }),
      }),
    );

    const expected = {
      source: 10,
      imported: 10,
      failed: 0,
      matched: 8,
      different: 1,
      missing: 1,
      new_at_source: 2,
    };
    expect(json).toMatchObject({ verified_at: TIME, complete: false, accuracy: 0.8 });
    expect(json.totals).toMatchObject({ ...expected, expected: 10 });
    expect(json.relations).toMatchObject([{ relation: 'labels', ...expected, accuracy: 0.8 }]);
  });

  it('is complete, and exactly, when nothing differs and nothing is missing', async () => {
    const figures = new Map([[1, { labels: { ...NOTHING, matched: 10, newAtSource: 3 } }]]);

    const json = presentReport(
      await reportOf({
        entities: [entityWith({ id: 1, counts: labels })],
        verification: verification({ figures }),
      }),
    );

    expect([json.complete, json.accuracy]).toEqual([true, 1]);
  });

  it('has what was read of relations that we counted nothing of', async () => {
    const figures = new Map([[1, { badges: { ...NOTHING, missing: 2 } }]]);

    const report = await reportOf({
      entities: [entityWith({ id: 1 })],
      verification: verification({ figures }),
    });

    expect(presentReport(report).relations).toMatchObject([
      { relation: 'badges', source: 0, imported: 0, missing: 2, accuracy: 0 },
    ]);
  });

  it('counts a record that has failed and is missing once, and says why by its failure', async () => {
    const found = { entityId: 1, relation: 'labels', title: 'bug', fields: [] };
    const problems = [
      { ...found, kind: 'missing' as const, message: 'It is not there.' },
      {
        ...found,
        title: 'new',
        kind: 'different' as const,
        fields: ['color'],
        message: 'Its color differs.',
      },
    ];
    const failures = [
      failureWith({
        entityId: 1,
        sourceTitle: 'bug',
        exceptionMessage: 'It was refused (422).',
        retryable: false,
      }),
      failureWith({ entityId: 1, sourceTitle: null, relation: 'wikis', exceptionMessage: 'No wiki (403).' }),
    ];

    const report = await reportOf({
      entities: [entityWith({ id: 1 })],
      failures,
      verification: verification({ problems }),
    });

    expect(report.problemsTotal).toBe(3);
    expect(
      report.problems.map(({ kind, title, message, retryable }) => [kind, title, message, retryable]),
    ).toEqual([
      ['missing', 'bug', 'It was refused (422).', false],
      ['different', 'new', 'Its color differs.', true],
      ['failed', null, 'No wiki (403).', true],
    ]);
    expect(report.causes.map(({ count }) => count)).toEqual([1, 1]);
  });
});
