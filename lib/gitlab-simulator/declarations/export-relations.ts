import { type Endpoint, GROUP_ID } from './declaration.ts';

const STATUS = { ...GROUP_ID, relation: { type: 'string' } } as const;

export const EXPORT_RELATIONS = {
  groupStatus: {
    method: 'GET',
    path: '/groups/:id/export_relations/status',
    since: '13.12',
    params: STATUS,
  },
  projectStatus: {
    method: 'GET',
    path: '/projects/:id/export_relations/status',
    since: '14.4',
    params: STATUS,
    probedBecause: 'the 404 of an older version and that of a switched-off export mean the same',
  },
} as const satisfies Record<string, Endpoint>;
