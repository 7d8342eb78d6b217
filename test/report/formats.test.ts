import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { presentPlanReport, presentReport } from '../../lambdas/api/answers/present-report.ts';
import { csvReport } from '../../lambdas/report/csv.ts';
import { htmlReport } from '../../lambdas/report/html.ts';
import { markdownReport } from '../../lambdas/report/markdown.ts';
import { printable } from '../../lambdas/report/markup.ts';
import { relationName } from '../../lambdas/report/relation-names.ts';
import type { Report } from '../../lambdas/report/report.ts';
import { FATES } from '../../lambdas/store/changes.ts';
import { drawnPlan, drawnReport } from './drawn-reports.ts';
import { csvRows, htmlTables, markdownTables, numberIn } from './read-formats.ts';

type Numbers = (number | null)[];

const FIGURES = [
  'source',
  'imported',
  'skipped',
  'failed',
  'matched',
  'different',
  'missing',
  'unverified',
  'new_at_source',
] as const;

/** The figures by relation as the JSON has them, under the names of people. */
function ofJson(report: Report): Record<string, Numbers> {
  const { relations, totals } = presentReport(report);
  return Object.fromEntries([
    ...relations.map(({ relation, ...figures }) => [
      relationName(relation),
      FIGURES.map(name => figures[name]),
    ]),
    ['Total', FIGURES.map(name => totals[name])],
  ]);
}

/** The same, added up from the lines of the CSV. */
function ofCsv(report: Report): Record<string, Numbers> {
  const [columns = [], ...rows] = csvRows(csvReport(report));
  const sums: Record<string, Numbers> = { Total: FIGURES.map(() => null) };
  for (const row of rows) {
    const cell = (name: string) => row[columns.indexOf(name)] ?? '';
    const numbers = FIGURES.map(name => (cell(name) === '' ? null : Number(cell(name))));
    const names = cell('relation') === '' ? ['Total'] : [relationName(cell('relation')), 'Total'];
    for (const name of names)
      sums[name] = numbers.map((number, at) => added(sums[name]?.[at] ?? null, number));
  }
  const total = sums.Total as Numbers;
  return { ...sums, Total: total.map((sum, at) => (at < 4 ? (sum ?? 0) : sum)) };
}

const added = (one: number | null, other: number | null) => (one === null ? other : one + (other ?? 0));

/** The same from a table whose first column names the relation. */
function ofTable(rows: string[][]): Record<string, Numbers> {
  const first = rows[0]?.indexOf('Source') ?? -1;
  return Object.fromEntries(
    rows.slice(1).map(row => [row[0], FIGURES.map((_, at) => numberIn(row[first + at] ?? '–'))]),
  );
}

