import { fitted } from '../domain/failure-message.ts';
import { isTerminal } from '../domain/statuses.ts';
import { failEntity } from '../engine/end-import.ts';
import { recordSubgroupsUnlisted } from '../pipelines/left-out-failures.ts';
import { invocation, noteIds } from '../platform/invocation.ts';
import { type Entity, getEntity } from '../store/entities.ts';
import { getImport } from '../store/imports.ts';
import { listTrackers } from '../store/trackers.ts';
import { causeOf, entityFailedEventSchema } from './events.ts';

/** Something around the pipelines of an entity failed: the entity fails, with the reason, and the others go on. */
export const handler = invocation(async (event: unknown): Promise<Record<string, never>> => {
  const { importId, entityId, error } = entityFailedEventSchema.parse(event);
  const [record, entity] = await Promise.all([getImport(importId), getEntity(importId, entityId)]);
  noteIds({ correlationId: record.correlationId });
  const cause = causeOf(error);
  const message = `The workflow of this entity stopped unexpectedly (${cause}). Search the log for the correlation id.`;
  const reason = { exceptionClass: error.Error, message: fitted(message, cause) };
  if (!isTerminal(entity.status) && !(await hasAllChildren(entity))) {
    await recordSubgroupsUnlisted({ record, entity });
  }
  await failEntity(entity, 'failed', reason, record.correlationId);
  return {};
});

/** Whether each group below the entity's has an entity of its own, which says what becomes of it. */
async function hasAllChildren({ importId, id, sourceType }: Entity): Promise<boolean> {
  if (sourceType === 'project_entity') return true;
  const trackers = await listTrackers(importId, id);
  return trackers.some(({ pipeline, status }) => pipeline === 'subgroup_entities' && status === 'finished');
}
