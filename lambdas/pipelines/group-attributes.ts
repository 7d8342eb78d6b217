import { setting } from '../engine/setting.ts';

/**
 * `membership_lock`, the one attribute that GitLab moves after the group. Only the Enterprise Edition shows it. It is set
 * when all projects of the import have ended: nobody can become a member of a project of a group that is locked.
 */
export const groupAttributes = setting({
  name: 'group_attributes',
  pipelineClass: 'BulkImports::Groups::Pipelines::GroupAttributesPipeline',
  relation: 'self',
  edition: 'premium',
  afterProjects: true,
  waitsForProjects: isLocked => isLocked,
  attribute: 'membership_lock',
  advice: () => 'Without it anyone who may add members to projects can do so.',
});
