import type { EntityAnswer } from './api-client.ts';
import { endToWidth, paint, type Screen, type Style, toWidth } from './terminal.ts';

/** What the progress shows of an entity. */
export interface EntityProgress {
  path: string;
  status: EntityAnswer['status'];
  /** Records that were dealt with, of those that the source is known to have so far. */
  done: number;
  known: number;
  failures: number;
}

const STATUS_STYLES: Record<EntityAnswer['status'], Style> = {
  created: 'dim',
  started: 'cyan',
  finished: 'green',
  timeout: 'red',
  failed: 'red',
  canceled: 'yellow',
};

const STATUS_COLUMNS = 8;
const COUNT_COLUMNS = 9;
const FAILURES_COLUMNS = 8;
const GAP = '  ';
const WIDEST_BAR = 24;
const NARROWEST_BAR = 6;
const SHORTEST_PATH = 12;

/** Adds up what the API tells about entities, and puts every group behind its parent. */
export function progressOf(entities: readonly EntityAnswer[]): EntityProgress[] {
  return entities
    .map(entity => {
      const counts = Object.values(entity.stats);
      return {
        path: entity.source_full_path,
        status: entity.status,
        done: counts.reduce((sum, { fetched }) => sum + fetched, 0),
        known: counts.reduce((sum, { source }) => sum + source, 0),
        failures: entity.failures.length,
      };
    })
    .sort((a, b) => compareSegments(a.path.split('/'), b.path.split('/')));
}

function compareSegments(a: string[], b: string[]): number {
  const index = a.findIndex((segment, at) => segment !== b[at]);
  if (index === -1) return a.length - b.length;
  return (a[index] ?? '').toLowerCase() < (b[index] ?? '').toLowerCase() ? -1 : 1;
}

/**
 * The table of the progress for a terminal: never wider than it is, nor higher. Where there is little room the bars
 * go first, then the beginnings of the paths.
 */
export function liveTable(entities: readonly EntityProgress[], seconds: number, screen: Screen): string[] {
  // The last column stays empty: some terminals begin a new line when it is written to.
  const columns = screen.columns - 1;
  const { path, bar } = layout(entities, columns);
  const head = [
    toWidth('Path', path),
    toWidth('Status', STATUS_COLUMNS),
    ...(bar > 0 ? [toWidth('Progress', bar)] : []),
    'Records'.padStart(COUNT_COLUMNS),
    'Failures'.padStart(FAILURES_COLUMNS),
  ].join(GAP);
  // The head, the summary and the line of the cursor must fit, too.
  const most = Math.max(1, screen.rows - 4);
  const shown = entities.length > most ? entities.slice(0, most - 1) : entities;
  const hidden = entities.length - shown.length;
  return [
    paint('bold', cut(head, columns), screen),
    ...shown.map(entity => row(entity, path, bar, columns, screen)),
    ...(hidden > 0 ? [cut(`… and ${hidden} more`, columns)] : []),
    paint('dim', cut(summary(entities, seconds), columns), screen),
  ];
}

function layout(entities: readonly EntityProgress[], columns: number): { path: number; bar: number } {
  const others = STATUS_COLUMNS + COUNT_COLUMNS + FAILURES_COLUMNS + 3 * GAP.length;
  const longest = Math.max(SHORTEST_PATH, ...entities.map(({ path }) => path.length));
  const left = columns - others - longest - GAP.length;
  const bar = left < NARROWEST_BAR ? 0 : Math.min(left, WIDEST_BAR);
  return { bar, path: Math.max(SHORTEST_PATH, Math.min(longest, columns - others)) };
}

function row(entity: EntityProgress, path: number, bar: number, columns: number, screen: Screen): string {
  const { done, known, failures, status } = entity;
  const style = STATUS_STYLES[status];
  const cells: [text: string, style: Style | undefined][] = [
    [endToWidth(entity.path, path), undefined],
    [toWidth(status, STATUS_COLUMNS), style],
    ...(bar > 0 ? [[drawBar(entity, bar), style] as [string, Style]] : []),
    [(known === 0 ? '' : `${done}/${known}`).padStart(COUNT_COLUMNS), undefined],
    [(failures === 0 ? '' : String(failures)).padStart(FAILURES_COLUMNS), 'yellow'],
  ];
  let room = columns;
  return cells
    .map(([text, cellStyle], index) => {
      const gap = index === 0 ? '' : GAP;
      const visible = (gap + text).slice(0, Math.max(0, room));
      room -= visible.length;
      return cellStyle === undefined ? visible : paint(cellStyle, visible, screen);
    })
    .join('');
}

/**
 * A bar of the records done of those known. A group tells how many records it has relation by relation, so the bar
 * is full only when the group has ended.
 */
export function drawBar({ done, known, status }: EntityProgress, columns: number): string {
  const ended = status !== 'created' && status !== 'started';
  const share = known === 0 ? 0 : done / known;
  const full = ended ? columns : Math.min(columns - 1, Math.floor(share * columns));
  return '█'.repeat(full) + '░'.repeat(columns - full);
}

function summary(entities: readonly EntityProgress[], seconds: number): string {
  const ended = entities.filter(({ status }) => status !== 'created' && status !== 'started').length;
  const done = entities.reduce((sum, entity) => sum + entity.done, 0);
  return `${ended} of ${entities.length} groups and projects complete, ${done} records, ${seconds.toFixed(1)} s`;
}

/** One line for each entity whose status has changed since `before`, for logs and pipes. */
export function changeLines(
  before: readonly EntityProgress[],
  now: readonly EntityProgress[],
  seconds: number,
): string[] {
  const statuses = new Map(before.map(({ path, status }) => [path, status]));
  const width = Math.max(28, ...now.map(({ path }) => path.length));
  return now
    .filter(({ path, status }) => statuses.get(path) !== status)
    .map(({ path, status, known, failures }) => {
      const ended = status !== 'created' && status !== 'started';
      const counts = ended ? `${GAP}${plural(known, 'record')}${failuresOf(failures)}` : '';
      return `${seconds.toFixed(1).padStart(5)} s  ${path.padEnd(width)}  ${ended ? status.padEnd(STATUS_COLUMNS) : status}${counts}`;
    });
}

const failuresOf = (count: number) => (count === 0 ? '' : `, ${plural(count, 'failure')}`);

/** `1 record`, `2 records`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : toWidth(text, columns);
}
