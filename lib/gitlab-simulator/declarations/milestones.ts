import { type Endpoint, GROUP_ID, PAGING, type Param } from './declaration.ts';

const ATTRIBUTES = {
  description: { type: 'string' },
  start_date: { type: 'string' },
  due_date: { type: 'string' },
} as const satisfies Record<string, Param>;

const MILESTONE_ID = { milestone_id: { type: 'integer', required: true } } as const;

export const MILESTONES = {
  list: {
    method: 'GET',
    path: '/groups/:id/milestones',
    params: {
      ...GROUP_ID,
      state: { type: 'string', values: ['active', 'closed', 'all'] },
      iids: { type: 'array[integer]' },
      title: { type: 'string' },
      search: { type: 'string' },
      include_parent_milestones: { type: 'boolean', since: '13.4' },
      include_ancestors: { type: 'boolean', since: '16.7' },
      include_descendants: { type: 'boolean', since: '16.7' },
      updated_before: { type: 'datetime', since: '15.10' },
      updated_after: { type: 'datetime', since: '15.10' },
      ...PAGING,
    },
    // The old name still works in every version, the new one only since it came; never both, not even as false.
    rules: [
      {
        kind: 'mutually_exclusive',
        params: ['include_ancestors', 'include_parent_milestones'],
        since: '16.7',
      },
    ],
  },
  create: {
    method: 'POST',
    path: '/groups/:id/milestones',
    params: { ...GROUP_ID, title: { type: 'string', required: true }, ...ATTRIBUTES },
  },
  get: {
    method: 'GET',
    path: '/groups/:id/milestones/:milestone_id',
    params: { ...GROUP_ID, ...MILESTONE_ID },
  },
  change: {
    method: 'PUT',
    path: '/groups/:id/milestones/:milestone_id',
    params: {
      ...GROUP_ID,
      ...MILESTONE_ID,
      title: { type: 'string' },
      ...ATTRIBUTES,
      state_event: { type: 'string', values: ['close', 'activate'] },
    },
    rules: [
      { kind: 'at_least_one_of', params: ['title', 'description', 'start_date', 'due_date', 'state_event'] },
    ],
  },
} as const satisfies Record<string, Endpoint>;
