import { GROUP_RELATIONS, PROJECT_RELATIONS } from '../../lambdas/pipelines/stages.ts';
import { RELATION_RECORDS } from '../gitlab-simulator/relation-records.ts';
import type { EntityAnswer, PlanEntityAnswer } from './api-client.ts';
import { paint, type Screen, wrap } from './terminal.ts';

/** The sums of one relation over all entities. */
export interface RelationTotals {
  relation: string;
  source: number;
  fetched: number;
  imported: number;
  failed: number;
  /** Left out on purpose: neither imported nor failed. */
  leftOut: number;
}

/** A failure, and the groups that have it. */
export interface FailureGroup {
  relation: string;
  message: string;
  /** Where it happened: the group's path, and the record's title if it has one. */
  places: { path: string; title: string | null }[];
}

/** Adds up the counts and failures of all entities, relation by relation. */
export function totalsOf(entities: readonly EntityAnswer[]): RelationTotals[] {
  const totals = new Map<string, RelationTotals>();
  const totalOf = (relation: string) => {
    const known = totals.get(relation);
    if (known) return known;
    const fresh = { relation, source: 0, fetched: 0, imported: 0, failed: 0, leftOut: 0 };
    totals.set(relation, fresh);
    return fresh;
  };
  for (const { stats, failures } of entities) {
    for (const [relation, counts] of Object.entries(stats)) {
      const total = totalOf(relation);
      total.source += counts.source;
      total.fetched += counts.fetched;
      total.imported += counts.imported;
    }
    for (const { relation } of failures) totalOf(relation).failed++;
  }
  for (const total of totals.values()) {
    total.leftOut = Math.max(0, total.fetched - total.imported - total.failed);
  }
  return [...totals.values()].sort(byRelation);
}

/** How many records a plan foresees to be at the destination, by relation. */
export function plannedOf(entities: readonly PlanEntityAnswer[]): Map<string, number> {
  const planned = new Map<string, number>();
  for (const { changes } of entities) {
    for (const [relation, { create, update, unchanged }] of Object.entries(changes))
      planned.set(relation, (planned.get(relation) ?? 0) + create + update + unchanged);
  }
  return planned;
}

/** Puts failures that say the same of the same relation together. */
export function groupFailures(entities: readonly EntityAnswer[]): FailureGroup[] {
  const groups = new Map<string, FailureGroup>();
  for (const { source_full_path: path, failures } of entities) {
    for (const { relation, exception_message: message, source_title: title } of failures) {
      const key = `${relation}\n${message}`;
      const group = groups.get(key) ?? { relation, message, places: [] };
      group.places.push({ path, title });
      groups.set(key, group);
    }
  }
  return [...groups.values()].sort(byRelation);
}

/** In the order in which they are migrated. */
function byRelation(a: { relation: string }, b: { relation: string }): number {
  const order = [...GROUP_RELATIONS, ...PROJECT_RELATIONS].map(({ relation }) => relation);
  // A relation that the stage table does not know comes last.
  const rank = (relation: string) => (order.includes(relation) ? order.indexOf(relation) : order.length);
  return rank(a.relation) - rank(b.relation);
}

const COLUMNS = ['source', 'fetched', 'imported', 'failed', 'leftOut'] as const;
const HEADS = ['Source', 'Planned', 'Fetched', 'Imported', 'Failed', 'Left out'];
const NUMBER_COLUMNS = 10;

/** The table of what was moved. @param planned what a plan has foreseen of it, by relation */
export function totalsTable(
  totals: readonly RelationTotals[],
  screen: Pick<Screen, 'color'>,
  planned: ReadonlyMap<string, number> = new Map(),
): string[] {
  const names = totals.map(({ relation }) => nameOf(relation));
  const width = Math.max('Relation'.length, ...names.map(name => name.length));
  const sum = (column: (typeof COLUMNS)[number]) => totals.reduce((all, total) => all + total[column], 0);
  const line = (name: string, cells: string[]) => name.padEnd(width) + cells.join('');
  const cell = (column: (typeof COLUMNS)[number] | 'planned', value: number) => {
    const text = String(value || '-').padStart(NUMBER_COLUMNS);
    if (value === 0) return paint('dim', text, screen);
    return column === 'failed' ? paint('yellow', text, screen) : text;
  };
  const head = line(
    'Relation',
    HEADS.map(text => text.padStart(NUMBER_COLUMNS)),
  );
  return [
    paint('bold', head, screen),
    ...totals.map((total, index) =>
      line(
        names[index] ?? '',
        withPlanned(
          COLUMNS.map(column => cell(column, total[column])),
          cell('planned', planned.get(total.relation) ?? 0),
        ),
      ),
    ),
    paint('dim', '-'.repeat(head.length), screen),
    line(
      'total',
      withPlanned(
        COLUMNS.map(column => cell(column, sum(column))),
        cell(
          'planned',
          [...planned.values()].reduce((all, one) => all + one, 0),
        ),
      ),
    ),
  ];
}

/** Cells of a line with what was planned behind what there is at the source. */
const withPlanned = ([source = '', ...others]: string[], planned: string) => [source, planned, ...others];

/** The failures in words: what, then where. */
export function failureLines(
  groups: readonly FailureGroup[],
  screen: Pick<Screen, 'color' | 'columns'>,
): string[] {
  const columns = Math.min(screen.columns, 100);
  return groups.flatMap(({ relation, message, places }) => {
    const [first = '', ...others] = wrap(`${nameOf(relation)}: ${message}`, columns, '  ');
    return [
      `${paint('yellow', '!', screen)} ${first.slice(2)}`,
      ...others,
      ...places.map(({ path, title }) =>
        paint('dim', `    in ${path}${title === null ? '' : `: ${title}`}`, screen),
      ),
    ];
  });
}

const nameOf = (relation: string) => RELATION_RECORDS[relation]?.inWords ?? relation;
