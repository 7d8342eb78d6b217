import { type Endpoint, GROUP_ID, PAGING, type Param } from './declaration.ts';

const SCOPE = {
  include_ancestor_groups: { type: 'boolean' },
  include_descendant_groups: { type: 'boolean', since: '13.6' },
  only_group_labels: { type: 'boolean', since: '13.6' },
} as const satisfies Record<string, Param>;

export const LABELS = {
  list: {
    method: 'GET',
    path: '/groups/:id/labels',
    params: {
      ...GROUP_ID,
      with_counts: { type: 'boolean' },
      ...SCOPE,
      search: { type: 'string', since: '13.6' },
      archived: { type: 'boolean', since: '18.10' },
      ...PAGING,
    },
  },
  create: {
    method: 'POST',
    path: '/groups/:id/labels',
    params: {
      ...GROUP_ID,
      name: { type: 'string', required: true },
      color: { type: 'string', required: true },
      description: { type: 'string' },
      archived: { type: 'boolean', since: '18.10' },
    },
  },
  get: {
    method: 'GET',
    path: '/groups/:id/labels/:name',
    params: { ...GROUP_ID, name: { type: 'string', required: true }, ...SCOPE },
  },
} as const satisfies Record<string, Endpoint>;
