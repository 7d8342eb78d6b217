import { type Endpoint, GROUP_ID, PAGING } from './declaration.ts';

const LIST = { ...GROUP_ID, ...PAGING } as const;

/** Lists of what no archive of a project carries, beside its variables and hooks. */
export const PROJECT_LEFT_OUT = {
  deployKeys: { method: 'GET', path: '/projects/:id/deploy_keys', params: LIST },
  environments: {
    method: 'GET',
    path: '/projects/:id/environments',
    params: {
      ...LIST,
      name: { type: 'string' },
      search: { type: 'string' },
      states: { type: 'string', values: ['available', 'stopping', 'stopped'] },
    },
    rules: [{ kind: 'mutually_exclusive', params: ['name', 'search'] }],
  },
  featureFlags: {
    method: 'GET',
    path: '/projects/:id/feature_flags',
    params: { ...LIST, scope: { type: 'string', values: ['enabled', 'disabled'] } },
  },
  containerRepositories: {
    method: 'GET',
    path: '/projects/:id/registry/repositories',
    params: { ...LIST, tags: { type: 'boolean' }, tags_count: { type: 'boolean' } },
  },
  packages: {
    method: 'GET',
    path: '/projects/:id/packages',
    params: { ...LIST, package_type: { type: 'string' }, package_name: { type: 'string' } },
  },
} as const satisfies Record<string, Endpoint>;
