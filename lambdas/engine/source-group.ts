import { type Group, getGroup } from '../gitlab/api/groups.ts';
import type { KnownGroup } from '../gitlab/api/source-members.ts';
import type { Entity } from '../store/entity.ts';
import type { PipelineContext } from './relation.ts';

/** By the entity as a run has it, so that each run reads anew. */
const read = new WeakMap<Entity, Promise<Group>>();

/** The group at the source as REST shows it: read once per run, for whichever of its relations asks first. */
export function sourceGroup({ entity, source }: PipelineContext): Promise<Group> {
  const known = read.get(entity);
  if (known !== undefined) return known;
  const group = getGroup(source, entity.sourceId);
  read.set(entity, group);
  // Whoever asks again after trouble asks the source.
  group.catch(() => read.delete(entity));
  return group;
}

/** The entity's group at the source, as it is asked for by GraphQL and by REST. */
export const knownGroup = ({ sourceId, sourceFullPath }: Entity): KnownGroup => ({
  id: sourceId,
  fullPath: sourceFullPath,
});
