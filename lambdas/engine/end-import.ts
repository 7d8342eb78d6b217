import { isTerminal } from '../domain/statuses.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { moveEntity } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import { getEntities, listEntities } from '../store/entity-lists.ts';
import { listEntityKeys } from '../store/entity-pages.ts';
import {
  endUnbegunAttempt,
  getImport,
  hasImportEnded,
  type Import,
  markImportFailures,
  moveImport,
} from '../store/imports.ts';
import { deleteOpenImport, findOpenImport, putOpenImport } from '../store/open-imports.ts';
import { eraseTokens } from '../store/sealed-tokens.ts';
import { eachEntity } from './each-entity.ts';
import { countEntityEnd, countImportEnd, endEntity } from './end-entity.ts';
import { recordEntityFailure } from './entity-failures.ts';
import { leavesBehind, recordLeftBehind } from './left-behind.ts';
import { endWaiting } from './waiting-verification.ts';

/** Why an import or entity was ended from outside its pipelines. */
export interface Reason {
  exceptionClass: string;
  /** What happened and what to do next. */
  message: string;
}

/**
 * Removes the archives of an import that has ended. @returns whether none is left
 *
 * Given by who can: the client of S3 is a third of the size of most functions. What ends by others, by a cancel above
 * all, is cleared by the reconciler, which hears of the stopped workflow. A link leads nowhere from the end of its
 * entity on.
 */
export type ClearArchives = (importId: number, until: number) => Promise<boolean>;
const LATER: ClearArchives = async () => false;

/**
 * Ends one entity that has not ended: writes the failure that says why, and then ends it with all that is open in it.
 *
 * @returns whether the entity was still open
 */
export async function failEntity(
  entity: Entity,
  status: 'failed' | 'timeout',
  reason: Reason,
  correlationId: string,
): Promise<boolean> {
  if (isTerminal(entity.status)) return false;
  const failure = {
    key: status,
    relation: 'entity',
    pipelineClass: 'BulkImports::EntityWorker',
    step: null,
    exceptionClass: reason.exceptionClass,
    exceptionMessage: reason.message,
    sourceTitle: null,
  };
  await recordEntityFailure(entity, failure, correlationId);
  await recordLeftBehind(entity, correlationId);
  return endEntity(entity, status, true);
}

/**
 * Ends an import from outside: every entity that is still open gets the status and the reason, then the import. What
 * cannot be closed in time stays open with its import, and a repeated call goes on with it.
 *
 * @param of the import and the attempt that ends; a later one is left alone
 * @param until epoch ms; nothing is begun after it
 * @returns whether this call has ended the import
 */
export async function closeImport(
  { id: importId, attempt }: Pick<Import, 'id' | 'attempt'>,
  status: 'failed' | 'timeout',
  reason: Reason,
  until = Number.POSITIVE_INFINITY,
  clearArchives = LATER,
): Promise<boolean> {
  const record = await getImport(importId);
  if (record.attempt !== attempt) return false;
  if (isTerminal(record.status)) {
    await release(importId, until, clearArchives);
    return false;
  }
  const isComplete = await eachEntity(importId, until, async entity => {
    if (entity.attempt <= attempt) await failEntity(entity, status, reason, record.correlationId);
  });
  if (!isComplete) return false;
  const ended = await moveImport(record, status, { failure: reason });
  return endFromOutside(ended, importId, until, clearArchives);
}

/**
 * Ends an import, or another attempt of one, that has not begun: an attempt leaves the import as it was before. Its own status comes first, so that it cannot begin meanwhile: whoever begins it
 * moves the same status, and one of both finds that it was moved.
 *
 * @returns whether this call has ended it; false also when it has begun
 */
export async function closeUnbegun(
  record: Import,
  reason: Reason,
  until = Number.POSITIVE_INFINITY,
): Promise<boolean> {
  const ended = await (record.statusBefore === undefined
    ? moveImport(record, 'failed', { failure: reason, from: ['created'] })
    : endUnbegunAttempt(record));
  return ended !== undefined && endFromOutside(ended, record.id, until);
}

async function endFromOutside(
  ended: Import | undefined,
  importId: number,
  until: number,
  clearArchives = LATER,
): Promise<boolean> {
  if (ended !== undefined) {
    const { status, correlationId } = ended;
    countImportEnd(status);
    logger.info(LogEvent.ImportEnded, { importId, status, correlationId });
  }
  await release(importId, until, clearArchives);
  return ended !== undefined;
}

/** An import with up to so many entities is canceled whole while its caller waits; about half a second. */
const MOST_ENTITIES_AT_ONCE = 100;

/**
 * Cancels an import, from whatever state. Repeating it is harmless. Its workflow is stopped and its tokens are erased,
 * so a run can finish its page and no more. The entities follow: those of a small import and those that run at once, the
 * others of a large one by reconciliation, which hears of the stopped workflow and looks at all open imports.
 *
 * @param stopWorkflow stops the execution; not before the import is canceled, or reconciliation would take it for one
 *   that somebody has stopped by hand
 * @returns the import after it
 */
