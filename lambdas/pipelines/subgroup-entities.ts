import { listSubgroups, type Subgroup } from '../gitlab/api/groups.ts';
import { takeIds } from '../store/counters.ts';
import { createEntity, type NewEntity, reserveChild } from '../store/entities.ts';
import type { Pipeline } from './pipeline.ts';
import { pipelineHandler } from './pipeline-handler.ts';

/** Makes an entity of each subgroup. They run in the next generation, when this group is complete. */
export const subgroupEntities: Pipeline<Subgroup, Omit<NewEntity, 'id'>, undefined> = {
  name: 'subgroup_entities',
  // One by one, so that the ids of the entities follow the order at the source.
  parallel: 1,

  extract: ({ entity, source }, cursor) => listSubgroups(source, entity.sourceId, cursor),

  prepare: async () => undefined,

  nameOf: ({ id, name }) => ({ key: String(id), title: name }),

  transform({ id, path, full_path }, { entity }) {
    if (entity.destinationFullPath === null) throw new Error('The parent group does not exist yet.');
    return {
      importId: entity.importId,
      destinationUrl: entity.destinationUrl,
      userId: entity.userId,
      sourceType: 'group_entity',
      sourceFullPath: full_path,
      sourceId: id,
      destinationSlug: path,
      destinationNamespace: entity.destinationFullPath,
      parentId: entity.id,
      generation: entity.generation + 1,
      migrateProjects: entity.migrateProjects,
      migrateMemberships: entity.migrateMemberships,
    };
  },

  async load(child, { entity }) {
    const id = await reserveChild(entity, child.sourceId, () => takeIds('ENTITY'));
    await createEntity({ ...child, id });
    return 'imported';
  },
};

export const handler = pipelineHandler(subgroupEntities);
