import { isDeepStrictEqual } from 'node:util';
import { isTrackerTerminal } from '../domain/statuses.ts';
import { pipelineEntry } from '../pipelines/stages.ts';
import { NOTHING_COUNTED } from '../store/counts.ts';
import { type Entity, setRelationCounts } from '../store/entities.ts';
import { endTracker, listTrackers, type Tracker } from '../store/trackers.ts';

/**
 * Ends the pipelines of an entity that are still open, and shows in the entity what all of them have done: a run that
 * is interrupted between its tracker and its entity leaves the entity's counts behind. Goes before the entity's own
 * end, however that comes, and can be repeated.
 *
 * @returns the trackers after it
 */
export async function endTrackers(
  entity: Entity,
  status: 'failed' | 'skipped' | 'canceled',
): Promise<Tracker[]> {
  const { importId, id: entityId } = entity;
  let trackers = await listTrackers(importId, entityId);
  const open = trackers.filter(tracker => !isTrackerTerminal(tracker.status));
  for (const tracker of open) await endTracker(tracker, status);
  // One of them may have been saved since it was read.
  if (open.length > 0) trackers = await listTrackers(importId, entityId);
  await copyCounts(entity, trackers);
  return trackers;
}

async function copyCounts(entity: Entity, trackers: Tracker[]): Promise<void> {
  for (const { pipeline, counts } of trackers) {
    const { relation } = pipelineEntry(pipeline);
    const shown = entity.stats[relation] ?? NOTHING_COUNTED;
    if (!isDeepStrictEqual(shown, counts)) await setRelationCounts(entity, relation, counts);
  }
}