export async function cancelImport(
  record: Import,
  stopWorkflow: (of: Import) => Promise<unknown>,
): Promise<Import> {
  // Also for one that had ended: until all of its entities are canceled it is listed.
  await putOpenImport(record.id);
  // Whichever attempt it has come to since it was read.
  const { attempt: _, ...anyAttempt } = record;
  const { id } = record;
  const canceled = await moveImport(anyAttempt, 'canceled');
  if (canceled !== undefined && !isTerminal(record.status)) countImportEnd('canceled');
  const now = canceled ?? (await getImport(id));
  try {
    await stopWorkflow(now);
  } finally {
    await eraseTokens(now);
    await endWaiting(now);
  }
  const some = await listEntities(record.id, MOST_ENTITIES_AT_ONCE + 1);
  if (some.length <= MOST_ENTITIES_AT_ONCE) await release(record.id);
  else await cancelRunning(record);
  logger.info(LogEvent.ImportCanceled, { importId: record.id, correlationId: record.correlationId });
  return now;
}

/** Cancels the entities of a large import that run, or wait to go on: each sees it by the save that is refused. */
async function cancelRunning(record: Import): Promise<void> {
  const running = { status: 'started', descending: false, limit: MOST_ENTITIES_AT_ONCE } as const;
  const entities = await getEntities(await listEntityKeys(record, running));
  await Promise.all(entities.map(entity => cancelEntity(entity, record.correlationId)));
}

/** Cancels one entity, which may have ended. */
async function cancelEntity(entity: Entity, correlationId: string): Promise<void> {
  const wasOpen = !isTerminal(entity.status);
  const isLeft = wasOpen && leavesBehind(entity);
  if (isLeft) {
    await markImportFailures(entity.importId);
    await recordLeftBehind(entity, correlationId);
  }
  const canceled = await moveEntity(entity, 'canceled', isLeft);
  if (canceled !== undefined && wasOpen) countEntityEnd('canceled');
}

/**
 * What was running when an import ended may write so long after its end: a Lambda lives for 15 minutes at most. What it
 * leaves open if it dies just then, entities or trackers, is ended by the last look at the import.
 */
const LAST_LOOK_MS = 20 * 60_000;

/**
 * What follows the end of every import, however it ended: the tokens are erased, a verification that
 * waits for an end of another kind ends too, entities that are still open end too (a
 * pipeline may have made them meanwhile, or a cancel was interrupted), and archives are removed. Repeatable;
 * reconciliation repeats it for an import that is listed and has ended, until nobody can write in it any more. Then it is
 * listed no longer.
 *
 * @param until epoch ms; nothing is begun after it
 * @returns whether everything has ended, and no archive is left
 */
export async function release(
  importId: number,
  until = Number.POSITIVE_INFINITY,
  clearArchives = LATER,
): Promise<boolean> {
  const open = await findOpenImport(importId);
  const record = await getImport(importId);
  // Another attempt has begun.
  if (!isTerminal(record.status)) return false;
  const isLast = Date.now() - Date.parse(record.updatedAt) >= LAST_LOOK_MS;
  await eraseTokens(record);
  await endWaiting(record);
  const areEnded = await endOpenEntities(importId, { until });
  const isComplete = areEnded && (await clearArchives(importId, until));
  if (isComplete && isLast && open !== undefined) await deleteOpenImport(open);
  return isComplete;
}

/**
 * Ends what is still open in an import that has ended. In a canceled one that is every entity, as in GitLab, also those
 * that have ended.
 *
 * @param only `parentId`: the children of this entity; `until`: epoch ms, nothing is begun after it
 * @returns whether all of them have ended
 */
export async function endOpenEntities(
  importId: number,
  { parentId, until = Number.POSITIVE_INFINITY }: { parentId?: number; until?: number } = {},
): Promise<boolean> {
  const { status, attempt, correlationId, failure } = await getImport(importId);
  if (!isTerminal(status)) return false;
  return eachEntity(importId, until, async entity => {
    if (entity.attempt > attempt) return;
    if (parentId !== undefined && entity.parentId !== parentId) return;
    if (status !== 'canceled') {
      const end = status === 'timeout' ? 'timeout' : 'failed';
      await failEntity(entity, end, failure ?? IMPORT_ENDED, correlationId);
      return;
    }
    if (entity.status !== 'canceled') await cancelEntity(entity, correlationId);
  });
}

/** Ends the children of an entity that were made after the end of their import, by a run that had not heard of it. */
export async function endOpenChildren(importId: number, entityId: number): Promise<void> {
  if (await hasImportEnded(importId)) await endOpenEntities(importId, { parentId: entityId });
}

const IMPORT_ENDED: Reason = {
  exceptionClass: 'BulkImports::ImportEndedError',
  message:
    'The import ended before this group or project was begun; the failures of the others say why. Start a new import for it.',
};
