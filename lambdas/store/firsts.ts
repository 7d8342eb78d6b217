import * as z from 'zod/mini';
import { keys } from './keys.ts';
import { getItem, putNewItem } from './table.ts';
import { changeItem } from './table-updates.ts';

const VERSION = 1;
const firstSchema = z.object({
  v: z.literal(VERSION),
  entityId: z.int(),
  /** What was found out for all others, in words for people. */
  finding: z.optional(z.string()),
});

/** What is done by one entity of an import. */
export type OnceDone = 'AUTHORS' | 'IMPORTS';

/**
 * Whether an entity is the first of its import to come to something that is done once. It stays the first, so that it
 * does it again when it was interrupted.
 */
export async function isFirstOf(importId: number, what: OnceDone, entityId: number): Promise<boolean> {
  const key = keys.first(importId, what);
  if (await putNewItem({ ...key, v: VERSION, entityId })) return true;
  const item = await getItem(key);
  return item !== undefined && firstSchema.parse(item).entityId === entityId;
}

/** Notes what the first has found out, for the others. */
export async function noteFinding(importId: number, what: OnceDone, finding: string): Promise<void> {
  await changeItem(keys.first(importId, what), { set: { finding } });
}

/** What the first has found out; `undefined` while nobody has. */
export async function findingOf(importId: number, what: OnceDone): Promise<string | undefined> {
  const item = await getItem(keys.first(importId, what));
  return item === undefined ? undefined : firstSchema.parse(item).finding;
}
