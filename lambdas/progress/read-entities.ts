import { STATUSES, type Status } from '../domain/statuses.ts';
import type { Entity } from '../store/entity.ts';
import { getEntities, listEntitiesBehind } from '../store/entity-lists.ts';
import { listEntityKeys } from '../store/entity-pages.ts';
import type { Import } from '../store/imports.ts';
import type { Key } from '../store/keys.ts';

/** What of an import is read. */
export interface EntitiesRead {
  entities: Entity[];
  /** How many it has of each status, read or not. */
  statuses: Record<Status, number>;
  /** Whether all were read. */
  isWhole: boolean;
  /** Those that have done something lately: all, or of an import with many those that run, and those that ended last. */
  latest: Entity[];
  /** Since when `latest` has all of those, where it has not all that there are. */
  latestSince?: string;
}

/** Keys of each status that are counted. */
const MOST_COUNTED = 10_000;
/** Of an import with many, those that have ended last, by which its pace is told. */
const ENDED_LAST = 50;
/** What is shown first of an import with many: what is worked on, what needs attention, what waits. */
const ORDER: readonly Status[] = ['started', 'failed', 'timeout', 'canceled', 'created', 'finished'];

/**
 * Reads the entities of an import: all, or of an import with many those that are shown first, whose others are counted
 * by the keys of an index.
 *
 * @param wholeImport so many are all read
 * @param entities so many are shown
 */
export async function readEntities(
  record: Import,
  { wholeImport, entities: most }: { wholeImport: number; entities: number },
): Promise<EntitiesRead> {
  const { requested = 0, children = 0 } = record;
  if (requested + children <= wholeImport) {
    const entities = await listEntitiesBehind(record.id, { descending: false, limit: wholeImport + 1 });
    if (entities.length <= wholeImport) {
      return { entities, statuses: countStatuses(entities), isWhole: true, latest: entities };
    }
  }
  const statuses = noStatuses();
  const wanted: Key[] = [];
  const endedLast: Key[] = [];
  for (const status of ORDER) {
    // Of what has finished, the latest ones.
    const descending = status === 'finished';
    const keys = await listEntityKeys(record, { status, descending, limit: MOST_COUNTED });
    statuses[status] = keys.length;
    wanted.push(...keys.slice(0, most - wanted.length));
    if (status === 'finished') endedLast.push(...keys.slice(0, ENDED_LAST));
  }
  // Groups are found and run in the order of their ids, so the last ones are those that have ended last, nearly all.
  const [entities, ended] = await Promise.all([getEntities(wanted), getEntities(endedLast)]);
  const running = entities.filter(({ status }) => status === 'started');
  const since = ended.map(({ updatedAt }) => updatedAt).sort()[0];
  return {
    entities,
    statuses,
    isWhole: false,
    latest: [...running, ...ended],
    ...(since !== undefined && statuses.finished > ended.length && { latestSince: since }),
  };
}

function countStatuses(entities: Entity[]): Record<Status, number> {
  const statuses = noStatuses();
  for (const { status } of entities) statuses[status] += 1;
  return statuses;
}

const noStatuses = () => Object.fromEntries(STATUSES.map(status => [status, 0])) as Record<Status, number>;
