import { LogEvent, logger } from '../platform/logger.ts';
import { noteChild } from '../store/children.ts';
import { reopenEntity } from '../store/entities.ts';
import type { Import } from '../store/imports.ts';
import type { Tracker } from '../store/trackers.ts';
import { eachEntity } from './each-entity.ts';
import { resetTracker } from './reopened-entity.ts';
import { selectionOf } from './retry-selection.ts';

/**
 * Begins another attempt of an import: whatever it selects is reset. Repeated, it goes on where it was interrupted: what
 * belongs to the attempt is left as it is.
 */
export async function reopenEntities(record: Import): Promise<void> {
  const { id, attempt, retry } = record;
  if (attempt === 1 || retry === undefined) return;
  let reopened = 0;
  await eachEntity(id, Number.POSITIVE_INFINITY, async entity => {
    if (entity.attempt >= attempt) return;
    const selection = await selectionOf(entity, retry);
    if (selection === undefined) return;
    const trackers = [...selection].map(([name, how]) => [
      name,
      resetTracker(entity.trackers[name] as Tracker, how),
    ]);
    if (await reopenEntity(entity, attempt, Object.fromEntries(trackers))) reopened += 1;
  });
  await noteChildren(record);
  logger.info(LogEvent.ImportReopened, { importId: id, attempt, entities: reopened });
}

/** Notes the children of each entity that is open again, for whoever lists once more what its group holds. */
async function noteChildren({ id, attempt }: Import): Promise<void> {
  const parents = new Set<number>();
  // Parents have lower ids than their children, and come before them.
  await eachEntity(id, Number.POSITIVE_INFINITY, async entity => {
    if (entity.attempt === attempt) parents.add(entity.id);
    const { parentId } = entity;
    if (parentId !== null && parents.has(parentId)) await noteChild({ ...entity, parentId });
  });
}
