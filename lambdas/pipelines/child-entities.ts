import pLimit from 'p-limit';
import type { Many, OneOfMany } from '../engine/relation.ts';
import { createEntity } from '../store/entities.ts';
import type { Entity, NewEntity } from '../store/entity.ts';
import { idsOfChildren, noRoom } from './child-ids.ts';

/** So many are noted with one block of ids. */
const CHILDREN_OF_A_PAGE = 100;
const PARALLEL_WRITES = 16;

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
  const { importId, kind, destinationUrl, userId, destinationFullPath, generation, relations } = parent;
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
    relations,
  };
}

/** Writes the entities of a page. Repeated, it writes the same ones. */
export const CHILDREN_TOGETHER: Many<Child, unknown> = {
  size: CHILDREN_OF_A_PAGE,
  async create(children, context) {
    const ids = await idsOfChildren(
      children.map(({ sourceId }) => sourceId),
      context,
    );
    return pLimit(PARALLEL_WRITES).map(children, async (child): Promise<OneOfMany> => {
      const id = ids[child.sourceId];
      if (id === undefined) return { error: noRoom() };
      await createEntity({ ...child, id });
      return 'imported';
    });
  },
};
