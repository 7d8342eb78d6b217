import { fitted } from '../domain/failure-message.ts';
import { isTerminal } from '../domain/statuses.ts';
import { failEntity } from '../engine/end-import.ts';
import { recordFailure } from '../engine/record-failures.ts';
import { recordUnlisted } from '../pipelines/left-out-failures.ts';
import { relationOf } from '../pipelines/stages.ts';
import type { Entity } from '../store/entity.ts';
import type { Import } from '../store/imports.ts';
import { type Caught, causeOf } from './events.ts';

/** Ends an entity whose runs die, whatever they have in hand, with the reason; the other entities go on. */
export async function failCrashedEntity(bulkImport: Import, entity: Entity, error: Caught): Promise<void> {
  const cause = causeOf(error);
  const message = `The workflow of this entity stopped unexpectedly (${cause}). Search the log for the correlation id.`;
  const reason = { exceptionClass: error.Error, message: fitted(message, cause) };
  if (!isTerminal(entity.status) && !hasAllChildren(entity)) {
    await recordUnlisted({
      recordFailure: (step, name, left) =>
        recordFailure(relationOf('group_entity', 'group'), { bulkImport, entity }, step, name, left),
    });
  }
  await failEntity(entity, 'failed', reason, bulkImport.correlationId);
}

/** Whether each group below the entity's has an entity of its own, which says what becomes of it. */
function hasAllChildren({ sourceType, trackers }: Entity): boolean {
  return sourceType === 'project_entity' || trackers.subgroup_entities?.status === 'finished';
}
