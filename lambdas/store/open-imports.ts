import * as z from 'zod/mini';
import { keys, OPEN_PARTITION } from './keys.ts';
import { deleteItem, putNewItem, queryItems } from './table.ts';

const VERSION = 1;

const openImportSchema = z.object({ v: z.literal(VERSION), importId: z.int(), since: z.string() });

/** An import that has not ended, as far as is known. */
export interface OpenImport {
  importId: number;
  /** ISO 8601; just before the import itself was written. */
  since: string;
}

/**
 * Notes that an import is about to be created. Written before the import, so that no import is ever open without
 * being listed; one that is listed and does not exist (a crash in between) is cleared by reconciliation.
 */
export async function putOpenImport(importId: number): Promise<void> {
  await putNewItem({ ...keys.openImport(importId), v: VERSION, importId, since: new Date().toISOString() });
}

/** Notes that an import has ended. */
export async function deleteOpenImport(importId: number): Promise<void> {
  await deleteItem(keys.openImport(importId));
}

/** All imports that have not ended, oldest first, over all users. */
export async function listOpenImports(): Promise<OpenImport[]> {
  return (await queryItems(OPEN_PARTITION)).map(item => {
    const { importId, since } = openImportSchema.parse(item);
    return { importId, since };
  });
}
