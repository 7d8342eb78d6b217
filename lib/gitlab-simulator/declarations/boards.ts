import { type Endpoint, GROUP_ID, PAGING } from './declaration.ts';

const BOARD_ID = { ...GROUP_ID, board_id: { type: 'integer', required: true } } as const;

export const BOARDS = {
  list: { method: 'GET', path: '/groups/:id/boards', params: { ...GROUP_ID, ...PAGING } },
  create: {
    method: 'POST',
    path: '/groups/:id/boards',
    edition: 'ee',
    params: { ...GROUP_ID, name: { type: 'string', required: true } },
    probedBecause: 'the editions differ in what a board needs, and a refusal sends the client to GraphQL',
  },
  get: { method: 'GET', path: '/groups/:id/boards/:board_id', params: BOARD_ID },
  change: {
    method: 'PUT',
    path: '/groups/:id/boards/:board_id',
    params: {
      ...BOARD_ID,
      name: { type: 'string' },
      hide_backlog_list: { type: 'boolean' },
      hide_closed_list: { type: 'boolean' },
      assignee_id: { type: 'integer', edition: 'ee' },
      milestone_id: { type: 'integer', edition: 'ee' },
      // One text with commas between the titles: a list is refused.
      labels: { type: 'string', edition: 'ee' },
      weight: { type: 'integer', edition: 'ee' },
    },
    rules: [
      {
        kind: 'at_least_one_of',
        params: [
          'name',
          'hide_backlog_list',
          'hide_closed_list',
          'assignee_id',
          'milestone_id',
          'labels',
          'weight',
        ],
      },
    ],
  },
  lists: {
    method: 'GET',
    path: '/groups/:id/boards/:board_id/lists',
    params: { ...BOARD_ID, ...PAGING },
  },
  createList: {
    method: 'POST',
    path: '/groups/:id/boards/:board_id/lists',
    params: {
      ...BOARD_ID,
      label_id: { type: 'integer' },
      milestone_id: { type: 'integer', edition: 'ee' },
      iteration_id: { type: 'integer', edition: 'ee' },
      assignee_id: { type: 'integer', edition: 'ee' },
    },
    rules: [
      {
        kind: 'exactly_one_of',
        params: ['label_id', 'milestone_id', 'iteration_id', 'assignee_id'],
        edition: 'ee',
      },
      { kind: 'required', params: ['label_id'], edition: 'ce' },
    ],
  },
} as const satisfies Record<string, Endpoint>;
