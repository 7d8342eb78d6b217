import { fitted } from '../domain/failure-message.ts';
import { closeImport } from '../engine/end-import.ts';
import { clearArchives } from '../engine/remove-archive.ts';
import { invocation } from '../platform/invocation.ts';
import { type TimeLeft, workUntil } from '../platform/time-left.ts';
import { causeOf, importFailedEventSchema } from './events.ts';

/**
 * The workflow itself failed: everything that is still open fails with the reason. What it has no time for is closed by
 * reconciliation, which is told of every execution that failed.
 */
export const handler = invocation(
  async (event: unknown, lambda?: TimeLeft): Promise<Record<string, never>> => {
    const { importId, attempt, error } = importFailedEventSchema.parse(event);
    const cause = causeOf(error);
    const message = `The workflow of this import stopped unexpectedly (${cause}). Search the log for the correlation id, then start a new import for what is missing.`;
    const reason = { exceptionClass: error.Error, message: fitted(message, cause) };
    await closeImport({ id: importId, attempt }, 'failed', reason, workUntil(lambda), clearArchives);
    return {};
  },
);
