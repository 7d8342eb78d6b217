import pLimit from 'p-limit';
import * as z from 'zod/mini';
import { isTerminal } from '../domain/statuses.ts';
import { closeImport, closeUnbegun, type Reason, release } from '../engine/end-import.ts';
import { isPaused, OTHER_DESTINATION, otherDestination } from '../engine/other-destination.ts';
import { clearArchives } from '../engine/remove-archive.ts';
import { NOT_BEGUN } from '../engine/waiting-verification.ts';
import { invocation, measure } from '../platform/invocation.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import type { ReconcileCause } from '../platform/metrics.ts';
import { type TimeLeft, workUntil } from '../platform/time-left.ts';
import { entityPages } from '../store/entity-lists.ts';
import { findImport, type Import } from '../store/imports.ts';
import { addStandstill, deleteOpenImport, listOpenImports, type OpenImport } from '../store/open-imports.ts';
import { attemptOf, describeExecution, stopExecution } from './execution.ts';
import { waitsForImport } from './waits-for-import.ts';

/** An import that is younger may just be in the middle of its POST. */
const GRACE_MS = 5 * 60_000;
/** So long an import is listed that does not exist: a request that writes it then has been given up for long. */
const UNWRITTEN_MS = 3600_000;
/** GitLab's own limit: nothing has changed for a day. */
const STALE_MS = 24 * 3600_000;
/** An import that has changed within so long moves; the alarm for one that stands still waits for half an hour. */
const MOVING_MS = 5 * 60_000;
/** Imports looked at at the same time. */
const PARALLEL_IMPORTS = 8;

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
 * The clock of a service that is not always on: milliseconds since its last call in which it was, so that imports could
 * move. Without it, it always is.
 */
const clockSchema = z.object({ workedMs: z.number() });

/**
 * Closes what nobody else closes. Called with the status change of an execution it closes that one import; called by
 * the clock it looks at every open import: never started, running no more, stale, or ended with entities left open.
 * What it has no time for is left to the next call by the clock.
 */
export const handler = invocation(
  async (event: unknown, lambda?: TimeLeft): Promise<{ closed: number[] }> => {
    const until = workUntil(lambda);
    const change = statusChangeSchema.safeParse(event);
    const closed = change.success
      ? await afterExecution(change.data.detail, until)
      : await sweep(event, until);
    if (closed.length > 0) logger.warn(LogEvent.Reconciled, { imports: closed });
    return { closed };
  },
);

/** An execution that is over, as the event and as Step Functions describe it. */
interface EndedExecution {
  status: string;
  error?: string | null | undefined;
  cause?: string | null | undefined;
}

async function afterExecution(detail: EndedExecution & { name: string }, until: number): Promise<number[]> {
  const of = attemptOf(detail.name);
  const record = of && (await findImport(of.id));
  if (record?.attempt !== of?.attempt || record === undefined) return [];
  if (isTerminal(record.status)) {
    await release(record.id, until, clearArchives);
    return [];
  }
  const { cause } = await close(record, endAfter(detail), 'workflow_ended', until);
  return cause === undefined ? [] : [record.id];
}

async function sweep(event: unknown, until: number): Promise<number[]> {
  const now = Date.now();
  const clock = clockSchema.safeParse(event);
  const workedMs = clock.success ? clock.data.workedMs : undefined;
  const openImports = await listOpenImports();
  const closed: number[] = [];
  let over = 0;
  let oldest = 0;
  let standstill = 0;
  const lookAt = async (open: OpenImport): Promise<void> => {
    // Not looked at this time: it was open a moment ago, and the next call comes in minutes.
    if (Date.now() >= until) return;
    try {
      const verdict = await closeIfOver(open, { now, workedMs, until });
      if (verdict.isOver) over++;
      if (verdict.cause !== undefined) closed.push(open.importId);
      if (verdict.unchangedMs === undefined) return;
      oldest = Math.max(oldest, now - Date.parse(open.since));
      standstill = Math.max(standstill, verdict.unchangedMs);
    } catch (error) {
      // One import that cannot be looked at must not keep the others from being closed.
      logger.error(LogEvent.ReconcileFailed, { importId: open.importId, error: error as Error });
    }
  };
  try {
    await pLimit(PARALLEL_IMPORTS).map(openImports, lookAt);
  } finally {
    measure('OpenImports', openImports.length - over, {});
    measure('OldestOpenImport', Math.round(oldest / 1000), {});
    measure('LongestStandstill', Math.round(standstill / 1000), {});
  }
  return closed.sort((a, b) => a - b);
}

/** What became of an open import. */
interface Verdict {
  /** Whether it is open no more. */
  isOver: boolean;
  /** Why this call has closed it. */
  cause?: ReconcileCause;
  /** How long it stands still while it runs. */
  unchangedMs?: number;
}

