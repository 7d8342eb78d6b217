import { type Endpoint, GROUP_ID, PAGING, type Param } from './declaration.ts';

const VISIBILITY = { type: 'string', values: ['private', 'internal', 'public'] } as const;

/**
 * What creating and changing a group have in common. The versions of `valuesSince` are chosen: GitLab's documents
 * name `owner` and `administrator` without one, and files of the 16 time do not have them. So are 16.x and 17.x of the
 * parameters that migrations do not send.
 */
const ATTRIBUTES = {
  description: { type: 'string' },
  visibility: VISIBILITY,
  avatar: { type: 'file' },
  share_with_group_lock: { type: 'boolean' },
  require_two_factor_authentication: { type: 'boolean' },
  two_factor_grace_period: { type: 'integer' },
  project_creation_level: {
    type: 'string',
    values: ['noone', 'owner', 'maintainer', 'developer', 'administrator'],
    valuesSince: { administrator: '17.5', owner: '17.7' },
  },
  auto_devops_enabled: { type: 'boolean' },
  subgroup_creation_level: { type: 'string', values: ['owner', 'maintainer'] },
  emails_disabled: { type: 'boolean' },
  emails_enabled: { type: 'boolean', since: '16.5' },
  show_diff_preview_in_email: { type: 'boolean', since: '16.3' },
  mentions_disabled: { type: 'boolean' },
  lfs_enabled: { type: 'boolean' },
  request_access_enabled: { type: 'boolean' },
  default_branch: { type: 'string', since: '16.11' },
  default_branch_protection: { type: 'integer', values: [0, 1, 2, 3, 4] },
  default_branch_protection_defaults: { type: 'object', since: '17.0' },
  shared_runners_setting: {
    type: 'string',
    values: ['disabled_and_unoverridable', 'disabled_and_overridable', 'enabled'],
  },
  enabled_git_access_protocol: { type: 'string', values: ['ssh', 'http', 'all'], since: '16.0' },
  membership_lock: { type: 'boolean', edition: 'ee' },
  ldap_cn: { type: 'string', edition: 'ee' },
  ldap_access: { type: 'integer', edition: 'ee' },
  shared_runners_minutes_limit: { type: 'integer', edition: 'ee' },
  extra_shared_runners_minutes_limit: { type: 'integer', edition: 'ee' },
  wiki_access_level: {
    type: 'string',
    values: ['disabled', 'private', 'enabled'],
    edition: 'ee',
    since: '15.0',
  },
} as const satisfies Record<string, Param>;

/** What lists of groups are narrowed and ordered by. */
const LIST = {
  statistics: { type: 'boolean' },
  skip_groups: { type: 'array[integer]' },
  all_available: { type: 'boolean' },
  visibility: { ...VISIBILITY, since: '16.4' },
  search: { type: 'string' },
  owned: { type: 'boolean' },
  order_by: { type: 'string', values: ['name', 'path', 'id', 'similarity'] },
  sort: { type: 'string', values: ['asc', 'desc'] },
  min_access_level: {
    type: 'integer',
    values: [10, 15, 20, 30, 40, 50],
    valuesSince: { 15: '17.7' },
  },
  // The archive of groups and `active` came with 18.
  archived: { type: 'boolean', since: '18.2' },
  active: { type: 'boolean', since: '18.2' },
  marked_for_deletion_on: { type: 'datetime', since: '17.1' },
  repository_storage: { type: 'string', since: '16.3' },
  with_custom_attributes: { type: 'boolean' },
  ...PAGING,
} as const satisfies Record<string, Param>;

export const GROUPS = {
  list: {
    method: 'GET',
    path: '/groups',
    params: { ...LIST, top_level_only: { type: 'boolean' } },
    rateLimit: { limit: 200, periodSeconds: 60, since: '18.1' },
  },
  create: {
    method: 'POST',
    path: '/groups',
    params: {
      name: { type: 'string', required: true },
      path: { type: 'string', required: true },
      parent_id: { type: 'integer' },
      organization_id: { type: 'integer', since: '16.6' },
      ...ATTRIBUTES,
    },
  },
  get: {
    method: 'GET',
    path: '/groups/:id',
    params: {
      ...GROUP_ID,
      with_custom_attributes: { type: 'boolean' },
      with_projects: { type: 'boolean' },
    },
    rateLimit: { limit: 400, periodSeconds: 60, since: '18.1' },
  },
  change: {
    method: 'PUT',
    path: '/groups/:id',
    params: {
      ...GROUP_ID,
      name: { type: 'string' },
      path: { type: 'string' },
      ...ATTRIBUTES,
      prevent_sharing_groups_outside_hierarchy: { type: 'boolean', since: '14.1' },
      file_template_project_id: { type: 'integer', edition: 'ee' },
      prevent_forking_outside_group: { type: 'boolean', edition: 'ee' },
      ip_restriction_ranges: { type: 'string', edition: 'ee', since: '15.4' },
      allowed_email_domains_list: { type: 'string', edition: 'ee', since: '17.4' },
    },
  },
  remove: {
    method: 'DELETE',
    path: '/groups/:id',
    params: {
      ...GROUP_ID,
      permanently_remove: { type: 'boolean', since: '15.4' },
      full_path: { type: 'string', since: '15.4' },
    },
  },
  subgroups: {
    method: 'GET',
    path: '/groups/:id/subgroups',
    params: { ...GROUP_ID, ...LIST },
  },
  descendants: {
    method: 'GET',
    path: '/groups/:id/descendant_groups',
    params: { ...GROUP_ID, ...LIST },
  },
  projects: {
    method: 'GET',
    path: '/groups/:id/projects',
    params: {
      ...GROUP_ID,
      archived: { type: 'boolean' },
      visibility: VISIBILITY,
      search: { type: 'string' },
      order_by: {
        type: 'string',
        values: [
          'id',
          'name',
          'path',
          'created_at',
          'updated_at',
          'last_activity_at',
          'similarity',
          'star_count',
        ],
      },
      sort: { type: 'string', values: ['asc', 'desc'] },
      simple: { type: 'boolean' },
      owned: { type: 'boolean' },
      starred: { type: 'boolean' },
      with_issues_enabled: { type: 'boolean' },
      with_merge_requests_enabled: { type: 'boolean' },
      with_shared: { type: 'boolean' },
      include_subgroups: { type: 'boolean' },
      include_ancestor_groups: { type: 'boolean', since: '15.4' },
      min_access_level: LIST.min_access_level,
      with_custom_attributes: { type: 'boolean' },
      with_security_reports: { type: 'boolean', edition: 'ee' },
      ...PAGING,
    },
    rateLimit: { limit: 600, periodSeconds: 60, since: '18.1' },
  },
  avatar: { method: 'GET', path: '/groups/:id/avatar', params: GROUP_ID, since: '14.0' },
} as const satisfies Record<string, Endpoint>;
