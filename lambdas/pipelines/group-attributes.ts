import { setting } from '../engine/setting.ts';

/** `membership_lock`, the one attribute that GitLab moves after the group. Only the Enterprise Edition shows it. */
export const groupAttributes = setting({
  name: 'group_attributes',
  pipelineClass: 'BulkImports::Groups::Pipelines::GroupAttributesPipeline',
  relation: 'self',
  edition: 'premium',
  attribute: 'membership_lock',
  advice: () => 'Without it anyone who may add members to projects can do so.',
});
