import { beforeAll, describe, expect, it } from 'vitest';
import { presentReport } from '../../lambdas/api/answers/present-report.ts';
import type { CausedFailure } from '../../lambdas/report/causes.ts';
import { csvReport } from '../../lambdas/report/csv.ts';
import { htmlReport } from '../../lambdas/report/html.ts';
import { makeReport } from '../../lambdas/report/make-report.ts';
import { markdownReport } from '../../lambdas/report/markdown.ts';
import { readReport } from '../../lambdas/report/read-report.ts';
import type { Report } from '../../lambdas/report/report.ts';
import { type AuditEvent, putAuditEvents } from '../../lambdas/store/audit-events.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { countsOf } from '../support/table/counts.ts';
import { setRelationCounts } from '../support/table/entity-records.ts';
import { DESTINATION, newImport } from '../support/table/records.ts';
import { storeCopies, storeEntity, storeFailure, storeImport } from '../support/table/stored-records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { entityWith, failureWith } from './drawn-reports.ts';

const GROUPS = 10_000;
const FAILURES = 100_000;
const RELATIONS = [
  'group',
  'members',
  'labels',
  'milestones',
  'badges',
  'boards',
  'uploads',
  'self',
  'wikis',
];
/** Lambda's limit for a response, as JSON. */
const MOST_BYTES = 6 * 1024 * 1024;

describe('the report of 10,000 groups with 100,000 failures, whose names take the most room', () => {
  let report: Report;
  beforeAll(async () => {
    report = await makeReport({
      bulkImport: newImport({ status: 'finished' }),
      entities: manyGroups(),
      failures: manyFailures(),
      writes: (async function* () {})(),
      most: { failures: 200_000, writes: 0 },
    });
  });

  async function* manyGroups(): AsyncGenerator<Entity[]> {
    const counts = countsOf({ source: 5, fetched: 5, imported: 4, failed: 1 });
    const sourceFullPath = `"&'<${'"'.repeat(250)}`;
    const group = entityWith({
      sourceFullPath,
      counts: Object.fromEntries(RELATIONS.map(relation => [relation, counts])),
    });
    for (let first = 1; first <= GROUPS; first += 500) {
      yield Array.from({ length: 500 }, (_, at) => ({ ...group, id: first + at }));
    }
  }

  async function* manyFailures(): AsyncGenerator<CausedFailure[]> {
    const failure = failureWith({ sourceTitle: '"'.repeat(255) });
    for (let first = 0; first < FAILURES; first += 1_000) {
      yield Array.from({ length: 1_000 }, (_, at) => ({
        ...failure,
        entityId: 1 + Math.floor((first + at) / 10),
        exceptionMessage: `The label '${first + at}' was refused: ${'<'.repeat(200)}`,
      }));
    }
  }

  it('counts all of them, and keeps the first', () => {
    expect(report.problemsTotal).toBe(FAILURES);
    expect(report.problems).toHaveLength(1_000);
    expect(report.causes).toMatchObject([{ count: FAILURES, entities: GROUPS }]);
    expect(report.totals).toMatchObject({ source: 45 * GROUPS, imported: 36 * GROUPS, failed: 9 * GROUPS });
    expect(report.isWhole).toBe(true);
  });

  it.each<[string, (of: Report) => string]>([
    ['JSON', of => JSON.stringify(presentReport(of))],
    ['Markdown', markdownReport],
    ['HTML', htmlReport],
    ['CSV', csvReport],
  ])('fits into a response of a Lambda as %s', (_, render) => {
    expect(Buffer.byteLength(JSON.stringify({ body: render(report) }))).toBeLessThan(MOST_BYTES);
  });

  it('says how many it does not list', () => {
    const markdown = markdownReport(report);
    const html = htmlReport(report);

    expect(markdown).toContain('and 9,900 more, which have fewer problems.');
    expect(markdown).toContain('and 99,800 more.');
    expect(html).toContain('and 9,500 more groups and projects, which have fewer problems.');
    expect(html).toContain('and 99,500 more:');
    expect(csvReport(report)).toMatch(/\r\n,,,\(\d+ more groups and projects\),,labels,\d+,/);
  });
});

const auditEvent = (attributes: Pick<AuditEvent, 'importId' | 'entityId' | 'key'>): AuditEvent => ({
  relation: 'labels',
  attempt: 1,
  at: '2026-01-02T03:04:05.678Z',
  doneAt: null,
  operation: 'create the label',
  method: 'POST',
  path: '/groups/1/labels',
  kind: 'create',
  target: 'Label',
  targetId: 7,
  title: 'bug',
  within: null,
  attributes: ['name'],
  result: 'created',
  status: 201,
  requestId: null,
  ...attributes,
});

describe('reading', () => {
  const table = useTableInMemory();

  it('takes a request for each megabyte of groups and of failures, and none for each of them', async () => {
    process.env.DESTINATION_GITLAB_URL = DESTINATION;
    const record = await storeImport(7, { status: 'finished' });
    const first = await storeEntity(record, { status: 'finished' });
    await setRelationCounts(first, 'labels', countsOf({ source: 5, fetched: 5, imported: 4, failed: 1 }));
    await storeCopies(first, 1_199);
    for (let index = 0; index < 2_100; index += 1) {
      await storeFailure({ id: first.id + (index % 3), importId: record.id }, { key: `1#labels#${index}` });
    }
    const written = Array.from({ length: 2_300 }, (_, index) =>
      auditEvent({ importId: record.id, entityId: first.id + (index % 3), key: String(index) }),
    );
    await putAuditEvents(written.slice(0, 2_000));
    await putAuditEvents(written.slice(2_000).map(event => ({ ...event, target: 'Board', result: 'sent' })));
    // Of another import, right behind it in the table.
    const other = await storeImport(7);
    await storeFailure(await storeEntity(other));
    const before = table().read.requests;

    const report = await readReport(record);

    expect(report.problemsTotal).toBe(2_100);
    expect(report.causes).toMatchObject([{ count: 2_100, entities: 3 }]);
    expect(report.writes).toEqual([
      { target: 'Board', results: { sent: 300 } },
      { target: 'Label', results: { created: 2_000 } },
    ]);
    expect(report.areWritesWhole).toBe(true);
    expect(report.entities).toHaveLength(1_200);
    expect(report.totals).toMatchObject({ source: 6_000, imported: 4_800, failed: 1_200 });
    expect(table().read.requests - before).toBeLessThan(14);
  });
});
