import { isTerminal } from '../domain/statuses.ts';
import { findImport, type Import, moveImport } from '../store/imports.ts';
import { eraseTokens } from '../store/sealed-tokens.ts';
import { countImportEnd } from './end-entity.ts';

/**
 * A verification that was asked for together with an import, or with another attempt of one, waits for the end of that:
 * it has tokens of its own, which only a request can seal, and its workflow is begun by the one that it waits for.
 */

/** The verification that waits for the end of this attempt of an import, until it has begun or ended. */
export async function waitingVerification(record: Import): Promise<Import | undefined> {
  const { verificationId, attempt } = record;
  const found = verificationId === undefined ? undefined : await findImport(verificationId);
  return found?.status === 'created' && found.subjectAttempt === attempt ? found : undefined;
}

/** Whether an import has come to its end: it was not canceled, not closed from outside, and its last attempt has begun. */
export const hasEndedByItself = ({ status, failure, statusBefore }: Import): boolean =>
  isTerminal(status) && status !== 'canceled' && failure === undefined && statusBefore === undefined;

/**
 * Ends the verification that waits for an import which has not come to its end by itself: nobody begins it then. It is
 * canceled with a canceled import, and fails otherwise. What it was given is erased. Repeatable.
 */
export async function endWaiting(record: Import): Promise<void> {
  if (!isTerminal(record.status) || hasEndedByItself(record)) return;
  const waiting = await waitingVerification(record);
  if (waiting === undefined) return;
  const ended = await moveImport(waiting, record.status === 'canceled' ? 'canceled' : 'failed', {
    from: ['created'],
    ...(record.status !== 'canceled' && { failure: NOT_BEGUN }),
  });
  // It was begun or ended at this moment, by somebody who erases them.
  if (ended === undefined) return;
  countImportEnd(ended.status);
  await eraseTokens(ended);
}

/** Why a verification has not begun with the end of its import. */
export const NOT_BEGUN = {
  exceptionClass: 'BulkImports::WorkflowStartError',
  message:
    'The import has ended, and its verification was not begun: the import was closed from outside, or the workflow could not be started. Verify it by a request of its own.',
};