/** Closes an import with a reason, as far as there is time. */
async function close(
  record: Import,
  { status, reason }: End,
  cause: ReconcileCause,
  until: number,
): Promise<Verdict> {
  return (await closeImport(record, status, reason, until, clearArchives))
    ? counted(cause)
    : { isOver: false };
}

function counted(cause: ReconcileCause): Verdict {
  measure('ImportsReconciled', 1, { Cause: cause });
  return { isOver: true, cause };
}

/** Closes one import if it is over. */
async function closeIfOver(
  open: OpenImport,
  { now, workedMs, until }: { now: number; workedMs: number | undefined; until: number },
): Promise<Verdict> {
  const { importId } = open;
  if (now - Date.parse(open.since) < GRACE_MS) return { isOver: false };
  const record = await findImport(importId);
  if (record === undefined) {
    if (now - Date.parse(open.since) >= UNWRITTEN_MS) await deleteOpenImport(open);
    return { isOver: true };
  }
  if (isTerminal(record.status)) {
    // Listed although it has ended: it is large, or whoever ended it was interrupted, perhaps before its workflow was
    // stopped.
    await stopExecution(record, { error: 'Ended', cause: 'The import has ended.' });
    return { isOver: await release(importId, until, clearArchives) };
  }
  if (await waitsForImport(record)) return { isOver: false };
  const execution = await describeExecution(record);
  if (execution === undefined) {
    if (record.status !== 'created') return close(record, LOST, 'workflow_ended', until);
    const reason = record.subjectAttempt === undefined ? NEVER_STARTED : NOT_BEGUN;
    if (!(await closeUnbegun(record, reason, until))) return { isOver: false };
    return counted('never_started');
  }
  if (execution.status !== 'RUNNING' && execution.status !== 'PENDING_REDRIVE') {
    return close(record, endAfter(execution), 'workflow_ended', until);
  }
  // Of entities that have ended while their import goes on: whoever ended them was interrupted.
  await clearArchives(importId, until);
  const changedAt = await lastChange(record, now, until);
  const unchangedMs =
    workedMs === undefined ? Math.max(0, now - changedAt) : await addStandstill(open, changedAt, workedMs);
  if (unchangedMs < STALE_MS) return { isOver: false, unchangedMs };
  const end: End = isPaused(record) ? { status: 'failed', reason: otherDestination(record) } : STALE;
  // First, and with the reason: closing is a change, after which the import would not be stale any more if there is no
  // time for all of it.
  await stopExecution(record, { error: end.reason.exceptionClass, cause: end.reason.message });
  return close(record, end, 'stale', until);
}

/**
 * Since when an import stands still, epoch ms. Every page that a pipeline saves changes its entity, and so does a wait;
 * while a pipeline waits as it was told the import does not stand still, however long that is.
 */
async function lastChange(record: Import, now: number, until: number): Promise<number> {
  let last = Date.parse(record.updatedAt);
  for await (const page of entityPages(record.id)) {
    for (const { updatedAt, waiting } of page) {
      const waits = Object.values(waiting).map(wait => Math.min(Date.parse(wait.until), now));
      last = Math.max(last, Date.parse(updatedAt), ...waits);
    }
    // A large import that moves need not be read to its end.
    if (now - last < MOVING_MS) return last;
    // Of one for which there is no time nothing is said: it is looked at again in minutes.
    if (Date.now() >= until) return now;
  }
  return last;
}

/** How an import ends that is closed from here. */
interface End {
  status: 'failed' | 'timeout';
  reason: Reason;
}

const NEVER_STARTED: Reason = {
  exceptionClass: 'BulkImports::WorkflowStartError',
  message: 'The request ended before the workflow was started. Nothing was migrated; send the request again.',
};

const LOST: End = {
  status: 'failed',
  reason: {
    exceptionClass: 'BulkImports::WorkflowEndedError',
    message:
      'The workflow of this import is not known any more. What was moved before is kept; start a new import for what is missing.',
  },
};

const STALE: End = {
  status: 'timeout',
  reason: {
    exceptionClass: 'BulkImports::StaleImportError',
    message:
      'Nothing has changed for 24 hours, so the import was given up. Start a new import for what is missing.',
  },
};

/** How an import ends whose execution is over. One that was stopped from here tells why by its error. */
function endAfter(execution: EndedExecution): End {
  const { status, error, cause } = execution;
  if (status === 'ABORTED' && error === STALE.reason.exceptionClass) return STALE;
  if (status === 'ABORTED' && error === OTHER_DESTINATION && cause) {
    return { status: 'failed', reason: { exceptionClass: error, message: cause } };
  }
  return { status: 'failed', reason: executionEnded(execution) };
}

/** The words for an execution that is over while its import is not. */
function executionEnded({ status, error, cause }: EndedExecution): Reason {
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
