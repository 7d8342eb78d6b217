import * as z from 'zod/mini';
import { keys } from './keys.ts';
import { getItem, putNewItem } from './table.ts';

const VERSION = 1;
const firstSchema = z.object({ v: z.literal(VERSION), entityId: z.int() });

/**
 * Whether an entity is the first of its import to come to something that is done once. It stays the first, so that it
 * does it again when it was interrupted.
 */
export async function isFirstOf(importId: number, what: 'AUTHORS', entityId: number): Promise<boolean> {
  const key = keys.first(importId, what);
  if (await putNewItem({ ...key, v: VERSION, entityId })) return true;
  const item = await getItem(key);
  return item !== undefined && firstSchema.parse(item).entityId === entityId;
}
