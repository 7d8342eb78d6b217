import { isTerminal } from '../domain/statuses.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { noteChild } from '../store/children.ts';
import { getEntity, reopenEntity } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import type { Import } from '../store/imports.ts';
import { eachEntity } from './each-entity.ts';
import { PARKED_SETTINGS } from './left-behind.ts';
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
    const redo = await selectionOf(entity, retry);
    if (redo !== undefined && (await reopenEntity(entity, attempt, redo))) reopened += 1;
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
function isWrittenInto({ sourceType, status, projectId, redo }: Entity): boolean {
  if (sourceType !== 'project_entity' || isTerminal(status)) return false;
  return projectId === null || Object.values(redo ?? {}).some(how => how !== 'new');
}

/** Has a group whose projects are moved again do once more what it does after them: until then it is open for them. */
async function reopenClosedGroup({ id, attempt }: Import, parentId: number): Promise<void> {
  const parent = await getEntity(id, parentId);
  // The runs of the attempt have begun: this is a step that is repeated.
  if (parent.attempt === attempt && parent.redo == null) return;
  const closing = Object.keys(PARKED_SETTINGS).filter(name => parent.trackers[name]?.status === 'finished');
  const redo = Object.fromEntries(closing.map(name => [name, 'all' as const]));
  if (closing.length > 0) await reopenEntity(parent, attempt, { ...parent.redo, ...redo });
}
