import * as z from 'zod/mini';
import type { Entity } from './entity.ts';
import { childPrefix, importPk, keys } from './keys.ts';
import { getItem, putItem, putItems } from './table.ts';
import { queryItems } from './table-queries.ts';

/**
 * Which entities were made of what a group holds, for whoever lists that once more: in a later attempt, in which none is made
 * twice, and in a verification, which tells what has none. Written only then, for entities themselves are found neither by their
 * parents nor by their ids at the source.
 */

const VERSION = 1;
const childSchema = z.object({ v: z.literal(VERSION), held: z.string(), entityId: z.int() });

/** What tells what a group holds apart: its kind and its id at the source. */
export const heldKey = ({ sourceType, sourceId }: Pick<Entity, 'sourceType' | 'sourceId'>): string =>
  `${sourceType}#${sourceId}`;

/** Notes of which entity another one is the child. Repeated, it writes the same. */
export async function noteChild(child: Entity & { parentId: number }): Promise<void> {
  const { importId, parentId, id: entityId } = child;
  const held = heldKey(child);
  await putItem({ ...keys.child(importId, parentId, held), v: VERSION, held, entityId });
}

/** The ids of the noted children of an entity, by `heldKey`. */
export async function childrenOf({
  importId,
  id,
}: Pick<Entity, 'importId' | 'id'>): Promise<Map<string, number>> {
  const items = await queryItems(importPk(importId), { beginsWith: childPrefix(id) });
  return new Map(items.map(item => childSchema.parse(item)).map(({ held, entityId }) => [held, entityId]));
}

/**
 * Notes of which groups and projects of the source a verification has entities, wherever in its tree: one that was moved to
 * another group since has one. Repeated, it writes the same.
 */
export async function noteHeld(importId: number, entities: readonly Entity[]): Promise<void> {
  const helds = new Set(entities.map(heldKey));
  await putItems([...helds].map(held => ({ ...keys.held(importId, held), v: VERSION })));
}

/** Whether a verification has an entity of a group or project of the source. */
export async function isHeld(
  importId: number,
  held: Pick<Entity, 'sourceType' | 'sourceId'>,
): Promise<boolean> {
  return (await getItem(keys.held(importId, heldKey(held)))) !== undefined;
}
