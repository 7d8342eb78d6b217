import { pipelineEntry } from '../pipelines/stages.ts';
import { invocation, noteIds } from '../shared/invocation.ts';
import { isTerminal, isTrackerTerminal } from '../shared/statuses.ts';
import { type Entity, getEntity, setRelationCounts } from '../store/entities.ts';
import { listFailures } from '../store/failures.ts';
import { getImport } from '../store/imports.ts';
import { endTracker, listTrackers, type Tracker } from '../store/trackers.ts';
import { entityEventSchema } from './events.ts';
import { endEntity } from './outcomes.ts';

/**
 * Last step of an entity. It has failed if all of its pipelines have, or one without which there is nothing, and is
 * finished otherwise, failures of single records notwithstanding. An entity that has ended already (aborted, canceled)
 * stays as it is, and one whose import has ended is ended with the import.
 *
 * The status comes last: whatever interrupts this step, it is done again from the start.
 */
export const handler = invocation(async (event: unknown): Promise<Record<string, never>> => {
  const { importId, entityId } = entityEventSchema.parse(event);
  const [record, entity, trackers] = await Promise.all([
    getImport(importId),
    getEntity(importId, entityId),
    listTrackers(importId, entityId),
  ]);
  noteIds({ correlationId: record.correlationId });
  for (const tracker of trackers.filter(({ status }) => !isTrackerTerminal(status))) {
    await endTracker(tracker, 'skipped');
  }
  await copyCounts(entity, trackers);
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

/** A run that is interrupted between its tracker and its entity leaves the entity's counts behind. */
async function copyCounts(entity: Entity, trackers: Tracker[]): Promise<void> {
  for (const { pipeline, counts } of trackers) {
    const { source, fetched, imported } = counts;
    const { relation } = pipelineEntry(pipeline);
    const shown = entity.stats[relation] ?? { source: 0, fetched: 0, imported: 0 };
    const same = shown.source === source && shown.fetched === fetched && shown.imported === imported;
    if (!same) await setRelationCounts(entity, relation, { source, fetched, imported });
  }
}
