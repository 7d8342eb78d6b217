import { GroupCreationError, ProjectCreationError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { mayLag, replicaLag } from '../engine/replica-lag.ts';
import { type Group, getGroup } from '../gitlab/api/groups.ts';
import { getProject, isAwaitingDeletion, type Project } from '../gitlab/api/projects.ts';
import { isGroupGone, isNotFound } from '../gitlab/client-errors.ts';

/**
 * Looks whether the group that an earlier attempt has made is where it was. It is never made anew: that would be a second
 * copy of the source's group, beside the one that somebody has moved or may restore.
 *
 * @throws GroupCreationError when it is gone, waits for its deletion, or was moved or renamed
 */
export async function checkGroup({ destination, entity }: PipelineContext): Promise<void> {
  if (entity.namespaceId === null) return;
  let group: Group;
  try {
    group = await getGroup(destination, entity.namespaceId);
  } catch (error) {
    throw isGroupGone(error) ? new GroupCreationError(goneText('group', entity.destinationFullPath)) : error;
  }
  const problem = problemOf('group', entity.destinationFullPath, {
    fullPath: group.full_path,
    isDeleted: group.marked_for_deletion_on != null,
  });
  if (problem !== undefined) throw new GroupCreationError(problem);
}

/**
 * The same for a project. One that was never filled to its end, and that somebody has deleted since, as its failure has
 * advised, is made anew.
 *
 * @throws ProjectCreationError when it is gone, waits for its deletion, or was moved or renamed
 */
export async function checkProject(context: PipelineContext): Promise<void> {
  const { projectId, destinationFullPath, trackers } = context.entity;
  if (projectId === null) return;
  const project = await findAgain(context, projectId);
  const isDeleted = project === undefined || isAwaitingDeletion(project);
  if (isDeleted && trackers.project_import?.status !== 'finished') {
    context.noteOnEntity({ ...NOTHING_MADE });
    return context.save();
  }
  if (project === undefined) throw new ProjectCreationError(goneText('project', destinationFullPath));
  const fullPath = project.path_with_namespace;
  const problem = problemOf('project', destinationFullPath, { fullPath, isDeleted });
  if (problem !== undefined) throw new ProjectCreationError(problem);
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

const goneText = (kind: 'group' | 'project', path: string | null) =>
  messageText({
    before: `The ${kind} of an earlier attempt, '`,
    quoted: path ?? '',
    after: `', is gone at the destination, or the token's user cannot see it. A retry makes no second one. Restore it there and retry, or start a new import for it.`,
  });

/** What keeps something from being written into. */
function problemOf(
  kind: 'group' | 'project',
  path: string | null,
  now: { fullPath: string; isDeleted: boolean },
): string | undefined {
  const before = `The ${kind} of an earlier attempt, '`;
  if (now.isDeleted) {
    const after = `', waits for its deletion at the destination. Nothing is written into it. Restore it there and retry, or start a new import for the ${kind}.`;
    return messageText({ before, quoted: now.fullPath, after });
  }
  if (now.fullPath.toLowerCase() === path?.toLowerCase()) return undefined;
  const after = `', was moved or renamed at the destination. Nothing is written into it where it is now. Move it back and retry, or add by hand what is missing.`;
  return messageText({ before, quoted: path ?? '', after });
}
