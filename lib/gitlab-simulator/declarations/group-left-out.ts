import { type Endpoint, GROUP_ID, PAGING } from './declaration.ts';

const LIST = { ...GROUP_ID, ...PAGING } as const;

/** Lists of what a group has and no migration moves; two of them only the Enterprise Edition has, with a licence. */
export const GROUP_LEFT_OUT = {
  epics: {
    method: 'GET',
    path: '/groups/:id/epics',
    edition: 'ee',
    params: {
      ...LIST,
      include_ancestor_groups: { type: 'boolean' },
      include_descendant_groups: { type: 'boolean' },
    },
  },
  hooks: { method: 'GET', path: '/groups/:id/hooks', edition: 'ee', params: LIST },
  variables: { method: 'GET', path: '/groups/:id/variables', params: LIST },
} as const satisfies Record<string, Endpoint>;
