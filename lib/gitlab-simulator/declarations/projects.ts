import { type Endpoint, GROUP_ID } from './declaration.ts';

/** Projects have the same kind of `:id` as groups: a number, or the full path. */
export const PROJECTS = {
  get: {
    method: 'GET',
    path: '/projects/:id',
    params: {
      ...GROUP_ID,
      statistics: { type: 'boolean' },
      with_custom_attributes: { type: 'boolean' },
      license: { type: 'boolean' },
    },
    rateLimit: { limit: 400, periodSeconds: 60, since: '18.1' },
  },
} as const satisfies Record<string, Endpoint>;
