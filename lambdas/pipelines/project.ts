import { Change, onlyPage, type Relation } from '../engine/relation.ts';
import type { Group } from '../gitlab/api/groups.ts';
import { getProject, type Project } from '../gitlab/api/projects.ts';
import { checkProject } from './earlier-target.ts';
import { readParent } from './parent-group.ts';
import { ProjectClaim } from './project-claim.ts';
import { ProjectCreation } from './project-creation.ts';
import { ProjectRepair } from './project-repair.ts';
import { relationsToBring } from './repairs.ts';

/**
 * The project itself: GitLab makes it at once, and fills it from the archive in the background. One that has arrived before
 * gets what it misses of the relations that GitLab imports by themselves.
 */
export const project: Relation<Project, Project, Group | null> = {
  name: 'project',
  pipelineClass: 'BulkImports::Projects::Pipelines::ProjectPipeline',
  relation: 'project',
  abortOnFailure: true,
  inRetries: 'again',
  checkAgain: checkProject,
  parallel: 1,
  // An archive that the destination cannot fetch is sent to it.
  lane: 'archives',

  read: async ({ entity, source }) => onlyPage([await getProject(source, entity.sourceId)]),
  // What its entity has noted of the group does not tell whether it takes runners.
  existing: readParent,
  nameOf: ({ id, path_with_namespace: fullPath }) => ({ key: String(id), title: fullPath }),
  want: found => found,
  // What was imported into it is told where that is looked for.
  isAbout: ({ target }) => target !== 'RelationImport',

  async decide(_, __, context) {
    if (context.entity.projectId === null) return 'create';
    const missing = await relationsToBring(context);
    return missing.length === 0 ? 'keep' : new Change(missing);
  },

  async create(found, context, parent) {
    const claim = new ProjectClaim(context);
    await claim.settle(await new ProjectCreation(context, claim, found, parent).run());
  },

  change: async (_, context) => new ProjectRepair(context).run(await relationsToBring(context)),
};
