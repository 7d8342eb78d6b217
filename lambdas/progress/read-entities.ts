import { STATUSES, type Status } from '../domain/statuses.ts';
import type { Entity } from '../store/entity.ts';
import { getEntities, listEntitiesBehind } from '../store/entity-lists.ts';
import { listEntityKeys } from '../store/entity-pages.ts';
import type { Import } from '../store/imports.ts';

/** What of an import is read. */
export interface EntitiesRead {
  entities: Entity[];
  /** How many it has of each status, read or not. */
  statuses: Record<Status, number>;
  /** Whether all were read. */
  isWhole: boolean;
}

/** Keys of each status that are counted. */
const MOST_COUNTED = 10_000;
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
    if (entities.length <= wholeImport) return { entities, statuses: countStatuses(entities), isWhole: true };
  }
  const statuses = noStatuses();
  const wanted = [];
  for (const status of ORDER) {
    // Of what has finished, the latest ones.
    const descending = status === 'finished';
    const keys = await listEntityKeys(record, { status, descending, limit: MOST_COUNTED });
    statuses[status] = keys.length;
    wanted.push(...keys.slice(0, most - wanted.length));
  }
  return { entities: await getEntities(wanted), statuses, isWhole: false };
}

function countStatuses(entities: Entity[]): Record<Status, number> {
  const statuses = noStatuses();
  for (const { status } of entities) statuses[status] += 1;
  return statuses;
}

const noStatuses = () => Object.fromEntries(STATUSES.map(status => [status, 0])) as Record<Status, number>;