describe('the four formats', () => {
  it('carry the same numbers, whatever was drawn', async () => {
    await fc.assert(
      fc.asyncProperty(drawnReport, async drawn => {
        const report = await drawn;
        const expected = ofJson(report);

        expect(ofCsv(report)).toEqual(expected);
        const empty = Object.keys(expected).length === 1;
        for (const tables of [markdownTables(markdownReport(report)), htmlTables(htmlReport(report))]) {
          const table = tables.find(([head]) => head?.[0] === 'Relation' && head.includes('Imported'));
          if (empty) expect(table).toBeUndefined();
          else expect(ofTable(table ?? [])).toEqual(expected);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('say the same of accuracy, problems, causes and skips', async () => {
    await fc.assert(
      fc.asyncProperty(drawnReport, async drawn => {
        const report = await drawn;
        const json = presentReport(report);
        const markdown = markdownReport(report);
        const html = htmlReport(report);

        const ofEntities = report.entities.reduce((sum, { problems }) => sum + problems, 0);
        expect([ofEntities, json.problems.length]).toEqual([json.problems_total, json.problems_total]);
        expect(json.causes.reduce((sum, { count }) => sum + count, 0)).toBe(json.problems_total);
        for (const text of [markdown, html]) {
          const [, percent] = /expected records are there and alike \(([\d.]+) %\)/.exec(text) ?? [];
          expect(percent === undefined ? null : Number(percent)).toBe(
            json.accuracy === null ? null : Number((json.accuracy * 100).toFixed(2)),
          );
          expect(text).toMatch(new RegExp(`${json.problems_total} problems? (is|are) listed`));
        }
        expect([...markdown.matchAll(/^- \*\*[\d,]+ × /gm)]).toHaveLength(json.causes.length);
        expect([...html.matchAll(/<li><p><b>[\d,]+ × /g)]).toHaveLength(json.causes.length);
        const skipped = (tables: string[][][]) =>
          tables
            .find(([head]) => head?.[1] === 'Why')
            ?.slice(1)
            .map(row => numberIn(row[2] ?? '')) ?? [];
        const expected = json.skips.map(({ count }) => count);
        expect(skipped(markdownTables(markdown))).toEqual(expected);
        expect(skipped(htmlTables(html))).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });
});

describe('what was planned', () => {
  const HEADS = ['To create', 'To change', 'There already', 'To skip', 'Blocked', 'Only known then'];

  it('is told alike of a plan, and of an import that was bound to one', async () => {
    await fc.assert(
      fc.asyncProperty(drawnPlan, async drawn => {
        const report = await drawn;
        const { relations, totals } =
          report.kind === 'plan' ? presentPlanReport(report) : presentReport(report);
        const numbers = (planned: Record<string, number> | null) =>
          FATES.map(fate => planned?.[fate] ?? null);
        const expected = [
          ...relations.map(({ relation, planned }) => [relationName(relation), ...numbers(planned)]),
          ['Total', ...numbers(totals.planned)],
        ];

        for (const tables of [markdownTables(markdownReport(report)), htmlTables(htmlReport(report))]) {
          const table = tables.find(([head]) => head?.[0] === 'Relation' && head.includes('To create'));
          const first = table?.[0]?.indexOf('To create') ?? -1;
          const read = (table ?? [])
            .slice(1)
            .map(row => [row[0], ...row.slice(first, first + 6).map(numberIn)]);
          if (table !== undefined) expect(table[0]?.slice(first, first + 6)).toEqual(HEADS);
          expect(read).toEqual(relations.length === 0 && table === undefined ? [] : expected);
        }
        const [columns = [], ...rows] = csvRows(csvReport(report));
        const sum = (fate: string) =>
          rows.reduce((total, row) => total + Number(row[columns.indexOf(`planned_${fate}`)] ?? 0), 0);
        if (report.kind === 'plan') {
          expect(FATES.map(sum)).toEqual(FATES.map(fate => totals.planned?.[fate] ?? 0));
          expect(totals).toMatchObject({ imported: 0, skipped: 0, failed: 0 });
        } else expect(columns).toHaveLength(15);
      }),
      { numRuns: 100 },
    );
  });
});

describe('what was written', () => {
  it('is told alike, with all results that there were', async () => {
    await fc.assert(
      fc.asyncProperty(drawnReport, async drawn => {
        const report = await drawn;
        const { writes } = presentReport(report);
        const sum = writes.reduce((total, { count }) => total + count, 0);

        for (const tables of [markdownTables(markdownReport(report)), htmlTables(htmlReport(report))]) {
          const [head = [], ...rows] = tables.find(([first]) => first?.[0] === 'Record') ?? [];
          expect(
            rows.flatMap(row => row.slice(1).map(numberIn)).reduce<number>((a, b) => a + (b ?? 0), 0),
          ).toBe(sum);
          expect(Math.max(0, head.length - 1)).toBe(new Set(writes.map(({ result }) => result)).size);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('a name that means harm', () => {
  it('becomes no markup in the HTML, which loads and runs nothing', async () => {
    await fc.assert(
      fc.asyncProperty(drawnReport, async drawn => {
        const page = htmlReport(await drawn);

        expect(page).not.toMatch(/<(script|img|iframe|link|form|object|base)\b|<[^>]*\son\w+=|javascript:/i);
        expect(page).not.toMatch(/[\u202a-\u202e\u2066-\u2069\0\u2028]/);
        expect([...page.matchAll(/<style>/g)]).toHaveLength(1);
        const links = [...page.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => href);
        expect(links.filter(href => !/^https:\/\/(old|new)\.example\//.test(href))).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('begins no formula in the CSV, and ends no cell and no line', async () => {
    await fc.assert(
      fc.asyncProperty(drawnReport, async drawn => {
        const report = await drawn;
        const rows = csvRows(csvReport(report));

        expect(new Set(rows.map(row => row.length))).toEqual(new Set([15]));
        expect(rows.flat().filter(cell => /^[=+\-@;\t\r]/.test(cell))).toEqual([]);
        const paths = report.entities.flatMap(({ sourceFullPath, relations }) =>
          Array.from({ length: Math.max(1, relations.length) }, () => printable(sourceFullPath, 512)),
        );
        const column = rows[0]?.indexOf('source_full_path') ?? -1;
        const cells = rows.slice(1).map(row => row[column] ?? '');
        expect(cells.map((cell, at) => (cell === `'${paths[at]}` ? paths[at] : cell))).toEqual(paths);
        const lines = report.entities.reduce((sum, { relations }) => sum + Math.max(1, relations.length), 0);
        expect(rows).toHaveLength(lines + 1);
      }),
      { numRuns: 100 },
    );
  });

  it('breaks no table of the Markdown, and is nothing but code in it', async () => {
    await fc.assert(
      fc.asyncProperty(drawnReport, async drawn => {
        const markdown = markdownReport(await drawn);

        for (const table of markdownTables(markdown)) {
          expect(new Set(table.map(row => row.length)).size).toBe(1);
        }
        const outside = markdown.replaceAll(/(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '');
        expect(outside).not.toMatch(/[<>[\]@~`\\]|http|www\./);
      }),
      { numRuns: 100 },
    );
  });
});
