import * as z from 'zod/mini';
import type { Entity } from './entity.ts';
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

/**
 * What is done, or found out, by one entity of an import: `LINKS` is that the destination takes no links to archives,
 * `NO_AUTHORS` what becomes of authors where memberships are not migrated.
 */
export type OnceDone = 'AUTHORS' | 'NO_AUTHORS' | 'IMPORTS' | 'LINKS';

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

/** Notes what an entity has found out, for the others of its import. */
export async function noteFinding(
  { importId, id: entityId }: Pick<Entity, 'importId' | 'id'>,
  what: OnceDone,
  finding: string,
): Promise<void> {
  const set = { v: VERSION, entityId, finding };
  await changeItem(keys.first(importId, what), { set, create: true });
}

/** What was found out; `undefined` while nobody has. */
export async function findingOf(importId: number, what: OnceDone): Promise<string | undefined> {
  const item = await getItem(keys.first(importId, what));
  return item === undefined ? undefined : firstSchema.parse(item).finding;
}
