import * as z from 'zod/mini';
import { LogEvent, logger } from '../shared/logger.ts';
import { isTerminal } from '../shared/statuses.ts';
import { listEntities } from '../store/entities.ts';
import { findImport, type Import } from '../store/imports.ts';
import { deleteOpenImport, listOpenImports, type OpenImport } from '../store/open-imports.ts';
import { closeImport, type Reason, release } from './close-import.ts';
import { describeExecution, importIdOf, stopExecution } from './execution.ts';

/** An import that is younger may just be in the middle of its POST. */
const GRACE_MS = 5 * 60_000;
/** GitLab's own limit: nothing has changed for a day. */
const STALE_MS = 24 * 3600_000;

/** EventBridge: an execution of the state machine ended in a way that no Catch can see. */
const statusChangeSchema = z.object({
  'detail-type': z.literal('Step Functions Execution Status Change'),
  detail: z.object({
    name: z.string(),
    status: z.enum(['FAILED', 'TIMED_OUT', 'ABORTED']),
    error: z.optional(z.nullable(z.string())),
    cause: z.optional(z.nullable(z.string())),
  }),
});

/**
 * Closes what nobody else closes. Called with the status change of an execution it closes that one import; called by
 * the clock it looks at every open import: never started, running no more, or stale.
 */
export async function handler(event: unknown): Promise<{ closed: number[] }> {
  const change = statusChangeSchema.safeParse(event);
  const closed = change.success ? await afterExecution(change.data.detail) : await sweep();
  if (closed.length > 0) logger.warn(LogEvent.Reconciled, { imports: closed });
  return { closed };
}

async function afterExecution(detail: {
  name: string;
  status: string;
  error?: string | null | undefined;
  cause?: string | null | undefined;
}): Promise<number[]> {
  const importId = importIdOf(detail.name);
  const record = importId === undefined ? undefined : await findImport(importId);
  if (record === undefined) return [];
  if (isTerminal(record.status)) {
    await release(record.id);
    return [];
  }
  await closeImport(record.id, 'failed', executionEnded(detail));
  return [record.id];
}

async function sweep(now = Date.now()): Promise<number[]> {
  const closed: number[] = [];
  for (const open of await listOpenImports()) {
    try {
      if (await closeIfOver(open, now)) closed.push(open.importId);
    } catch (error) {
      // One import that cannot be looked at must not keep the others from being closed.
      logger.error(LogEvent.ReconcileFailed, { importId: open.importId, error: error as Error });
    }
  }
  return closed;
}

/** Closes one import if it is over. @returns whether it was open until now */
async function closeIfOver({ importId, since }: OpenImport, now: number): Promise<boolean> {
  if (now - Date.parse(since) < GRACE_MS) return false;
  const record = await findImport(importId);
  if (record === undefined) {
    await deleteOpenImport(importId);
    return false;
  }
  if (isTerminal(record.status)) {
    await release(importId);
    return false;
  }
  const execution = await describeExecution(importId);
  if (execution === undefined) {
    await closeImport(importId, 'failed', NEVER_STARTED);
    return true;
  }
  if (execution.status !== 'RUNNING' && execution.status !== 'PENDING_REDRIVE') {
    await closeImport(importId, 'failed', executionEnded(execution));
    return true;
  }
  if (now - (await lastChange(record)) < STALE_MS) return false;
  await closeImport(importId, 'timeout', STALE);
  await stopExecution(importId, { error: 'Stale', cause: STALE.message });
  return true;
}

/** When anything of an import was changed last, epoch ms. Every page that a pipeline saves changes its entity. */
async function lastChange(record: Import): Promise<number> {
  const entities = await listEntities(record.id);
  return Math.max(...[record, ...entities].map(({ updatedAt }) => Date.parse(updatedAt)));
}

const NEVER_STARTED: Reason = {
  exceptionClass: 'BulkImports::WorkflowStartError',
  message: 'The request ended before the workflow was started. Nothing was migrated; send the request again.',
};

const STALE: Reason = {
  exceptionClass: 'BulkImports::StaleImportError',
  message:
    'Nothing has changed for 24 hours, so the import was given up. Start a new import for what is missing.',
};

/** The words for an execution that is over while its import is not. */
function executionEnded({
  status,
  error,
  cause,
}: {
  status: string;
  error?: string | null | undefined;
  cause?: string | null | undefined;
}): Reason {
  const how: Record<string, string> = {
    FAILED: 'failed',
    TIMED_OUT: 'took longer than the 14 days that it may take',
    ABORTED: 'was stopped by somebody',
  };
  const details = [error, cause].filter(text => text).join(': ');
  return {
    exceptionClass: 'BulkImports::WorkflowEndedError',
    message: `The workflow of this import ${how[status] ?? 'ended'}${details === '' ? '' : ` (${details.slice(0, 120)})`}. What was moved before is kept; start a new import for what is missing.`,
  };
}
