import { invocation, noteIds } from '../platform/invocation.ts';
import { getEntity } from '../store/entities.ts';
import { getImport } from '../store/imports.ts';
import { failCrashedEntity } from './crashed-entity.ts';
import { entityFailedEventSchema } from './events.ts';

/** Something around the runs of an entity failed: the entity fails, with the reason, and the others go on. */
export const handler = invocation(async (event: unknown): Promise<Record<string, never>> => {
  const { importId, attempt, entityId, error } = entityFailedEventSchema.parse(event);
  const [bulkImport, entity] = await Promise.all([getImport(importId), getEntity(importId, entityId)]);
  noteIds({ correlationId: bulkImport.correlationId, kind: bulkImport.kind });
  if (bulkImport.attempt === attempt) await failCrashedEntity(bulkImport, entity, error);
  return {};
});
