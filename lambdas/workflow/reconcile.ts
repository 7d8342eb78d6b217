import * as z from 'zod/mini';
import { invocation, measure } from '../shared/invocation.ts';
import { LogEvent, logger } from '../shared/logger.ts';
import type { ReconcileCause } from '../shared/metrics.ts';
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
export const handler = invocation(async (event: unknown): Promise<{ closed: number[] }> => {
  const change = statusChangeSchema.safeParse(event);
  const closed = change.success ? await afterExecution(change.data.detail) : await sweep();
  if (closed.length > 0) logger.warn(LogEvent.Reconciled, { imports: closed });
  return { closed };
});

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
  countClosed('workflow_ended');
  return [record.id];
}

async function sweep(now = Date.now()): Promise<number[]> {
  const closed: number[] = [];
  let oldest = 0;
  let standstill = 0;
  const openImports = await listOpenImports();
  for (const open of openImports) {
    try {
      const { cause, unchangedMs } = await closeIfOver(open, now);
      if (cause !== undefined) {
        closed.push(open.importId);
        countClosed(cause);
      } else if (unchangedMs !== undefined) {
        oldest = Math.max(oldest, now - Date.parse(open.since));
        standstill = Math.max(standstill, unchangedMs);
      }
    } catch (error) {
      // One import that cannot be looked at must not keep the others from being closed.
      logger.error(LogEvent.ReconcileFailed, { importId: open.importId, error: error as Error });
    }
  }
  measure('OpenImports', openImports.length - closed.length, {});
  measure('OldestOpenImport', Math.round(oldest / 1000), {});
  measure('LongestStandstill', Math.round(standstill / 1000), {});
  return closed;
}

function countClosed(cause: ReconcileCause): void {
  measure('ImportsReconciled', 1, { Cause: cause });
}

/** What became of an open import: why it was closed, or how long it stands still while it runs; neither if it is over. */
interface Verdict {
  cause?: ReconcileCause;
  unchangedMs?: number;
}

/** Closes one import if it is over. */
async function closeIfOver({ importId, since }: OpenImport, now: number): Promise<Verdict> {
  if (now - Date.parse(since) < GRACE_MS) return {};
  const record = await findImport(importId);
  if (record === undefined) {
    await deleteOpenImport(importId);
    return {};
  }
  if (isTerminal(record.status)) {
    // Listed although it has ended: whoever ended it was interrupted, perhaps before its workflow was stopped.
    await release(importId);
    await stopExecution(importId, { error: 'Ended', cause: 'The import has ended.' });
    return {};
  }
  const execution = await describeExecution(importId);
  if (execution === undefined) {
    await closeImport(importId, 'failed', NEVER_STARTED);
    return { cause: 'never_started' };
  }
  if (execution.status !== 'RUNNING' && execution.status !== 'PENDING_REDRIVE') {
    await closeImport(importId, 'failed', executionEnded(execution));
    return { cause: 'workflow_ended' };
  }
  const unchangedMs = Math.max(0, now - (await lastChange(record, now)));
  if (unchangedMs < STALE_MS) return { unchangedMs };
  await closeImport(importId, 'timeout', STALE);
  await stopExecution(importId, { error: 'Stale', cause: STALE.message });
  return { cause: 'stale' };
}

/**
 * Since when an import stands still, epoch ms. Every page that a pipeline saves changes its entity, and so does a wait;
 * while a pipeline waits as it was told the import does not stand still, however long that is.
 */
async function lastChange(record: Import, now: number): Promise<number> {
  const entities = await listEntities(record.id);
  const changes = [record, ...entities].map(({ updatedAt }) => Date.parse(updatedAt));
  const waits = entities.flatMap(({ waiting }) => Object.values(waiting));
  return Math.max(...changes, ...waits.map(({ until }) => Math.min(Date.parse(until), now)));
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
