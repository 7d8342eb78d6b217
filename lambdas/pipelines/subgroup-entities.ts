import { shortened } from '../domain/failure-message.ts';
import { ONLY_PLANNED } from '../engine/planned.ts';
import { type Decision, onlyPage, type Relation } from '../engine/relation.ts';
import { listSubgroups, type Subgroup } from '../gitlab/api/groups.ts';
import { TREE } from '../gitlab/budgets.ts';
import { BudgetExceededError } from '../gitlab/errors.ts';
import { getEntity } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import { CHILDREN_TOGETHER, type Child, childOf } from './child-entities.ts';

/** Makes an entity of each subgroup. They run in the next generation, when this group is complete. */
export const subgroupEntities: Relation<Subgroup, Child, () => Promise<Ancestors>> = {
  name: 'subgroup_entities',
  pipelineClass: 'BulkImports::Groups::Pipelines::SubgroupEntitiesPipeline',
  relation: 'subgroup_entities',
  makesEntities: true,
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

  want({ id, path, full_path: fullPath }, { entity, isClosed }) {
    const { destinationFullPath, destinationShown } = entity;
    const namespaceId = entity.namespaceId ?? (isClosed ? ONLY_PLANNED : null);
    const child = childOf(entity, { sourceType: 'group_entity', id, path, fullPath });
    if (namespaceId === null || destinationShown === null) return child;
    const isComplete = !entity.failuresRecorded;
    const { visibility } = destinationShown;
    const parent = { id: namespaceId, fullPath: String(destinationFullPath), visibility, isComplete };
    return { ...child, parent };
  },

  async decide(child, ancestors): Promise<Decision> {
    // Most groups have no subgroups, and need not ask.
    checkTree(child, await ancestors());
    return 'create';
  },

  many: CHILDREN_TOGETHER,
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
function checkTree(child: Child, ancestors: Ancestors): void {
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
