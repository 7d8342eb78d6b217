import { UnsupportedByDestinationError } from '../domain/errors.ts';
import { groupAtDestination } from '../engine/group-at-destination.ts';
import { Change, onlyPage, type PipelineContext, type Relation } from '../engine/relation.ts';
import { differences } from '../engine/shown.ts';
import type { SourceGroup } from '../gitlab/api/group-query.ts';
import { getGroup, updateGroup } from '../gitlab/api/groups.ts';
import { readSourceGroup } from './group-at-source.ts';

/** Nobody may create projects in the group, whoever migrates its own included. */
const NO_ONE = 'noone';

/** What a group has by default that is made without a level. */
const OPEN = 'developer';

type Wanted = Record<'project_creation_level', typeof NO_ONE>;

/**
 * That nobody creates projects in a group. A group is made without that, or none of its own projects could be imported
 * into it, and gets it when all projects of the import have ended.
 */
export const projectCreationLevel: Relation<Wanted, Wanted, undefined> = {
  name: 'project_creation_level',
  pipelineClass: 'BulkImports::Groups::Pipelines::GroupAttributesPipeline',
  relation: 'project_creation_level',
  parallel: 1,
  afterProjects: true,

  part: { page: ({ attributes }, context) => pageOf(attributes, context) },

  read: async context => pageOf(await readSourceGroup(context), context),

  existing: async () => undefined,
  nameOf: () => ({ key: 'project_creation_level', title: 'project_creation_level' }),
  want: wanted => wanted,

  async decide(wanted, _, context) {
    const there = await groupAtDestination(context);
    const differs = differences(wanted, there);
    return differs.size === 0 ? 'keep' : new Change(differs.values());
  },

  async openForProjects({ destination, target }) {
    const there = await getGroup(destination, target().id);
    if (there.project_creation_level !== NO_ONE) return;
    await updateGroup(destination, target().id, { json: { project_creation_level: OPEN } });
  },

  async change(wanted, { destination, target }) {
    const changed = await updateGroup(destination, target().id, { json: wanted });
    if (changed.project_creation_level === wanted.project_creation_level) return;
    throw new UnsupportedByDestinationError(
      "The destination ignored project_creation_level, which lets nobody create projects at the source. Set it in the group's settings by hand.",
    );
  },
};

/** Whether a group is to have that only after its projects. */
export function isSetAfterProjects(
  level: string | null | undefined,
  { entity }: Pick<PipelineContext, 'entity'>,
): boolean {
  return level === NO_ONE && entity.relations.project_entities !== false;
}

function pageOf({ projectCreationLevel: level }: SourceGroup, context: PipelineContext) {
  return onlyPage<Wanted>(isSetAfterProjects(level, context) ? [{ project_creation_level: NO_ONE }] : []);
}
