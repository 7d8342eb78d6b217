import { GroupCreationError } from '../domain/errors.ts';
import { ONLY_PLANNED } from '../engine/planned.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { findByFullPath } from '../gitlab/api/group-query.ts';
import { type Group, getGroup } from '../gitlab/api/groups.ts';
import { exactFullPath } from '../gitlab/api/lookups.ts';
import type { GitLabClient } from '../gitlab/client.ts';
import { isGroupGone } from '../gitlab/client-errors.ts';
import { getEntity } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import type { Parent } from './group-creation.ts';

/**
 * The group that a new one goes into; `null` at the top level. That of a child was made by this import, whose entity has
 * noted what the destination has shown of it: it is read only in doubt.
 */
export async function findParent(context: PipelineContext): Promise<Parent> {
  const { destination, entity, isFirstTry } = context;
  const { parent } = entity;
  if (parent === null) return (await plannedParent(context)) ?? readParent(context);
  if (!isFirstTry && parent.id !== ONLY_PLANNED) return readParent(context);
  const { id, fullPath, visibility } = parent;
  return { id, full_path: fullPath, visibility, readAgain: () => readById(destination, id) };
}

/** The group above a project of a plan, where that is only planned: a project is told of it by the group's entity. */
async function plannedParent({ entity, isClosed }: PipelineContext): Promise<Parent | undefined> {
  if (!isClosed || entity.parentId === null) return undefined;
  const { namespaceId, destinationFullPath, destinationShown } = await getEntity(
    entity.importId,
    entity.parentId,
  );
  if (namespaceId !== null || destinationFullPath === null || destinationShown === null) return undefined;
  return { id: ONLY_PLANNED, full_path: destinationFullPath, visibility: destinationShown.visibility };
}

/**
 * The same as the destination shows it now: by its id where an entity of this import has made it, since it may have been
 * renamed, and else by the path that was asked for.
 *
 * @throws GroupCreationError when it is gone
 */
export async function readParent({
  destination,
  entity,
}: Pick<PipelineContext, 'destination' | 'entity'>): Promise<Group | null> {
  if (entity.destinationNamespace === '') return null;
  return readById(destination, (await idOfParent(entity)) ?? (await findNamespace(destination, entity)));
}

/** The id of the group that the parent's entity has made; `undefined` of a requested entity, or while there is none. */
async function idOfParent({ importId, parent, parentId }: Entity): Promise<number | undefined> {
  if (parent !== null) return parent.id;
  const made = parentId === null ? null : await getEntity(importId, parentId);
  return made?.namespaceId ?? undefined;
}

async function readById(destination: GitLabClient, id: number | undefined): Promise<Group> {
  if (id === undefined) throw parentGone();
  try {
    return await getGroup(destination, id);
  } catch (error) {
    throw isGroupGone(error) ? parentGone() : error;
  }
}

/** The id of a requested namespace; GraphQL of old versions finds it in its own spelling only. */
async function findNamespace(
  destination: GitLabClient,
  { destinationNamespace: fullPath }: Entity,
): Promise<number | undefined> {
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
