import { FATES } from '../store/changes.ts';
import { addFigures, type Figures, NO_FIGURES } from './figures.ts';
import { printable } from './markup.ts';
import type { RelationFigures, Report, ReportedEntity } from './report.ts';

const COLUMNS = [
  'entity_id',
  'entity_type',
  'status',
  'source_full_path',
  'destination_full_path',
  'relation',
  'source',
  'imported',
  'skipped',
  'failed',
  'matched',
  'different',
  'missing',
  'new_at_source',
  'unverified',
];
/** Besides, of a plan. */
const PLAN_COLUMNS = [...FATES.map(fate => `planned_${fate}`), 'archive_bytes'];

type Cell = string | number | null;

/** Bytes of lines that stand for one group or project each, as JSON: a Lambda answers with 6 MB of that at most. */
const MOST_BYTES = 5 * 1024 * 1024;
/** GitLab's own limit for a path, twice: what is longer is somebody's joke. */
const LONGEST_TEXT = 512;

/**
 * The report as CSV (RFC 4180, UTF-8): one line for each relation of each group and project, and one for each that has
 * none. Those that are too many for one answer are summed up, relation by relation, in lines without an id, so that the
 * columns always add up to the totals.
 */
export function csvReport({ kind, entities }: Report, mostBytes = MOST_BYTES): string {
  const isPlan = kind === 'plan';
  const lines = [lineOf([...COLUMNS, ...(isPlan ? PLAN_COLUMNS : [])])];
  let left = mostBytes;
  const rest: ReportedEntity[] = [];
  for (const entity of entities) {
    const text = left > 0 ? linesOf(entity, isPlan).join('') : '';
    left -= Buffer.byteLength(JSON.stringify(text));
    if (left > 0) lines.push(text);
    else rest.push(entity);
  }
  return lines.join('') + linesOfRest(rest, isPlan).join('');
}

function linesOf(entity: ReportedEntity, isPlan: boolean): string[] {
  const { id, type, status, sourceFullPath, destinationFullPath, relations, archiveBytes } = entity;
  const cells = [id, type, status, sourceFullPath, destinationFullPath];
  // Of the project as a whole: in one of its lines, so that the column adds up.
  const size = (index: number) => (isPlan ? [index === 0 ? archiveBytes : null] : []);
  if (relations.length === 0) {
    return [lineOf([...cells, null, ...figureCells(NO_FIGURES, isPlan), ...size(0)])];
  }
  return relations.map((figures, index) =>
    lineOf([...cells, figures.relation, ...figureCells(figures, isPlan), ...size(index)]),
  );
}

function linesOfRest(rest: ReportedEntity[], isPlan: boolean): string[] {
  const sums = new Map<string, RelationFigures>();
  for (const figures of rest.flatMap(({ relations }) => relations)) {
    const sum = sums.get(figures.relation) ?? { ...NO_FIGURES, relation: figures.relation };
    addFigures(sum, figures);
    sums.set(figures.relation, sum);
  }
  const name = `(${rest.length} more groups and projects)`;
  const bytes = rest.reduce((total, { archiveBytes }) => total + (archiveBytes ?? 0), 0);
  return [...sums.values()].map((sum, index) =>
    lineOf([
      ...[null, null, null, name, null, sum.relation],
      ...figureCells(sum, isPlan),
      ...(isPlan ? [index === 0 && bytes > 0 ? bytes : null] : []),
    ]),
  );
}

function figureCells(figures: Figures, isPlan: boolean): Cell[] {
  const { source, imported, skipped, failed, verified, planned } = figures;
  const read = [
    verified?.matched,
    verified?.different,
    verified?.missing,
    verified?.newAtSource,
    verified?.unverified,
  ];
  const foreseen = isPlan ? FATES.map(fate => planned?.[fate]) : [];
  return [source, imported, skipped, failed, ...[...read, ...foreseen].map(figure => figure ?? null)];
}

/** What spreadsheets take for a formula, in full width too, and the separator of those that have a comma in numbers. */
const FORMULA = /^[=+\-@;\t\r\n＝＋－＠]/;

function lineOf(cells: readonly Cell[]): string {
  return `${cells.map(cellOf).join(',')}\r\n`;
}

function cellOf(cell: Cell): string {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell);
  const text = `${FORMULA.test(cell) ? "'" : ''}${printable(cell, LONGEST_TEXT)}`;
  return /[",;']|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
