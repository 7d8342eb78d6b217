import { fitted } from '../shared/failure-message.ts';
import { invocation } from '../shared/invocation.ts';
import { closeImport } from './close-import.ts';
import { causeOf, importFailedEventSchema } from './events.ts';

/** The workflow itself failed: everything that is still open fails with the reason. */
export const handler = invocation(async (event: unknown): Promise<Record<string, never>> => {
  const { importId, error } = importFailedEventSchema.parse(event);
  const cause = causeOf(error);
  const message = `The workflow of this import stopped unexpectedly (${cause}). Search the log for the correlation id, then start a new import for what is missing.`;
  await closeImport(importId, 'failed', { exceptionClass: error.Error, message: fitted(message, cause) });
  return {};
});
