import pLimit from 'p-limit';
import { shortened } from '../domain/failure-message.ts';
import { type Decision, type OneOfMany, onlyPage, type Relation } from '../engine/relation.ts';
import { listSubgroups, type Subgroup } from '../gitlab/api/groups.ts';
import { TREE } from '../gitlab/budgets.ts';
import { BudgetExceededError } from '../gitlab/errors.ts';
import { createEntity, getEntity } from '../store/entities.ts';
import type { Entity, NewEntity } from '../store/entity.ts';
import { idsOfChildren, noRoom } from './child-ids.ts';

/** So many are noted with one block of ids. */
const SUBGROUPS_OF_A_PAGE = 100;
const PARALLEL_WRITES = 16;

/** Makes an entity of each subgroup. They run in the next generation, when this group is complete. */
export const subgroupEntities: Relation<Subgroup, Omit<NewEntity, 'id'>, () => Promise<Ancestors>> = {
  name: 'subgroup_entities',
  pipelineClass: 'BulkImports::Groups::Pipelines::SubgroupEntitiesPipeline',
  relation: 'subgroup_entities',
  parallel: 1,

  part: { page: ({ subgroups }) => subgroups && onlyPage(subgroups) },
  read: ({ entity, source }, cursor) => listSubgroups(source, entity.sourceId, cursor),

  async existing({ entity }) {
    let found: Promise<Ancestors> | undefined;
    return () => {
      found ??= findAncestors(entity);
      return found;
    };
  },

  nameOf: ({ id, name }) => ({ key: String(id), title: name }),

  want({ id, path, full_path }, { entity }) {
    const { namespaceId, destinationFullPath, destinationShown } = entity;
    if (destinationFullPath === null) throw new Error('The parent group does not exist yet.');
    const isComplete = !entity.failuresRecorded;
    return {
      importId: entity.importId,
      destinationUrl: entity.destinationUrl,
      userId: entity.userId,
      sourceType: 'group_entity',
      sourceFullPath: full_path,
      sourceId: id,
      destinationSlug: path,
      destinationNamespace: destinationFullPath,
      parentId: entity.id,
      ...(namespaceId !== null &&
        destinationShown !== null && {
          parent: {
            id: namespaceId,
            fullPath: destinationFullPath,
            visibility: destinationShown.visibility,
            isComplete,
          },
        }),
      generation: entity.generation + 1,
      relations: entity.relations,
    };
  },

  async decide(child, ancestors): Promise<Decision> {
    // Most groups have no subgroups, and need not ask.
    checkTree(child, await ancestors());
    return 'create';
  },

  many: {
    size: SUBGROUPS_OF_A_PAGE,
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
  },
};

/** The ids at the source of the group and of those above it that are entities of the import. */
type Ancestors = ReadonlySet<number>;

async function findAncestors(entity: Entity): Promise<Ancestors> {
  const ids = new Set([entity.sourceId]);
  // A tree that is deeper than any was refused on its way down.
  for (let { parentId } = entity; parentId !== null && ids.size <= TREE.ancestors; ) {
    const parent = await getEntity(entity.importId, parentId);
    ids.add(parent.sourceId);
    parentId = parent.parentId;
  }
  return ids;
}

/** @throws MigrationError for a group that is below itself, or deeper than GitLab nests any */
function checkTree(child: Omit<NewEntity, 'id'>, ancestors: Ancestors): void {
  const name = `'${shortened(child.sourceFullPath, LONGEST_PATH)}'`;
  if (ancestors.has(child.sourceId)) {
    throw new BudgetExceededError(
      `The source shows ${name} below itself, so that its tree of groups has no end. It was not migrated again. Check what answers at the source.`,
      AT_SOURCE,
    );
  }
  if (ancestors.size > TREE.ancestors) {
    throw new BudgetExceededError(
      `${name} has more than ${TREE.ancestors} groups above it, which no GitLab allows. It was not migrated. Check what answers at the source.`,
      AT_SOURCE,
    );
  }
}

const AT_SOURCE = { instance: 'source', method: 'GET' } as const;
/** Characters of a path in these messages, so that what to do has room. */
const LONGEST_PATH = 80;
