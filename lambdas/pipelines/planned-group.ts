import { GroupCreationError } from '../domain/errors.ts';
import { ONLY_PLANNED } from '../engine/planned.ts';
import type { Outlook, PipelineContext } from '../engine/relation.ts';
import { countGroupLeftOut } from '../gitlab/api/group-left-out.ts';
import { findByFullPath } from '../gitlab/api/group-query.ts';
import { type GroupAttributes, isPathTaken } from '../gitlab/api/groups.ts';
import { findProject, listGroupProjects } from '../gitlab/api/projects.ts';
import { isCommunity } from '../gitlab/version.ts';
import type { Parent } from './group-creation.ts';
import { numbered, visibilityWithin } from './group-rules.ts';

/** How many `_1`, `_2`, … are looked up before a path counts as taken for good. */
const MOST_SUFFIXES = 100;

const PATH_TAKEN =
  'Group exists: a group or user has this path at the destination. Choose another destination_slug, or a group as destination_namespace.';

/**
 * What would become of a group that does not exist yet: its path and visibility are noted, for what would be in it.
 *
 * @throws GroupCreationError when it cannot be made
 */
export async function outlookOfGroup(
  wanted: GroupAttributes,
  context: PipelineContext,
  parent: Parent,
): Promise<Outlook> {
  const destinationFullPath = await freePath(wanted.path, context, parent);
  // One that this service does not know is left to the destination's default, which is private unless it says otherwise.
  const visibility = visibilityWithin(wanted.visibility, parent?.visibility) ?? 'private';
  const { bulkImport, entity, source, noteOnEntity } = context;
  const notMigrated = await countGroupLeftOut(source, entity.sourceId, isCommunity(bulkImport.sourceVersion));
  if (entity.relations.project_entities === false) {
    const { total, records } = await listGroupProjects(source, entity.sourceId, null);
    notMigrated.projects = total ?? records.length;
  }
  noteOnEntity({ destinationFullPath, destinationShown: { visibility }, notMigrated: some(notMigrated) });
  return { writes: 1 };
}

const some = (counts: Record<string, number>) =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

/** A path at which nothing is: inside a group the next one with a number, at the top level the one that is wanted or none. */
async function freePath(
  wanted: string,
  { destination, entity }: PipelineContext,
  parent: Parent,
): Promise<string> {
  if (parent === null) {
    if (await isPathTaken(destination, wanted)) throw new GroupCreationError(PATH_TAKEN);
    return wanted;
  }
  // What is in a group that does not exist yet comes from the source, where no two have the same path.
  const isNew = parent.id === ONLY_PLANNED || entity.parentId !== null;
  for (let suffix = 0; suffix <= MOST_SUFFIXES; suffix++) {
    const fullPath = `${parent.full_path}/${numbered(wanted, '_', suffix)}`;
    if (isNew) return fullPath;
    const [group, project] = await Promise.all([
      findByFullPath(destination, fullPath),
      findProject(destination, fullPath),
    ]);
    if (group === undefined && project === undefined) return fullPath;
  }
  throw new GroupCreationError(PATH_TAKEN);
}
