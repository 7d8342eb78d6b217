import { type Endpoint, PAGING } from './declaration.ts';

const ID = { id: { type: 'string', required: true } } as const;

export const NAMESPACES = {
  list: {
    method: 'GET',
    path: '/namespaces',
    params: {
      search: { type: 'string' },
      owned_only: { type: 'boolean' },
      top_level_only: { type: 'boolean', since: '16.8' },
      full_path_search: { type: 'boolean', since: '16.11' },
      requested_hosted_plan: { type: 'string', edition: 'ee' },
      ...PAGING,
    },
  },
  get: { method: 'GET', path: '/namespaces/:id', params: ID },
  exists: {
    method: 'GET',
    path: '/namespaces/:id/exists',
    params: { ...ID, parent_id: { type: 'integer' } },
    // No setting of an instance changes it.
    rateLimit: { limit: 20, periodSeconds: 60 },
  },
} as const satisfies Record<string, Endpoint>;
