import { type Endpoint, GROUP_ID, PAGING } from './declaration.ts';

export const BADGES = {
  list: {
    method: 'GET',
    path: '/groups/:id/badges',
    params: { ...GROUP_ID, name: { type: 'string' }, ...PAGING },
  },
  create: {
    method: 'POST',
    path: '/groups/:id/badges',
    params: {
      ...GROUP_ID,
      link_url: { type: 'string', required: true },
      image_url: { type: 'string', required: true },
      name: { type: 'string' },
    },
  },
} as const satisfies Record<string, Endpoint>;
