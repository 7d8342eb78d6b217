import { type Entity, entityFromItem } from './entity.ts';
import { ENTITY_PREFIX, importPk, type Key, type Owner } from './keys.ts';
import { listOwned, type OwnerList } from './owner-lists.ts';
import { getItems } from './table.ts';
import { itemPages, queryItems } from './table-queries.ts';

/** The entities of an import, by id ascending: all, or at most `limit`. */
export async function listEntities(importId: number, limit?: number): Promise<Entity[]> {
  const options = { beginsWith: ENTITY_PREFIX, ...(limit !== undefined && { limit }) };
  return (await queryItems(importPk(importId), options)).map(entityFromItem);
}

/** Entities per page: about a megabyte, which DynamoDB reads in one request. */
const PAGE = 500;

/** The entities of an import by id ascending, page by page. */
export async function* entityPages(importId: number): AsyncGenerator<Entity[]> {
  const pages = itemPages(importPk(importId), { beginsWith: ENTITY_PREFIX, pageSize: PAGE });
  for await (const items of pages) yield items.map(entityFromItem);
}

/** Some of an import's entities by id in the order asked for, from behind a key on, at most `limit`. */
export async function listEntitiesBehind(
  importId: number,
  { after, ...order }: { after?: Key | undefined; descending: boolean; limit: number },
): Promise<Entity[]> {
  const range = { beginsWith: ENTITY_PREFIX, ...order, ...(after !== undefined && { after: after.sk }) };
  return (await queryItems(importPk(importId), range)).map(entityFromItem);
}

/** The keys of all entities of an owner, over all imports, in the order asked for, at most `limit`. */
export function listUserEntityKeys(owner: Owner, options: OwnerList): Promise<Key[]> {
  return listOwned(owner, 'ENTITIES', options);
}

/** Reads entities by key, in that order. */
export async function getEntities(wanted: Key[]): Promise<Entity[]> {
  return (await getItems(wanted)).map(entityFromItem);
}
