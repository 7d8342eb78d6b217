import { isTerminal } from '../domain/statuses.ts';
import { findImport, type Import } from '../store/imports.ts';
import { describeExecution } from './execution.ts';

/** What Step Functions tells of an execution may be a moment old. */
const SEEN_BY_THEN_MS = 5 * 60_000;

/** Whether a verification is still to be begun by the workflow of its import. One of a request of its own is not. */
export async function waitsForImport({
  id,
  status,
  subjectId = 0,
  subjectAttempt,
}: Import): Promise<boolean> {
  if (status !== 'created' || subjectAttempt === undefined) return false;
  const subject = await findImport(subjectId);
  if (subject?.attempt !== subjectAttempt || subject.verificationId !== id) return false;
  if (!isTerminal(subject.status) || Date.now() - Date.parse(subject.updatedAt) < SEEN_BY_THEN_MS)
    return true;
  const execution = await describeExecution(subject);
  return execution?.status === 'RUNNING' || execution?.status === 'PENDING_REDRIVE';
}
