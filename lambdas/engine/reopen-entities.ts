import { isTerminal } from '../domain/statuses.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { noteChild } from '../store/children.ts';
import { getEntity, reopenEntity } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import type { Import } from '../store/imports.ts';
import type { Tracker } from '../store/trackers.ts';
import { eachEntity } from './each-entity.ts';
import { PARKED_SETTINGS } from './left-behind.ts';
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
  for (const parentId of await noteChildren(record)) await reopenClosedGroup(record, parentId);
  logger.info(LogEvent.ImportReopened, { importId: id, attempt, entities: reopened });
}

/**
 * Notes the children of each entity that is open again, for whoever lists once more what its group holds.
 *
 * @returns the ids of the parents of projects into which something is to be written
 */
async function noteChildren({ id, attempt }: Import): Promise<Set<number>> {
  const parents = new Set<number>();
  const ofProjects = new Set<number>();
  // Parents have lower ids than their children, and come before them.
  await eachEntity(id, Number.POSITIVE_INFINITY, async entity => {
    if (entity.attempt === attempt) parents.add(entity.id);
    const { parentId } = entity;
    if (parentId === null) return;
    if (entity.attempt === attempt && isWrittenInto(entity)) ofProjects.add(parentId);
    if (parents.has(parentId)) await noteChild({ ...entity, parentId });
  });
  return ofProjects;
}

/** Whether an entity that is open again is a project of which more is moved than what is new. */
function isWrittenInto({ sourceType, status, projectId, trackers }: Entity): boolean {
  if (sourceType !== 'project_entity' || isTerminal(status)) return false;
  const isRedone = ({ status: of, scope }: Tracker) => of === 'created' && scope !== 'new';
  return projectId === null || Object.values(trackers).some(isRedone);
}

/** Has a group whose projects are moved again do once more what it does after them: until then it is open for them. */
async function reopenClosedGroup({ id, attempt }: Import, parentId: number): Promise<void> {
  const parent = await getEntity(id, parentId);
  const closing = Object.keys(PARKED_SETTINGS).flatMap(name => {
    const tracker = parent.trackers[name];
    return tracker?.status === 'finished' || tracker?.scope === 'new'
      ? [[name, resetTracker(tracker, 'all')]]
      : [];
  });
  if (closing.length > 0) await reopenEntity(parent, attempt, Object.fromEntries(closing));
}
