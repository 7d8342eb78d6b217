import { type Endpoint, GROUP_ID, PAGING, type Param } from './declaration.ts';

const SORT = { sort: { type: 'string', values: ['asc', 'desc'] } } as const satisfies Record<string, Param>;
const SEARCH = { search: { type: 'string' } } as const satisfies Record<string, Param>;
const LIST = { ...GROUP_ID, ...PAGING } as const;

const ISSUES = {
  iids: { type: 'array[integer]' },
  labels: { type: 'array[string]' },
  milestone: { type: 'string' },
  author_id: { type: 'integer' },
  confidential: { type: 'boolean' },
  ...SEARCH,
  scope: {
    type: 'string',
    values: ['created-by-me', 'assigned-to-me', 'created_by_me', 'assigned_to_me', 'all'],
  },
} as const satisfies Record<string, Param>;

/**
 * What a project holds, as far as it is counted. GitLab takes many more filters of issues and merge requests: those
 * that the sample does not apply are not declared, so that no test believes in them.
 */
export const PROJECT_LISTS = {
  issues: {
    method: 'GET',
    path: '/projects/:id/issues',
    params: {
      ...LIST,
      state: { type: 'string', values: ['opened', 'closed', 'all'] },
      order_by: { type: 'string', values: ['created_at', 'title', 'updated_at'] },
      ...SORT,
      ...ISSUES,
    },
  },
  issuesStatistics: {
    method: 'GET',
    path: '/projects/:id/issues_statistics',
    params: { ...GROUP_ID, ...ISSUES },
  },
  mergeRequests: {
    method: 'GET',
    path: '/projects/:id/merge_requests',
    params: {
      ...LIST,
      state: { type: 'string', values: ['opened', 'closed', 'locked', 'merged', 'all'] },
      order_by: { type: 'string', values: ['created_at', 'title', 'updated_at'] },
      ...SORT,
      iids: { type: 'array[integer]' },
      view: { type: 'string', values: ['simple'] },
      scope: {
        type: 'string',
        values: ['created-by-me', 'assigned-to-me', 'created_by_me', 'assigned_to_me', 'all'],
      },
      source_branch: { type: 'string' },
      target_branch: { type: 'string' },
      ...SEARCH,
    },
  },
  labels: {
    method: 'GET',
    path: '/projects/:id/labels',
    params: {
      ...LIST,
      with_counts: { type: 'boolean' },
      include_ancestor_groups: { type: 'boolean' },
      search: { type: 'string', since: '13.6' },
      archived: { type: 'boolean', since: '18.10' },
    },
  },
  milestones: {
    method: 'GET',
    path: '/projects/:id/milestones',
    params: {
      ...LIST,
      state: { type: 'string', values: ['active', 'closed', 'all'] },
      iids: { type: 'array[integer]' },
      title: { type: 'string' },
      ...SEARCH,
      include_parent_milestones: { type: 'boolean' },
      include_ancestors: { type: 'boolean', since: '16.7' },
    },
    // As of a group's milestones: never both names, not even as false.
    rules: [
      {
        kind: 'mutually_exclusive',
        params: ['include_ancestors', 'include_parent_milestones'],
        since: '16.7',
      },
    ],
  },
  releases: {
    method: 'GET',
    path: '/projects/:id/releases',
    params: {
      ...LIST,
      order_by: { type: 'string', values: ['released_at', 'created_at'] },
      ...SORT,
      include_html_description: { type: 'boolean' },
    },
  },
  branches: {
    method: 'GET',
    path: '/projects/:id/repository/branches',
    params: {
      ...LIST,
      ...SEARCH,
      sort: { type: 'string', values: ['name_asc', 'updated_asc', 'updated_desc'] },
    },
  },
  tags: {
    method: 'GET',
    path: '/projects/:id/repository/tags',
    params: {
      ...LIST,
      ...SEARCH,
      ...SORT,
      order_by: {
        type: 'string',
        values: ['name', 'updated', 'version'],
        // Only a recent file has it.
        valuesSince: { version: '15.4' },
      },
    },
  },
  pipelines: {
    method: 'GET',
    path: '/projects/:id/pipelines',
    params: {
      ...LIST,
      status: { type: 'string', values: ['success', 'failed', 'canceled'] },
      ref: { type: 'string' },
      sha: { type: 'string' },
      order_by: { type: 'string', values: ['id', 'status', 'ref', 'updated_at', 'user_id'] },
      ...SORT,
    },
  },
  snippets: { method: 'GET', path: '/projects/:id/snippets', params: LIST },
  wikis: {
    method: 'GET',
    path: '/projects/:id/wikis',
    // Without pages: GitLab lists all at once.
    params: { ...GROUP_ID, with_content: { type: 'boolean' } },
  },
  boards: { method: 'GET', path: '/projects/:id/boards', params: LIST },
  protectedBranches: {
    method: 'GET',
    path: '/projects/:id/protected_branches',
    params: { ...LIST, ...SEARCH },
  },
  protectedTags: { method: 'GET', path: '/projects/:id/protected_tags', params: LIST },
  badges: {
    method: 'GET',
    path: '/projects/:id/badges',
    params: { ...LIST, name: { type: 'string' } },
  },
  variables: { method: 'GET', path: '/projects/:id/variables', params: LIST },
  hooks: { method: 'GET', path: '/projects/:id/hooks', params: LIST },
} as const satisfies Record<string, Endpoint>;
