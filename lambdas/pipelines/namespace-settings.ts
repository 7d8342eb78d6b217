import { setting } from '../engine/setting.ts';

/** `prevent_sharing_groups_outside_hierarchy`, which only top-level groups have. */
export const namespaceSettings = setting({
  name: 'namespace_settings',
  pipelineClass: 'BulkImports::Groups::Pipelines::NamespaceSettingsPipeline',
  relation: 'namespace_settings',
  attribute: 'prevent_sharing_groups_outside_hierarchy',
  key: 'settings',
  obstacle: ({ parent_id: parentId }) =>
    parentId === null
      ? undefined
      : 'The source group may not be shared outside its hierarchy. At the destination it is a subgroup, where this setting does not exist: set it on the top-level group.',
  advice: () => 'Set it by hand, or have an administrator do it.',
});
