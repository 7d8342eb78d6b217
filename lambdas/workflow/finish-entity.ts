import { invocation, noteIds } from '../shared/invocation.ts';
import { LogEvent, logger } from '../shared/logger.ts';
import { isTrackerTerminal } from '../shared/statuses.ts';
import { getEntity, markEntityFailures, moveEntity } from '../store/entities.ts';
import { listFailures } from '../store/failures.ts';
import { getImport, markImportFailures } from '../store/imports.ts';
import { endTracker, listTrackers } from '../store/trackers.ts';
import { entityEventSchema } from './events.ts';
import { countEntityEnd } from './outcomes.ts';

/**
 * Last step of an entity. It has failed if all of its pipelines have, and is finished otherwise, failures of single
 * records notwithstanding. An entity that has ended already (aborted, canceled) stays as it is.
 */
export const handler = invocation(async (event: unknown): Promise<Record<string, never>> => {
  const { importId, entityId } = entityEventSchema.parse(event);
  const [{ correlationId }, trackers] = await Promise.all([
    getImport(importId),
    listTrackers(importId, entityId),
  ]);
  noteIds({ correlationId });
  for (const tracker of trackers.filter(({ status }) => !isTrackerTerminal(status))) {
    await endTracker(tracker, 'skipped');
  }
  const allFailed = trackers.length > 0 && trackers.every(({ status }) => status === 'failed');
  const status = allFailed ? 'failed' : 'finished';
  const entity = await moveEntity(await getEntity(importId, entityId), status);
  if (entity === undefined) return {};
  const hasFailures = entity.failuresRecorded && (await listFailures(importId, entityId)).length > 0;
  if (hasFailures) await Promise.all([markEntityFailures(entity), markImportFailures(importId)]);
  countEntityEnd(status, hasFailures);
  logger.info(LogEvent.EntityEnded, { importId, entityId, status, hasFailures });
  return {};
});
