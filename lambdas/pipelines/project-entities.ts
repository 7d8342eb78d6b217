import { onlyPage, type Relation, Skip } from '../engine/relation.ts';
import { isAwaitingDeletion, listGroupProjects, type SourceProject } from '../gitlab/api/projects.ts';
import { CHILDREN_TOGETHER, type Child, childOf } from './child-entities.ts';

/** Makes an entity of each project of the group. They run when all groups of the import have ended. */
export const projectEntities: Relation<SourceProject, Child, undefined> = {
  name: 'project_entities',
  pipelineClass: 'BulkImports::Groups::Pipelines::ProjectEntitiesPipeline',
  relation: 'project_entities',
  makesEntities: true,
  parallel: 1,

  // Many groups have none, and those need no request for a list.
  part: {
    only: 'projects',
    page: ({ hasProjects }) => (hasProjects === false ? onlyPage<SourceProject>([]) : undefined),
  },
  read: ({ entity, source }, cursor) => listGroupProjects(source, entity.sourceId, cursor),

  existing: async () => undefined,
  nameOf: ({ id, name }) => ({ key: String(id), title: name }),

  want(project, { entity }) {
    if (isAwaitingDeletion(project)) return new Skip('awaits_deletion');
    const { id, path, path_with_namespace: fullPath } = project;
    return childOf(entity, { sourceType: 'project_entity', id, path, fullPath });
  },

  decide: () => 'create',
  many: CHILDREN_TOGETHER,
};
