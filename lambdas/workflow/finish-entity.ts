import { isTerminal } from '../domain/statuses.ts';
import { endEntity } from '../engine/end-entity.ts';
import { endTrackers } from '../engine/end-trackers.ts';
import { pipelineEntry } from '../pipelines/stages.ts';
import { invocation, noteIds } from '../platform/invocation.ts';
import { getEntity } from '../store/entities.ts';
import { listFailures } from '../store/failures.ts';
import { getImport } from '../store/imports.ts';
import type { Tracker } from '../store/trackers.ts';
import { entityEventSchema } from './events.ts';

/**
 * Last step of an entity. It has failed if all of its pipelines have, or one without which there is nothing, and is
 * finished otherwise, failures of single records notwithstanding. An entity that has ended already (aborted, canceled)
 * stays as it is, and one whose import has ended is ended with the import.
 *
 * The status comes last: whatever interrupts this step, it is done again from the start.
 */
export const handler = invocation(async (event: unknown): Promise<Record<string, never>> => {
  const { importId, entityId } = entityEventSchema.parse(event);
  const [record, entity] = await Promise.all([getImport(importId), getEntity(importId, entityId)]);
  noteIds({ correlationId: record.correlationId });
  const trackers = await endTrackers(entity, 'skipped');
  if (isTerminal(record.status) || isTerminal(entity.status)) return {};
  const hasFailures = entity.failuresRecorded && (await listFailures(importId, entityId)).length > 0;
  await endEntity(entity, outcomeOf(trackers), hasFailures);
  return {};
});

function outcomeOf(trackers: Tracker[]): 'failed' | 'finished' {
  const failed = trackers.filter(({ status }) => status === 'failed');
  const aborts = failed.some(({ pipeline }) => pipelineEntry(pipeline).abortOnFailure);
  return aborts || (failed.length > 0 && failed.length === trackers.length) ? 'failed' : 'finished';
}
