import pLimit from 'p-limit';
import { measure } from '../shared/invocation.ts';
import { LogEvent, logger } from '../shared/logger.ts';
import { isTerminal } from '../shared/statuses.ts';
import { type Entity, listEntities, markFailuresRecorded, moveEntity } from '../store/entities.ts';
import { putFailure } from '../store/failures.ts';
import { getImport, type Import, moveImport } from '../store/imports.ts';
import { deleteOpenImport } from '../store/open-imports.ts';
import { eraseTokens } from '../store/sealed-tokens.ts';
import { endTrackers } from './end-trackers.ts';
import { countEntityEnd, countImportEnd, endEntity } from './outcomes.ts';

/** Entities changed at the same time; each is a few small writes. */
const PARALLEL_WRITES = 16;

/** Why an import or entity was ended from outside its pipelines. */
export interface Reason {
  exceptionClass: string;
  /** What happened and what to do next. */
  message: string;
}

/**
 * Ends one entity that has not ended: writes the failure that says why, ends its trackers, and then itself. Of one
 * that has failed already the trackers are ended too, for whoever failed it may have been interrupted in between.
 *
 * @returns whether the entity was still open
 */
export async function failEntity(
  entity: Entity,
  status: 'failed' | 'timeout',
  reason: Reason,
  correlationId: string,
): Promise<boolean> {
  if (isTerminal(entity.status)) {
    if (entity.status !== 'finished') await endTrackers(entity, 'failed');
    return false;
  }
  await markFailuresRecorded(entity);
  const isNew = await putFailure({
    importId: entity.importId,
    entityId: entity.id,
    key: `entity#${status}`,
    relation: 'entity',
    pipelineClass: 'BulkImports::EntityWorker',
    step: null,
    exceptionClass: reason.exceptionClass,
    exceptionMessage: reason.message,
    correlationId,
    sourceUrl: null,
    sourceTitle: null,
    createdAt: new Date().toISOString(),
  });
  if (isNew) measure('Failures', 1, { ExceptionClass: reason.exceptionClass });
  await endTrackers(entity, 'failed');
  return endEntity(entity, status, true);
}

/** Ends an import from outside: every entity that is still open gets the status and the reason, then the import. */
export async function closeImport(
  importId: number,
  status: 'failed' | 'timeout',
  reason: Reason,
): Promise<void> {
  const record = await getImport(importId);
  const entities = await listEntities(importId);
  await forEach(entities, entity => failEntity(entity, status, reason, record.correlationId));
  if ((await moveImport(record, status)) !== undefined) countImportEnd(status);
  await release(importId);
  logger.info(LogEvent.ImportEnded, { importId, status, correlationId: record.correlationId });
}

/**
 * Cancels an import and everything in it, from whatever state. Repeating it is harmless. The tokens are erased, so
 * a pipeline that is just running can finish its page and no more.
 *
 * @returns the import after it
 */
export async function cancelImport(record: Import): Promise<Import> {
  const canceled = await moveImport(record, 'canceled');
  if (!isTerminal(record.status)) countImportEnd('canceled');
  await release(record.id);
  logger.info(LogEvent.ImportCanceled, { importId: record.id, correlationId: record.correlationId });
  return canceled ?? (await getImport(record.id));
}

/**
 * What follows the end of every import, however it ended: entities that are still open end too (a pipeline may have
 * made them meanwhile, or a cancel was interrupted), the tokens are erased, and it is no longer listed as open.
 * Repeatable; reconciliation repeats it for an import that is listed and has ended.
 */
export async function release(importId: number): Promise<void> {
  await endOpenEntities(importId);
  await eraseTokens(importId);
  await deleteOpenImport(importId);
}

/** Cancels all entities of an import and their trackers, also those that have ended, as GitLab does. */
async function cancelEntities(importId: number): Promise<void> {
  await forEach(await listEntities(importId), async entity => {
    if (entity.status !== 'finished') await endTrackers(entity, 'canceled');
    if (entity.status === 'canceled') return;
    await moveEntity(entity, 'canceled');
    if (!isTerminal(entity.status)) countEntityEnd('canceled');
  });
}

/** Ends what is still open in an import that has ended. */
export async function endOpenEntities(importId: number): Promise<void> {
  const { status, correlationId } = await getImport(importId);
  if (status === 'canceled') return cancelEntities(importId);
  await forEach(await listEntities(importId), entity =>
    failEntity(entity, status === 'timeout' ? 'timeout' : 'failed', IMPORT_ENDED, correlationId),
  );
}

const IMPORT_ENDED: Reason = {
  exceptionClass: 'BulkImports::ImportEndedError',
  message:
    'The import ended before this group was begun; the failures of the other groups say why. Start a new import for it.',
};

async function forEach(entities: Entity[], act: (entity: Entity) => Promise<unknown>): Promise<void> {
  const limit = pLimit(PARALLEL_WRITES);
  await Promise.all(entities.map(entity => limit(() => act(entity))));
}
