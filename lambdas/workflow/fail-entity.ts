import { fitted } from '../shared/failure-message.ts';
import { invocation, noteIds } from '../shared/invocation.ts';
import { getEntity } from '../store/entities.ts';
import { getImport } from '../store/imports.ts';
import { failEntity } from './close-import.ts';
import { causeOf, entityFailedEventSchema } from './events.ts';

/** Something around the pipelines of an entity failed: the entity fails, with the reason, and the others go on. */
export const handler = invocation(async (event: unknown): Promise<Record<string, never>> => {
  const { importId, entityId, error } = entityFailedEventSchema.parse(event);
  const [record, entity] = await Promise.all([getImport(importId), getEntity(importId, entityId)]);
  noteIds({ correlationId: record.correlationId });
  const cause = causeOf(error);
  const message = `The workflow of this entity stopped unexpectedly (${cause}). Search the log for the correlation id.`;
  const reason = { exceptionClass: error.Error, message: fitted(message, cause) };
  await failEntity(entity, 'failed', reason, record.correlationId);
  return {};
});
