import pLimit from 'p-limit';
import { oncePerRun } from '../engine/once-per-run.ts';
import type { Many, OneOfMany, PipelineContext } from '../engine/relation.ts';
import { childrenOf, heldKey } from '../store/children.ts';
import { createEntity } from '../store/entities.ts';
import type { Entity, NewEntity } from '../store/entity.ts';
import { idsOfChildren, noRoom } from './child-ids.ts';

/** So many are noted with one block of ids. */
const CHILDREN_OF_A_PAGE = 100;
const PARALLEL_WRITES = 16;

/** The entities that earlier attempts have made; in the first one there are none. */
const knownChildren = oncePerRun(
  async ({ entity }: PipelineContext): Promise<ReadonlyMap<string, number>> =>
    entity.attempt === 1 ? new Map() : childrenOf(entity),
);

/** An entity that is to be made of what a group holds. It gets its id with the others of its page. */
export type Child = Omit<NewEntity, 'id'>;

/** A subgroup or project as the source lists it. */
interface Held {
  sourceType: Entity['sourceType'];
  id: number;
  path: string;
  fullPath: string;
}

/** The entity of a subgroup or project, in the group that the parent's entity has made, with the parent's options. */
export function childOf(parent: Entity, { sourceType, id, path, fullPath }: Held): Child {
  const { importId, kind, destinationUrl, userId, destinationFullPath, generation, relations, attempt } =
    parent;
  if (destinationFullPath === null) throw new Error('The parent group does not exist yet.');
  return {
    importId,
    ...(kind !== undefined && { kind }),
    destinationUrl,
    userId,
    sourceType,
    sourceFullPath: fullPath,
    sourceId: id,
    destinationSlug: path,
    destinationNamespace: destinationFullPath,
    parentId: parent.id,
    generation: generation + 1,
    attempt,
    relations,
  };
}

/** Writes the entities of a page. Repeated, it writes the same ones. */
export const CHILDREN_TOGETHER: Many<Child, unknown> = {
  size: CHILDREN_OF_A_PAGE,
  async create(children, context) {
    const known = await knownChildren(context);
    const isKnown = (child: Child) => known.has(heldKey(child));
    const ids = await idsOfChildren(
      children.filter(child => !isKnown(child)).map(({ sourceId }) => sourceId),
      context,
    );
    return pLimit(PARALLEL_WRITES).map(children, async (child): Promise<OneOfMany> => {
      if (isKnown(child)) return 'imported';
      const id = ids[child.sourceId];
      if (id === undefined) return { error: noRoom() };
      await createEntity({ ...child, id });
      return 'imported';
    });
  },
};
