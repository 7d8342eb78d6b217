import { GroupCreationError } from '../domain/errors.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { findByFullPath } from '../gitlab/api/group-query.ts';
import { getGroup } from '../gitlab/api/groups.ts';
import { exactFullPath } from '../gitlab/api/lookups.ts';
import type { GitLabClient } from '../gitlab/client.ts';
import { isGroupGone } from '../gitlab/client-errors.ts';
import { getEntity } from '../store/entities.ts';
import type { Parent } from './group-creation.ts';

/**
 * The group that a new one, or a new project, goes into; `null` at the top level. That of a child was made by this import, whose entity has noted what the
 * destination has shown of it: it is read, by its id since it may have been renamed, only in doubt. That of a requested
 * group is found by the path that was asked for.
 */
export async function findParent(context: PipelineContext): Promise<Parent> {
  const { destination, entity, isFirstTry } = context;
  const { parent } = entity;
  if (entity.destinationNamespace === '') return null;
  if (parent === null) {
    const made = entity.parentId === null ? null : await getEntity(entity.importId, entity.parentId);
    return readParent(
      destination,
      made?.namespaceId ?? (await findNamespace(destination, entity.destinationNamespace)),
    );
  }
  const readAgain = () => readParent(destination, parent.id);
  const { id, fullPath, visibility } = parent;
  return isFirstTry ? { id, full_path: fullPath, visibility, readAgain } : readAgain();
}

async function readParent(destination: GitLabClient, id: number | undefined): Promise<Parent> {
  if (id === undefined) throw parentGone();
  try {
    return await getGroup(destination, id);
  } catch (error) {
    throw isGroupGone(error) ? parentGone() : error;
  }
}

/** The id of a requested namespace; GraphQL of old versions finds it in its own spelling only. */
async function findNamespace(destination: GitLabClient, fullPath: string): Promise<number | undefined> {
  const found = await findByFullPath(destination, fullPath);
  if (found !== undefined) return found.id;
  const exact = await exactFullPath(destination, { kind: 'group', fullPath });
  if (exact === undefined || exact === fullPath) return undefined;
  return (await findByFullPath(destination, exact))?.id;
}

function parentGone(): GroupCreationError {
  return new GroupCreationError(
    "Destination is not a group: the parent does not exist any more, or the destination token's user cannot see it.",
  );
}
