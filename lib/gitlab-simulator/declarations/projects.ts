import { type Endpoint, GROUP_ID, type Param } from './declaration.ts';

const ACCESS = { type: 'string', values: ['disabled', 'private', 'enabled'] } as const;
const BOOLEAN = { type: 'boolean' } as const;

/** What a request can change of a project, and an import can override. Versions of what is younger than 14.0 are chosen where only a year is known. */
export const PROJECT_ATTRIBUTES = {
  description: { type: 'string' },
  visibility: { type: 'string', values: ['private', 'internal', 'public'] },
  build_timeout: { type: 'integer' },
  auto_cancel_pending_pipelines: { type: 'string', values: ['disabled', 'enabled'] },
  ci_default_git_depth: { type: 'integer' },
  ci_forward_deployment_enabled: BOOLEAN,
  keep_latest_artifact: BOOLEAN,
  public_builds: BOOLEAN,
  public_jobs: { type: 'boolean', since: '15.4' },
  topics: { type: 'array[string]' },
  ci_config_path: { type: 'string' },
  issues_access_level: ACCESS,
  repository_access_level: ACCESS,
  merge_requests_access_level: ACCESS,
  wiki_access_level: ACCESS,
  builds_access_level: ACCESS,
  snippets_access_level: ACCESS,
  forking_access_level: ACCESS,
  emails_disabled: BOOLEAN,
  emails_enabled: { type: 'boolean', since: '16.5' },
  shared_runners_enabled: BOOLEAN,
  lfs_enabled: BOOLEAN,
  squash_option: { type: 'string', values: ['never', 'always', 'default_on', 'default_off'] },
} as const satisfies Record<string, Param>;

const ATTRIBUTES = {
  name: { type: 'string' },
  path: { type: 'string' },
  default_branch: { type: 'string' },
  ...PROJECT_ATTRIBUTES,
  avatar: { type: 'file' },
} as const satisfies Record<string, Param>;

/**
 * Projects have the same kind of `:id` as groups: a number, or the full path. GitLab can change more than what is
 * declared here; what the sample has no data for is a mistake of the client.
 */
export const PROJECTS = {
  get: {
    method: 'GET',
    path: '/projects/:id',
    params: {
      ...GROUP_ID,
      statistics: BOOLEAN,
      with_custom_attributes: BOOLEAN,
      license: BOOLEAN,
    },
    rateLimit: { limit: 400, periodSeconds: 60, since: '18.1' },
  },
  change: {
    method: 'PUT',
    path: '/projects/:id',
    params: { ...GROUP_ID, ...ATTRIBUTES },
    rules: [{ kind: 'at_least_one_of', params: Object.keys(ATTRIBUTES) }],
  },
  remove: {
    method: 'DELETE',
    path: '/projects/:id',
    params: {
      ...GROUP_ID,
      permanently_remove: { type: 'boolean', since: '15.11' },
      full_path: { type: 'string', since: '15.11' },
    },
  },
  archive: { method: 'POST', path: '/projects/:id/archive', params: GROUP_ID },
  unarchive: { method: 'POST', path: '/projects/:id/unarchive', params: GROUP_ID },
} as const satisfies Record<string, Endpoint>;
