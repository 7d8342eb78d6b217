import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Condition } from './conditions.ts';
import type { Item } from './item.ts';
import { keys, OPEN_PARTITION } from './keys.ts';
import { deleteItem, getItem, putItem } from './table.ts';
import { queryItems } from './table-queries.ts';
import { updateItem } from './table-updates.ts';

const VERSION = 1;

const openImportSchema = z.object({
  v: z.literal(VERSION),
  importId: z.int(),
  since: z.string(),
  /** Different each time that it is listed, so that whoever has looked at it removes no newer one. */
  listing: z.optional(z.string()),
  /** How long its workflow had the chance to work since its last change, where that is not all the time since then. */
  standstill: z.optional(z.object({ lastChange: z.int(), ms: z.int() })),
});

/** An import in which something may be open: it has not ended, or something in it may be written after its end. */
export type OpenImport = Omit<z.infer<typeof openImportSchema>, 'v'>;

function fromItem(item: Item): OpenImport {
  const { v: _, ...open } = openImportSchema.parse(item);
  return open;
}

/**
 * Lists an import as open, anew if it is listed already. Goes before everything that could be left open by whoever is
 * interrupted after it; one that is listed and does not exist (a crash in between) is cleared by reconciliation.
 */
export async function putOpenImport(importId: number): Promise<void> {
  const since = new Date().toISOString();
  await putItem({ ...keys.openImport(importId), v: VERSION, importId, since, listing: randomUUID() });
}

/** How an import is listed; `undefined` when it is not. */
export async function findOpenImport(importId: number): Promise<OpenImport | undefined> {
  const item = await getItem(keys.openImport(importId));
  return item && fromItem(item);
}

/**
 * Adds time to the standstill of an open import, which begins anew with each change.
 *
 * @param lastChange when it changed last, epoch ms
 * @param workedMs milliseconds since the last call in which its workflow could have worked
 * @returns milliseconds for which it has stood still while it could have worked
 */
export async function addStandstill(
  { importId, standstill }: OpenImport,
  lastChange: number,
  workedMs: number,
): Promise<number> {
  const before = standstill?.lastChange === lastChange ? standstill.ms : 0;
  const ms = Math.round(before + Math.min(workedMs, Math.max(0, Date.now() - lastChange)));
  await updateItem(keys.openImport(importId), { set: { standstill: { lastChange, ms } } });
  return ms;
}

/** Takes an import off the list, unless it was listed anew since it was read: somebody has begun something in it. */
export async function deleteOpenImport(open: OpenImport): Promise<void> {
  await deleteItem(keys.openImport(open.importId), isSame(open));
}

function isSame({ since, listing }: OpenImport): Condition {
  if (listing === undefined) {
    return { expression: 'since = :since AND attribute_not_exists(listing)', values: { ':since': since } };
  }
  return { expression: 'listing = :listing', values: { ':listing': listing } };
}

/** All imports that are listed as open, oldest first, over all users. */
export async function listOpenImports(): Promise<OpenImport[]> {
  return (await queryItems(OPEN_PARTITION)).map(fromItem);
}
