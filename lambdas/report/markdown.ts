import type { Cause } from './causes.ts';
import { accuracyOf, type Figures, sumFigures } from './figures.ts';
import { hostOf } from './links.ts';
import { count, number, printable } from './markup.ts';
import { relationName } from './relation-names.ts';
import type { Report } from './report.ts';
import { percentage, skipReason, statusWords, verdict } from './words.ts';
import { RESULT_WORDS, resultsIn } from './writes.ts';

/** What is listed; a note or an issue takes no more, and the rest is counted. */
const MOST = { groups: 100, problems: 200, causes: 100 };

/** The report in Markdown, to be put into an issue or a wiki of a GitLab. */
export function markdownReport(report: Report): string {
  const { importId, status, attempt, sourceUrl, destinationUrl, problemsTotal, failure, madeAt } = report;
  const times = `Started ${report.createdAt}, changed last ${report.updatedAt}, attempt ${attempt}`;
  return [
    `# Report of bulk import ${importId}: ${statusWords(status, problemsTotal > 0 || failure !== null)}`,
    `From ${literal(hostOf(sourceUrl))} to ${literal(hostOf(destinationUrl))}. ${times}${report.verifiedAt === null ? '' : `, verified ${report.verifiedAt}`}.`,
    ...(failure === null ? [] : [literal(failure)]),
    ...verdict(report),
    ...relationParts(report),
    ...causeParts(report),
    ...skipParts(report),
    ...notMigratedParts(report),
    ...writeParts(report),
    ...groupParts(report),
    ...problemParts(report),
    `Made ${madeAt}.`,
  ]
    .map(part => `${part}\n`)
    .join('\n');
}

/**
 * A foreign text as code, which is neither markup nor a link, a mention or a reference of GitLab. The bar would end a cell
 * of a table even in code, however it is escaped.
 */
function literal(text: string, longest?: number): string {
  const shown = printable(text, longest).replaceAll('|', '¦');
  const fence = '`'.repeat(Math.max(0, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  if (shown.trim() === '') return '` `';
  return shown.startsWith('`') || shown.endsWith('`') || shown.startsWith(' ')
    ? `${fence} ${shown} ${fence}`
    : `${fence}${shown}${fence}`;
}

const nameOf = (relation: string) =>
  /^[A-Za-z/ ]+$/.test(relationName(relation)) ? relationName(relation) : literal(relation, 60);

function table(columns: string[], numbers: number, rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`;
  const rule = columns.map((_, index) => (index < columns.length - numbers ? '---' : '---:'));
  return [columns, rule, ...rows].map(line).join('\n');
}

const OWN = ['Source', 'Imported', 'Skipped', 'Failed'];
const VERIFIED = ['Matched', 'Different', 'Missing', 'New at source', 'Accuracy'];

function figureColumns({ totals }: Report): string[] {
  return totals.verified === null ? OWN : [...OWN, ...VERIFIED];
}

function figureCells(figures: Figures, { totals }: Report): string[] {
  const { source, imported, skipped, failed, verified } = figures;
  const own = [source, imported, skipped, failed].map(number);
  if (totals.verified === null) return own;
  if (verified === null) return [...own, '–', '–', '–', '–', '–'];
  const { matched, different, missing, newAtSource } = verified;
  const accuracy = accuracyOf(figures);
  return [
    ...own,
    ...[matched, different, missing, newAtSource].map(number),
    accuracy === null ? '–' : percentage(accuracy),
  ];
}

function relationParts(report: Report): string[] {
  const { relations, totals } = report;
  if (relations.length === 0) return [];
  const columns = figureColumns(report);
  const rows = relations.map(figures => [nameOf(figures.relation), ...figureCells(figures, report)]);
  const sum = ['**Total**', ...figureCells(totals, report)];
  return ['## By relation', table(['Relation', ...columns], columns.length, [...rows, sum])];
}

function causeParts({ causes, isWhole }: Report): string[] {
  if (causes.length === 0) return [];
  const more = causes.slice(MOST.causes);
  const rest = more.reduce((sum, one) => sum + one.count, 0);
  return [
    '## What failed, by cause',
    ...(isWhole ? [] : ['There are more failures than were read for this report.']),
    causes.slice(0, MOST.causes).map(causeItem).join('\n'),
    ...(more.length === 0 ? [] : [`and ${count(rest, 'failure')} of ${count(more.length, 'other cause')}.`]),
  ];
}

function causeItem({ relation, message, count: times, entities, remedy, retryHelps }: Cause): string {
  const where = entities === 1 ? 'one group or project' : `${number(entities)} groups and projects`;
  const outlook = retryHelps ? 'A retry can help.' : 'A retry alone does not help.';
  return `- **${number(times)} × ${nameOf(relation)}** in ${where}: ${literal(message, 600)} ${remedy} ${outlook}`;
}

function skipParts({ skips }: Report): string[] {
  if (skips.length === 0) return [];
  const rows = skips.map(({ relation, reason, count: skipped }) => {
    const why = skipReason(reason);
    return [nameOf(relation), why === reason ? literal(why) : why, number(skipped)];
  });
  return ['## What was skipped on purpose', table(['Relation', 'Why', 'Records'], 1, rows)];
}

function notMigratedParts({ notMigrated }: Report): string[] {
  if (notMigrated.length === 0) return [];
  const rows = notMigrated.map(({ relation, source, entities }) => [
    nameOf(relation),
    source === null ? 'not counted' : number(source),
    number(entities),
  ]);
  return [
    '## What was not migrated',
    table(['Relation', 'Records at the source', 'Groups and projects'], 2, rows),
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
  const { entities } = report;
  if (entities.length === 0) return [];
  const shown = entities.toSorted((a, b) => b.problems - a.problems || a.id - b.id).slice(0, MOST.groups);
  const columns = figureColumns(report);
  const rows = shown.map(({ sourceFullPath, destinationFullPath, status, problems, relations }) => [
    literal(sourceFullPath),
    destinationFullPath === null ? '–' : literal(destinationFullPath),
    statusWords(status, problems > 0),
    number(problems),
    ...figureCells(sumFigures(relations), report),
  ]);
  const more = entities.length - shown.length;
  return [
    '## By group and project',
    table(
      ['At the source', 'At the destination', 'Status', 'Problems', ...columns],
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
