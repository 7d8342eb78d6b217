import { MigrationError } from '../domain/errors.ts';
import { onlyPage, type Relation } from '../engine/relation.ts';
import { countProjects } from '../gitlab/api/groups.ts';

interface Projects {
  count: number;
  /** Whether there are not more than that. */
  isExact: boolean;
  firstPaths: string[];
}

/**
 * The group's projects. They are not migrated, and a group that has some says so in one failure, so that nobody
 * takes the group for complete. The one record of this pipeline stands for all of them.
 */
export const projectEntities: Relation<Projects, never, undefined> = {
  name: 'project_entities',
  pipelineClass: 'BulkImports::Groups::Pipelines::ProjectEntitiesPipeline',
  relation: 'project_entities',
  parallel: 1,

  part: { page: ({ projects }) => projects && pageOf(projects) },
  read: async ({ entity, source }) => pageOf(await countProjects(source, entity.sourceId)),

  existing: async () => undefined,

  nameOf: projects => ({ key: 'projects', title: inWords(projects) }),

  want(projects) {
    const { count, isExact, firstPaths } = projects;
    const some = firstPaths.map(path => `'${path}'`).join(', ');
    const more = count > firstPaths.length ? ', …' : '';
    throw new MigrationError(
      `This group has ${inWords(projects)} (${some}${more}), which this service does not migrate. Move ${count === 1 && isExact ? 'it' : 'them'} by GitLab's project export and import.`,
    );
  },

  decide: () => 'keep',
};

const pageOf = (projects: Projects) => onlyPage(projects.count === 0 ? [] : [projects]);

function inWords({ count, isExact }: Projects): string {
  return `${isExact ? '' : 'more than '}${count} ${count === 1 ? 'project' : 'projects'}`;
}
