import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { isTerminal } from '../domain/statuses.ts';
import type { Condition } from './conditions.ts';
import { findEntity } from './entities.ts';
import type { Entity } from './entity.ts';
import { type Key, keys } from './keys.ts';
import { getItem, putNewItem } from './table.ts';
import { updateItem } from './table-updates.ts';

/**
 * Which entity may create a group or project where, and which has made which. A path at a destination belongs to one
 * entity at a time, whichever import it is of, so that two never take the same for their own (docs/adr/0018).
 */

const VERSION = 1;

const holderSchema = z.object({ v: z.literal(VERSION), importId: z.int(), entityId: z.int() });
type Holder = Pick<z.infer<typeof holderSchema>, 'importId' | 'entityId'>;
type Claimant = Pick<Entity, 'id' | 'importId'>;

/** Other claimants come between at most once each; more than so many in a row are not met. */
const MOST_ROUNDS = 10;

/**
 * Claims a full path at a destination (upper and lower case are the same). The claim of another entity stands as long
 * as that entity is at work on this very path: it has not ended, has not got its group yet, and claims no other path.
 * The claimant must have noted the path on itself before (`notePath`), for its own claim is judged by that.
 *
 * @returns whether the path is the claimant's now
 */
export async function claimPath(destination: string, fullPath: string, claimant: Claimant): Promise<boolean> {
  const key = keyOf(destination, fullPath);
  const own = { importId: claimant.importId, entityId: claimant.id };
  let free: Condition = { expression: 'attribute_not_exists(pk)' };
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const set = { v: VERSION, ...own, fullPath, claimedAt: new Date().toISOString() };
    const { applied } = await updateItem(key, { create: true, set, when: [isEither(own, free)] });
    if (applied) return true;
    const holder = await holderOf(key);
    if (holder === undefined) continue;
    if (await isAtWork(holder, fullPath)) return false;
    free = heldBy(holder, 'old');
  }
  return false;
}

/** Whether a full path at a destination is claimed by this entity. */
export async function holdsPath(
  destination: string,
  fullPath: string,
  { id, importId }: Claimant,
): Promise<boolean> {
  const holder = await holderOf(keyOf(destination, fullPath));
  return holder?.entityId === id && holder.importId === importId;
}

/**
 * Notes that a group or project of a destination is this entity's.
 *
 * @returns false when it is another entity's
 */
export async function takeMade(
  destination: string,
  made: { kind: 'group' | 'project'; id: number },
  { id, importId }: Claimant,
): Promise<boolean> {
  const key = keys.made(made.kind, digest(destination), made.id);
  if (await putNewItem({ ...key, v: VERSION, importId, entityId: id })) return true;
  const holder = await holderOf(key);
  return holder?.entityId === id && holder.importId === importId;
}

async function holderOf(key: Key): Promise<Holder | undefined> {
  const item = await getItem(key);
  return item && holderSchema.parse(item);
}

async function isAtWork({ importId, entityId }: Holder, fullPath: string): Promise<boolean> {
  const entity = await findEntity(importId, entityId);
  if (entity === undefined || isTerminal(entity.status)) return false;
  if (entity.namespaceId !== null || entity.projectId !== null) return false;
  return entity.claimedFullPath?.toLowerCase() === fullPath.toLowerCase();
}

function heldBy({ importId, entityId }: Holder, name: string): Condition {
  return {
    expression: `importId = :${name}Import AND entityId = :${name}Entity`,
    values: { [`:${name}Import`]: importId, [`:${name}Entity`]: entityId },
  };
}

function isEither(own: Holder, other: Condition): Condition {
  const mine = heldBy(own, 'own');
  return {
    expression: `(${mine.expression}) OR (${other.expression})`,
    values: { ...mine.values, ...other.values },
  };
}

function keyOf(destination: string, fullPath: string): Key {
  return keys.pathClaim(digest(`${destination}\n${fullPath.toLowerCase()}`));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
