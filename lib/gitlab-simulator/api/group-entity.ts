import type { GitLabInstance } from '../instance.ts';
import { ACCESS_LEVELS, type SampleGroup, type SampleUser } from '../model.ts';
import { canReadProject, hasRole } from '../permissions.ts';
import { marksForDeletion, presentProject } from './project-entity.ts';

const MAXIMUM_EMBEDDED_PROJECTS = 100;

/** Where the avatar's picture is, or null. */
export function avatarUrl(instance: GitLabInstance, group: SampleGroup): string | null {
  if (!group.avatar) return null;
  return `${instance.url}/uploads/-/system/group/avatar/${group.id}/${encodeURIComponent(group.avatar.filename)}`;
}

/** The group as lists show it. */
export function presentGroup(instance: GitLabInstance, group: SampleGroup) {
  const { settings } = group;
  const line = instance.selfAndAncestors(group).reverse();
  return {
    id: group.id,
    web_url: `${instance.url}/groups/${group.fullPath}`,
    name: group.name,
    path: group.path,
    description: group.description,
    visibility: group.visibility,
    share_with_group_lock: settings.shareWithGroupLock,
    require_two_factor_authentication: settings.requireTwoFactorAuthentication,
    two_factor_grace_period: settings.twoFactorGracePeriod,
    project_creation_level: settings.projectCreationLevel,
    auto_devops_enabled: null,
    subgroup_creation_level: settings.subgroupCreationLevel,
    emails_disabled: !settings.emailsEnabled,
    ...(instance.versionAtLeast('16.5') && { emails_enabled: settings.emailsEnabled }),
    mentions_disabled: settings.mentionsDisabled,
    lfs_enabled: settings.lfsEnabled,
    math_rendering_limits_enabled: true,
    lock_math_rendering_limits_enabled: false,
    default_branch: null,
    default_branch_protection: 2,
    default_branch_protection_defaults: {
      allowed_to_push: [{ access_level: 40 }],
      allow_force_push: false,
      allowed_to_merge: [{ access_level: 40 }],
      developer_can_initial_push: false,
    },
    avatar_url: avatarUrl(instance, group),
    request_access_enabled: settings.requestAccessEnabled,
    full_name: line.map(at => at.name).join(' / '),
    full_path: group.fullPath,
    created_at: group.createdAt,
    parent_id: group.parentId,
    organization_id: 1,
    shared_runners_setting: 'enabled',
    ...(instance.premium && {
      ldap_cn: null,
      ldap_access: null,
      wiki_access_level: 'enabled',
      membership_lock: settings.membershipLock,
    }),
    // Of the very group, not of one above it.
    ...(marksForDeletion(instance) && { marked_for_deletion_on: group.markedForDeletionOn }),
  };
}

/** The group as a single one is shown: some fields are for its Owners only. */
export function presentGroupDetail(
  instance: GitLabInstance,
  currentUser: SampleUser,
  group: SampleGroup,
  withProjects: boolean,
) {
  const ownerFields = hasRole(instance, currentUser, group, ACCESS_LEVELS.owner) && {
    enabled_git_access_protocol: 'all',
    ...(group.parentId === null && {
      prevent_sharing_groups_outside_hierarchy: group.settings.preventSharingGroupsOutsideHierarchy,
    }),
  };
  return {
    ...presentGroup(instance, group),
    shared_with_groups: [],
    ...ownerFields,
    ...(withProjects && {
      projects: group.projects
        .filter(project => canReadProject(instance, currentUser, project))
        .slice(0, MAXIMUM_EMBEDDED_PROJECTS)
        .map(project => presentProject(instance, currentUser, project)),
      shared_projects: [],
    }),
  };
}
