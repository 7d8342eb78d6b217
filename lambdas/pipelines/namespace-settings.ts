import { UnsupportedByDestinationError } from '../domain/errors.ts';
import { onlyPage, type Relation } from '../engine/relation.ts';
import { differences } from '../engine/shown.ts';
import { getGroup, updateGroup } from '../gitlab/api/groups.ts';

interface Attributes {
  prevent_sharing_groups_outside_hierarchy: boolean;
}

/** `prevent_sharing_groups_outside_hierarchy`, which only top-level groups have. */
export const namespaceSettings: Relation<Attributes, Attributes, undefined> = {
  name: 'namespace_settings',
  pipelineClass: 'BulkImports::Groups::Pipelines::NamespaceSettingsPipeline',
  relation: 'namespace_settings',
  parallel: 1,

  async read({ entity, source }) {
    const { prevent_sharing_groups_outside_hierarchy } = await getGroup(source, entity.sourceId);
    return onlyPage(
      typeof prevent_sharing_groups_outside_hierarchy === 'boolean'
        ? [{ prevent_sharing_groups_outside_hierarchy }]
        : [],
    );
  },

  existing: async () => undefined,

  nameOf: () => ({ key: 'settings', title: 'prevent_sharing_groups_outside_hierarchy' }),

  want: settings => settings,

  async load(wanted, context) {
    const { destination } = context;
    const group = await getGroup(destination, context.target().id);
    if (differences({ ...wanted }, group).size === 0) return 'imported';
    if (group.parent_id !== null) {
      throw new UnsupportedByDestinationError(
        'The source group may not be shared outside its hierarchy. At the destination it is a subgroup, where this setting does not exist: set it on the top-level group.',
      );
    }
    const changed = await updateGroup(destination, context.target().id, { json: { ...wanted } });
    if (differences({ ...wanted }, changed).size > 0) {
      throw new UnsupportedByDestinationError(
        `The destination ignored prevent_sharing_groups_outside_hierarchy, which is ${wanted.prevent_sharing_groups_outside_hierarchy} at the source. Set it by hand, or have an administrator do it.`,
      );
    }
    return 'imported';
  },
};
