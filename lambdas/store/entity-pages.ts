import type { Status } from '../domain/statuses.ts';
import type { Entity } from './entity.ts';
import { listEntitiesBehind } from './entity-lists.ts';
import type { Import } from './imports.ts';
import {
  ENTITY_PREFIX,
  importPk,
  type Key,
  LIST_INDEX,
  type ListOwner,
  listPartition,
  padId,
  STATUS_INDEX,
} from './keys.ts';
import { countEntities } from './list-totals.ts';
import { countItems, eachItem, type QueryOptions } from './table-queries.ts';

/**
 * Pages of an import's entities. Entities are large, so those before a page, and those with a status, are found in the
 * owner's two indexes, which have keys only (about 130 bytes): an import's entities lie there between its first id and
 * its last one, together with those of other imports that the same owner had running at that time. An index of each
 * import's own would be two more writes for each change of a status.
 */

type EntityList = ListOwner & Pick<Import, 'id'>;

/**
 * What is younger may not be in an index yet, which is mostly a second behind. Where that matters the table itself is
 * counted, whose entities cost what they are large.
 */
const INDEXED_MS = 10_000;

export interface EntityPage {
  entities: Entity[];
  /** How many the import has, but no more than 10,001 unless the page itself is behind so many. */
  total: number;
}

/** A page of an import's entities by id in the order asked for, and how many there are. */
export async function listEntityPage(
  record: Import,
  page: { descending: boolean; offset: number; limit: number },
): Promise<EntityPage> {
  const before = await skip(record, page);
  if (before.count < page.offset) return { entities: [], total: before.count };
  const entities = await listEntitiesBehind(record.id, { ...page, after: before.last });
  const known = page.offset + entities.length;
  // A page that comes up short is the last one, and tells the total itself.
  if (entities.length < page.limit) return { entities, total: known };
  return { entities, total: Math.max(known, await totalOf(record)) };
}

/** Kept in the import: what was asked for, and what was made of subgroups. */
async function totalOf({ id, requested, children = 0 }: Import): Promise<number> {
  return requested === undefined ? countEntities(id) : requested + children;
}

/** Finds the last of so many entities. @returns how many there are of them, and its key */
async function skip(
  record: EntityList,
  { descending, offset }: { descending: boolean; offset: number },
): Promise<{ count: number; last?: Key | undefined }> {
  let count = 0;
  let last: Key | undefined;
  if (offset === 0) return { count };
  const ends = await endsOf(record.id);
  if (ends === undefined) return { count };
  // Backwards, one that is missing at the new end would move all others.
  const isIndexed = !descending || Date.now() - Date.parse(ends.last.createdAt) > INDEXED_MS;
  if (isIndexed) {
    for await (const key of eachKey(record, ends, { descending, most: offset })) {
      last = key;
      count += 1;
      if (count === offset) return { count, last };
    }
  }
  // What is not in the index yet.
  const rest = await countItems(importPk(record.id), {
    beginsWith: ENTITY_PREFIX,
    descending,
    limit: offset - count,
    ...(last !== undefined && { after: last.sk }),
  });
  const sk = rest.last ?? last?.sk;
  return { count: count + rest.count, ...(sk !== undefined && { last: { pk: importPk(record.id), sk } }) };
}

/** The keys of an import's entities that have a status, by id in the order asked for, at most `limit`. */
export async function listEntityKeys(
  record: EntityList,
  { status, descending, limit }: { status: Status; descending: boolean; limit: number },
): Promise<Key[]> {
  const ends = await endsOf(record.id);
  const found: Key[] = [];
  if (ends === undefined) return found;
  for await (const key of eachKey(record, ends, { status, descending, most: limit })) {
    found.push(key);
    if (found.length === limit) break;
  }
  return found;
}

interface Ends {
  first: Entity;
  last: Entity;
}

/** The oldest and the newest entity of an import. */
async function endsOf(importId: number): Promise<Ends | undefined> {
  const [[first], [last]] = await Promise.all([
    listEntitiesBehind(importId, { descending: false, limit: 1 }),
    listEntitiesBehind(importId, { descending: true, limit: 1 }),
  ]);
  return first && last && { first, last };
}

/** The keys of an import's entities, as an index has them. */
async function* eachKey(
  owner: EntityList,
  { first, last }: Ends,
  { status, descending, most }: { status?: Status; descending: boolean; most: number },
): AsyncGenerator<Key> {
  const options: QueryOptions = {
    index: status === undefined ? LIST_INDEX : STATUS_INDEX,
    between: [padId(first.id), padId(last.id)],
    descending,
    pageSize: most,
  };
  const pk = importPk(owner.id);
  for await (const item of eachItem(listPartition(owner, 'ENTITIES', status), options)) {
    if (item.pk === pk) yield { pk, sk: String(item.sk) };
  }
}
