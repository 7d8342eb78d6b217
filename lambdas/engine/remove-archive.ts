import pLimit from 'p-limit';
import { archiveStore } from '../archives/archive-stores.ts';
import { isTerminal } from '../domain/statuses.ts';
import { StoreError } from '../domain/store-errors.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { revokeLinks } from '../store/archive-links.ts';
import { type ArchiveRecord, deleteArchive, findArchiveToRemove, listArchives } from '../store/archives.ts';
import { findEntity } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import { hasImportEnded } from '../store/imports.ts';

/** Archives removed at the same time; each is half a dozen requests. */
const PARALLEL_REMOVALS = 8;

/**
 * Removes the archive of an entity: its links, then what is stored, then the item that says where that is, so that
 * whoever is interrupted leaves what the next one finds. No error when there is none.
 */
export async function removeArchive(importId: number, entityId: number): Promise<void> {
  const record = await findArchiveToRemove(importId, entityId);
  if (record !== undefined) await remove(record);
}

/**
 * The same after the end of an entity, whichever it is of: one of a group has none, and costs nothing. Trouble is left to
 * the reconciler: the entity has ended, and nobody is to run it again for that.
 */
export async function clearArchiveOf({
  importId,
  id,
  sourceType,
}: Pick<Entity, 'importId' | 'id' | 'sourceType'>): Promise<void> {
  if (sourceType === 'project_entity') await attempt(() => removeArchive(importId, id));
}

/**
 * Removes the archives of an import that nobody needs any more: whoever ended their entity, or the import, has not, or a
 * run that had not heard of it has begun one since. Trouble is left to the next call.
 *
 * @param until epoch ms; nothing is begun after it
 * @returns whether none of them is left
 */
export async function clearArchives(importId: number, until: number): Promise<boolean> {
  return (await attempt(() => clear(importId, until))) ?? false;
}

async function clear(importId: number, until: number): Promise<boolean> {
  const records = await listArchives(importId);
  if (records.length === 0) return true;
  const isImportOver = await hasImportEnded(importId);
  let isComplete = true;
  await pLimit(PARALLEL_REMOVALS).map(records, async record => {
    if (Date.now() >= until) isComplete = false;
    else if (isImportOver || (await hasEntityEnded(record))) await remove(record);
  });
  return isComplete;
}

async function attempt<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    logger.error(LogEvent.ArchivesLeft, { error });
    return undefined;
  }
}

async function remove(record: ArchiveRecord): Promise<void> {
  await revokeLinks(record);
  await archiveStore().remove(record.key);
  if (record.rewrite !== null) await archiveStore().remove(record.rewrite.key);
  await deleteArchive(record);
}

async function hasEntityEnded({ importId, entityId }: ArchiveRecord): Promise<boolean> {
  const entity = await findEntity(importId, entityId);
  return entity === undefined || isTerminal(entity.status);
}
