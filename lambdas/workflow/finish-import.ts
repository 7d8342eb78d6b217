import { onlyLooks } from '../domain/kinds.ts';
import { isTerminal } from '../domain/statuses.ts';
import { eachEntity } from '../engine/each-entity.ts';
import { countImportEnd } from '../engine/end-entity.ts';
import { failEntity, type Reason, release } from '../engine/end-import.ts';
import { PlanSum } from '../engine/plan-totals.ts';
import { clearArchives } from '../engine/remove-archive.ts';
import { hasEndedByItself, waitingVerification } from '../engine/waiting-verification.ts';
import { invocation, noteIds } from '../platform/invocation.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { type TimeLeft, workUntil } from '../platform/time-left.ts';
import { getEntity } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import { getImport, type Import, moveImport } from '../store/imports.ts';
import { deleteOpenImport, findOpenImport } from '../store/open-imports.ts';
import { eraseTokens } from '../store/sealed-tokens.ts';
import { importEventSchema } from './events.ts';
import { executionInput, executionName } from './execution.ts';

/** Handed to the next call of this step where there was no time to close all entities. */
interface Finished {
  importId: number;
  attempt: number;
  status: string;
  done: boolean;
  /** The execution that begins now: of the verification that has waited for this end. */
  verification?: { name: string; input: unknown };
}

/**
 * Last step of an import. It has failed if every one of its entities has, and is finished otherwise. The tokens are
 * erased in any case, also when the import was canceled meanwhile.
 */
export const handler = invocation(async (event: unknown, lambda?: TimeLeft): Promise<Finished> => {
  const { importId, attempt } = importEventSchema.parse(event);
  const until = workUntil(lambda);
  const open = await findOpenImport(importId);
  const record = await getImport(importId);
  noteIds({ correlationId: record.correlationId, kind: record.kind });
  if (record.attempt !== attempt) return { importId, attempt, status: record.status, done: true };
  const end = isTerminal(record.status) ? undefined : await finish(record, until);
  if (end === 'out of time') return { importId, attempt, status: record.status, done: false };
  if (end !== undefined) {
    await eraseTokens(record);
    // Nothing runs any more, so there is nothing to come back for, unless somebody has begun to cancel it. What had to
    // be closed here may still be written in.
    const isClear = !end.hasProjects || (await clearArchives(importId, until));
    if (end.wasComplete && isClear && open !== undefined) await deleteOpenImport(open);
  } else {
    await release(importId, until, clearArchives);
  }
  const now = await getImport(importId);
  const { status } = now;
  logger.info(LogEvent.ImportEnded, { importId, status, correlationId: record.correlationId });
  return { importId, attempt, status, done: true, ...(await whatFollows(now)) };
});

/** The same in a repeated call, until that has begun. */
async function whatFollows(record: Import): Promise<Pick<Finished, 'verification'>> {
  const waiting = hasEndedByItself(record) ? await waitingVerification(record) : undefined;
  if (waiting === undefined) return {};
  return { verification: { name: executionName(waiting), input: JSON.parse(executionInput(waiting)) } };
}

/**
 * Ends an import.
 *
 * @returns whether everything in it had ended, and whether there may be archives; `undefined` when it was ended by somebody else
 */
async function finish(
  record: Import,
  until: number,
): Promise<{ wasComplete: boolean; hasProjects: boolean } | 'out of time' | undefined> {
  const ends: Pick<Entity, 'status' | 'hasFailures'>[] = [];
  let wasComplete = true;
  let hasProjects = false;
  const plan = onlyLooks(record) ? new PlanSum() : undefined;
  const isComplete = await eachEntity(record.id, until, async entity => {
    if (entity.attempt > record.attempt) return;
    if (!isTerminal(entity.status)) wasComplete = false;
    if (entity.sourceType === 'project_entity') hasProjects = true;
    plan?.add(entity);
    const isFailed = await failEntity(entity, 'failed', NOT_PROCESSED, record.correlationId);
    if (isTerminal(entity.status)) ends.push(entity);
    // Somebody else may have ended it since it was read.
    else ends.push(isFailed ? FAILED : await getEntity(record.id, entity.id));
  });
  if (!isComplete) return 'out of time';
  const hasFailures = ends.some(entity => entity.hasFailures);
  const allFailed = ends.every(({ status }) => status === 'failed');
  const totals = await plan?.totals(record);
  const end = { hasFailures, ...(totals !== undefined && { totals }) };
  const ended = await moveImport(
    record,
    allFailed && record.kind !== 'verification' ? 'failed' : 'finished',
    end,
  );
  if (ended !== undefined) countImportEnd(ended.status, ended.hasFailures);
  return ended && { wasComplete, hasProjects };
}

const FAILED = { status: 'failed', hasFailures: true } as const;

const NOT_PROCESSED: Reason = {
  exceptionClass: 'BulkImports::EntityNotProcessedError',
  message: 'The workflow came to its end without this entity. Start a new import for it.',
};
