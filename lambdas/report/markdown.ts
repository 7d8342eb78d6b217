import { notedArchives } from './archive-sizes.ts';
import type { Cause } from './causes.ts';
import { type Column, cellsOf, columnsOf, PLAN_BESIDE_RESULT } from './columns.ts';
import { sumFigures } from './figures.ts';
import { hostOf } from './links.ts';
import { literal, nameOf, table } from './markdown-text.ts';
import { count, number, size } from './markup.ts';
import type { Report } from './report.ts';
import {
  ARCHIVES_HEADING,
  headingsOf,
  NEW_HEADING,
  NEW_WORDS,
  skipReason,
  statusOf,
  statusWords,
  titleOf,
  verdict,
} from './words.ts';
import { RESULT_WORDS, resultsIn } from './writes.ts';

/** What is listed; a note or an issue takes no more, and the rest is counted. */
const MOST = { groups: 100, problems: 200, causes: 100 };

/** The report in Markdown, to be put into an issue or a wiki of a GitLab. */
export function markdownReport(report: Report): string {
  const { attempt, sourceUrl, destinationUrl, failure, madeAt } = report;
  const times = `Started ${report.createdAt}, changed last ${report.updatedAt}, attempt ${attempt}`;
  return [
    `# ${titleOf(report)}: ${statusOf(report)}`,
    `From ${literal(hostOf(sourceUrl))} to ${literal(hostOf(destinationUrl))}. ${times}${report.verifiedAt === null ? '' : `, verified ${report.verifiedAt}`}.`,
    ...(failure === null ? [] : [literal(failure)]),
    ...verdict(report),
    ...relationParts(report),
    ...planParts(report),
    ...archiveParts(report),
    ...causeParts(report),
    ...skipParts(report),
    ...notMigratedParts(report),
    ...newParts(report),
    ...writeParts(report),
    ...groupParts(report),
    ...problemParts(report),
    `Made ${madeAt}.`,
  ]
    .map(part => `${part}\n`)
    .join('\n');
}

function relationParts(report: Report): string[] {
  if (report.relations.length === 0) return [];
  return ['## By relation', relationTable(report, columnsOf(report))];
}

function planParts(report: Report): string[] {
  const { kind, planId } = report;
  if (kind === 'plan' || planId === null) return [];
  return [
    '## The plan beside the result',
    `What plan ${planId} has said, and what the import has counted.`,
    relationTable(report, PLAN_BESIDE_RESULT),
  ];
}

function relationTable({ relations, totals }: Report, columns: readonly Column[]): string {
  const rows = relations.map(figures => [nameOf(figures.relation), ...cellsOf(columns, figures)]);
  const names = columns.map(({ name }) => name);
  return table(['Relation', ...names], columns.length, [...rows, ['**Total**', ...cellsOf(columns, totals)]]);
}

function causeParts(report: Report): string[] {
  const { kind, causes, isWhole } = report;
  if (causes.length === 0) return [];
  const more = causes.slice(MOST.causes);
  const rest = more.reduce((sum, one) => sum + one.count, 0);
  return [
    `## ${headingsOf(report).causes}`,
    ...(isWhole ? [] : ['There are more failures than were read for this report.']),
    causes
      .slice(0, MOST.causes)
      .map(cause => causeItem(cause, kind === 'plan'))
      .join('\n'),
    ...(more.length === 0 ? [] : [`and ${count(rest, 'failure')} of ${count(more.length, 'other cause')}.`]),
  ];
}

function causeItem(cause: Cause, isPlanned: boolean): string {
  const { relation, message, count: times, entities, remedy, retryHelps } = cause;
  const where = entities === 1 ? 'one group or project' : `${number(entities)} groups and projects`;
  const outlook = retryHelps ? ' A retry can help.' : ' A retry alone does not help.';
  return `- **${number(times)} × ${nameOf(relation)}** in ${where}: ${literal(message, 600)} ${remedy}${isPlanned ? '' : outlook}`;
}

