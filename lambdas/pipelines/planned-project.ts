import { MigrationError, ProjectCreationError } from '../domain/errors.ts';
import { isVerification, ONLY_PLANNED } from '../engine/planned.ts';
import { onlyPage, type PipelineContext, type Relation } from '../engine/relation.ts';
import { findByFullPath } from '../gitlab/api/group-query.ts';
import { exportStatus } from '../gitlab/api/project-exports.ts';
import { archiveBytesOf, getSizedProject, type SizedProject } from '../gitlab/api/project-sizes.ts';
import { findProject, type Project } from '../gitlab/api/projects.ts';
import { getCurrentUser } from '../gitlab/api/users.ts';
import { adviceOnExport, PROJECT_ADVICE } from '../gitlab/project-refusals.ts';
import { noteSourceCounts } from './counted-project.ts';
import type { Parent } from './group-creation.ts';
import { normalizeSlug } from './group-rules.ts';
import { noteLeftOut } from './left-out-of-archive.ts';
import { findParent } from './parent-group.ts';
import { differencesOfProject } from './project-differences.ts';
import { sourceProject } from './projects-of-entity.ts';

const PATH_TAKEN =
  'Unable to import project: something else has this path at the destination. Choose another destination_slug.';
const NO_GROUP = 'A project goes into a group, and none was named.';

/**
 * A project as a plan sees it: what is counted of it, and what stands against its export. No archive is ordered, and
 * whether the destination takes it can be asked by an import only.
 */
export const plannedProject: Relation<SizedProject, SizedProject, Parent> = {
  name: 'project',
  pipelineClass: 'BulkImports::Projects::Pipelines::ProjectPipeline',
  relation: 'project',
  abortOnFailure: true,
  parallel: 1,

  async read(context) {
    const { entity, source } = context;
    if (isVerification(context)) return onlyPage<SizedProject>([await sourceProject(context)]);
    return onlyPage([await getSizedProject(source, entity.sourceId)]);
  },

  existing: findParent,
  nameOf: ({ id, path_with_namespace: fullPath }) => ({ key: String(id), title: fullPath }),
  want: found => found,
  decide: async (_, __, { entity }) => (entity.projectId === null ? 'create' : 'keep'),

  differences: (found, _, context) => differencesOfProject(found, context),

  planned: {
    async outlook(found, _, context, parent) {
      await checkExport(context);
      context.noteOnEntity({
        destinationFullPath: await freePath(found, context, parent),
        archiveBytes: archiveBytesOf(found),
      });
      await noteSourceCounts(context);
      await noteLeftOut(context);
      return { writes: 1, isUnknown: true };
    },
  },
};

/** @throws MigrationError with what has to be done before the source exports the project for this user */
async function checkExport({ source, destination, entity }: PipelineContext): Promise<void> {
  if ((await getCurrentUser(destination)).bot === true) throw new MigrationError(PROJECT_ADVICE.bot);
  try {
    await exportStatus(source, entity.sourceId);
  } catch (error) {
    const advice = adviceOnExport(error);
    throw advice === undefined ? error : new MigrationError(advice, { cause: error });
  }
}

/** The path that the project would get. What is in a group that does not exist yet has its own. */
async function freePath(
  { id, name }: Project,
  { destination, entity }: PipelineContext,
  parent: Parent,
): Promise<string> {
  if (parent === null) throw new ProjectCreationError(NO_GROUP);
  const fullPath = `${parent.full_path}/${normalizeSlug(entity.destinationSlug) || normalizeSlug(name) || `project-${id}`}`;
  if (parent.id === ONLY_PLANNED || entity.parentId !== null) return fullPath;
  const [project, group] = await Promise.all([
    findProject(destination, fullPath),
    findByFullPath(destination, fullPath),
  ]);
  if (project !== undefined || group !== undefined) throw new ProjectCreationError(PATH_TAKEN);
  return fullPath;
}
