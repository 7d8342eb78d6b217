import { onlyPage, type Relation } from '../engine/relation.ts';
import type { Group } from '../gitlab/api/groups.ts';
import { getProject, type Project } from '../gitlab/api/projects.ts';
import { checkProject } from './earlier-target.ts';
import { readParent } from './parent-group.ts';
import { ProjectClaim } from './project-claim.ts';
import { ProjectCreation } from './project-creation.ts';

/** The project itself: GitLab makes it at once, and fills it from the archive in the background. */
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
  isAbout: () => true,
  decide: async (_, __, { entity }) => (entity.projectId === null ? 'create' : 'keep'),

  async create(found, context, parent) {
    const claim = new ProjectClaim(context);
    await claim.settle(await new ProjectCreation(context, claim, found, parent).run());
  },
};
