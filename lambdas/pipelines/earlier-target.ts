import { GroupCreationError, ProjectCreationError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { mayLag, replicaLag } from '../engine/replica-lag.ts';
import { type Group, getGroup } from '../gitlab/api/groups.ts';
import { getProject, isAwaitingDeletion, type Project } from '../gitlab/api/projects.ts';
import { isGroupGone, isNotFound } from '../gitlab/client-errors.ts';
import { getEntity } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import { isBeingDeleted } from './deletion-above.ts';

/**
 * Looks whether the group that an earlier attempt has made is where it was. It is never made anew: that would be a second
 * copy of the source's group, beside the one that somebody has moved or may restore. Of one that is still to be made, the
 * same is asked of the group above: what is made goes where that has gone.
 *
 * @throws GroupCreationError when it is gone, waits for its deletion, or was moved or renamed
 */
export async function checkGroup(context: PipelineContext): Promise<void> {
  const { entity } = context;
  const problem =
    entity.namespaceId === null
      ? await problemAbove(context)
      : await problemOfGroup(context, EARLIER.group, entity);
  if (problem !== undefined) throw new GroupCreationError(problem);
}

/**
 * The same for a project. One that was never filled to its end, and that somebody has deleted since, as its failure has
 * advised, is made anew.
 *
 * @throws ProjectCreationError when it is gone, waits for its deletion, or was moved or renamed
 */
export async function checkProject(context: PipelineContext): Promise<void> {
  const { projectId, destinationFullPath, arrivedBefore = false } = context.entity;
  const project = projectId === null ? undefined : await findAgain(context, projectId);
  const isDeleted = project === undefined || isAwaitingDeletion(project);
  if (projectId === null || (isDeleted && !arrivedBefore)) {
    const problem = await problemAbove(context);
    if (problem !== undefined) throw new ProjectCreationError(problem);
    if (projectId === null) return;
    context.noteOnEntity({ ...NOTHING_MADE });
    return context.save();
  }
  if (project === undefined) throw new ProjectCreationError(goneText(EARLIER.project, destinationFullPath));
  const problem = problemOf(EARLIER.project, destinationFullPath, {
    fullPath: project.path_with_namespace,
    isDeleted: isDeleted || (await isInDeletedGroup(context, project)),
  });
  if (problem !== undefined) throw new ProjectCreationError(problem);
}

/** What is called how in a failure. */
const EARLIER = { group: 'The group of an earlier attempt', project: 'The project of an earlier attempt' };
const ABOVE = 'The group above it, of an earlier attempt';

/** What keeps something from being made in the group above, where this import has made that. */
async function problemAbove(context: PipelineContext): Promise<string | undefined> {
  const { importId, parentId } = context.entity;
  if (parentId === null) return undefined;
  return problemOfGroup(context, ABOVE, await getEntity(importId, parentId));
}

/** What keeps a group that an entity has made from being written into. */
async function problemOfGroup(
  { destination }: Pick<PipelineContext, 'destination'>,
  what: string,
  { namespaceId, destinationFullPath }: Pick<Entity, 'namespaceId' | 'destinationFullPath'>,
): Promise<string | undefined> {
  if (namespaceId === null) return undefined;
  let group: Group;
  try {
    group = await getGroup(destination, namespaceId);
  } catch (error) {
    if (isGroupGone(error)) return goneText(what, destinationFullPath);
    throw error;
  }
  const isDeleted = await isBeingDeleted(destination, group);
  return problemOf(what, destinationFullPath, { fullPath: group.full_path, isDeleted });
}

/** Whether the group that a project is in, or one above that, waits for its deletion. */
async function isInDeletedGroup(
  { destination }: Pick<PipelineContext, 'destination'>,
  { namespace }: Pick<Project, 'namespace'>,
): Promise<boolean> {
  if (namespace == null || namespace.kind !== 'group') return false;
  try {
    return await isBeingDeleted(destination, await getGroup(destination, namespace.id));
  } catch (error) {
    if (isGroupGone(error)) return false;
    throw error;
  }
}

async function findAgain(
  { destination, entity }: PipelineContext,
  projectId: number,
): Promise<Project | undefined> {
  try {
    return await getProject(destination, projectId);
  } catch (error) {
    if (!isNotFound(error)) throw error;
    if (mayLag(entity.destinationCreatedAt)) throw replicaLag('look it up');
    return undefined;
  }
}

/** What an entity notes whose project is to be made anew. */
export const NOTHING_MADE = {
  projectId: null,
  destinationFullPath: null,
  destinationCreatedAt: null,
  claimedFullPath: null,
  claimedAt: null,
  attemptedAt: null,
} as const;

const goneText = (what: string, path: string | null) =>
  messageText({
    before: `${what}, '`,
    quoted: path ?? '',
    after: `', is gone at the destination, or the token's user cannot see it. A retry makes no second one. Restore it there and retry, or start a new import for it.`,
  });

/** What keeps something from being written into. */
function problemOf(
  what: string,
  path: string | null,
  now: { fullPath: string; isDeleted: boolean },
): string | undefined {
  const before = `${what}, '`;
  if (now.isDeleted) {
    const after =
      "', waits for its deletion at the destination. Nothing is written into it. Restore it there and retry, or start a new import for it.";
    return messageText({ before, quoted: now.fullPath, after });
  }
  if (now.fullPath.toLowerCase() === path?.toLowerCase()) return undefined;
  const after =
    "', was moved or renamed at the destination. Nothing is written into it where it is now. Move it back and retry, or add by hand what is missing.";
  return messageText({ before, quoted: path ?? '', after });
}