function skipParts(report: Report): string[] {
  const { skips } = report;
  if (skips.length === 0) return [];
  const rows = skips.map(({ relation, reason, count: skipped }) => {
    const why = skipReason(reason);
    return [nameOf(relation), why === reason ? literal(why) : why, number(skipped)];
  });
  return [`## ${headingsOf(report).skips}`, table(['Relation', 'Why', 'Records'], 1, rows)];
}

function notMigratedParts(report: Report): string[] {
  const { notMigrated } = report;
  if (notMigrated.length === 0) return [];
  const rows = notMigrated.map(({ relation, source, entities }) => [
    nameOf(relation),
    source === null ? 'not counted' : number(source),
    number(entities),
  ]);
  return [
    `## ${headingsOf(report).notMigrated}`,
    table(['Relation', 'Records at the source', 'Groups and projects'], 2, rows),
  ];
}

function archiveParts(report: Report): string[] {
  const noted = notedArchives(report);
  if (noted.length === 0) return [];
  const rows = noted
    .slice(0, MOST.groups)
    .map(({ entity, bytes, note }) => [literal(entity.sourceFullPath), size(bytes), note]);
  const more = noted.length - rows.length;
  return [
    `## ${ARCHIVES_HEADING}`,
    table(['Project', 'About', 'What to look at'], 0, rows),
    ...(more === 0 ? [] : [`and ${number(more)} more.`]),
  ];
}

function newParts({ newAtSource }: Report): string[] {
  if (newAtSource.length === 0) return [];
  const shown = newAtSource.slice(0, MOST.groups);
  const rows = shown.map(({ type, sourceFullPath }) => [type, literal(sourceFullPath)]);
  const more = newAtSource.length - shown.length;
  return [
    `## ${NEW_HEADING}`,
    NEW_WORDS,
    table(['Kind', 'At the source'], 0, rows),
    ...(more === 0 ? [] : [`and ${number(more)} more.`]),
  ];
}

function writeParts({ writes, areWritesWhole }: Report): string[] {
  if (writes.length === 0) return [];
  const columns = resultsIn(writes);
  const rows = writes.map(({ target, results }) => [
    literal(target, 60),
    ...columns.map(result => number(results[result] ?? 0)),
  ]);
  return [
    '## What was written at the destination',
    ...(areWritesWhole ? [] : ['There are more than were read for this report.']),
    table(['Record', ...columns.map(result => RESULT_WORDS[result])], columns.length, rows),
  ];
}

function groupParts(report: Report): string[] {
  const { kind, entities } = report;
  if (entities.length === 0) return [];
  const shown = entities.toSorted((a, b) => b.problems - a.problems || a.id - b.id).slice(0, MOST.groups);
  const columns = columnsOf(report);
  const rows = shown.map(({ sourceFullPath, destinationFullPath, status, problems, relations }) => [
    literal(sourceFullPath),
    destinationFullPath === null ? '–' : literal(destinationFullPath),
    statusWords(status, kind !== 'plan' && problems > 0),
    number(problems),
    ...cellsOf(columns, sumFigures(relations)),
  ]);
  const more = entities.length - shown.length;
  return [
    '## By group and project',
    table(
      ['At the source', 'At the destination', 'Status', 'Problems', ...columns.map(({ name }) => name)],
      columns.length + 1,
      rows,
    ),
    ...(more === 0 ? [] : [`and ${number(more)} more, which have fewer problems.`]),
  ];
}

function problemParts({ problems, problemsTotal }: Report): string[] {
  if (problems.length === 0) return [];
  const shown = problems.slice(0, MOST.problems);
  const rows = shown.map(({ sourceFullPath, relation, title, kind, fields, message }) => [
    literal(sourceFullPath),
    nameOf(relation),
    title === null ? '–' : literal(title),
    `${kind}${fields.length === 0 ? '' : `: ${literal(fields.join(', '))}`}`,
    literal(message, 600),
  ]);
  const more = problemsTotal - shown.length;
  return [
    '## Problems one by one',
    table(['Where', 'Relation', 'Record', 'Kind', 'Why'], 0, rows),
    ...(more <= 0 ? [] : [`and ${number(more)} more.`]),
  ];
}
