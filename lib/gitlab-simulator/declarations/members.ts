import { type Endpoint, GROUP_ID, PAGING, type Param } from './declaration.ts';

const USER_ID = { ...GROUP_ID, user_id: { type: 'integer', required: true } } as const;

/** GitLab declares no list of levels: one that a version does not have is refused by the model. */
const MEMBERSHIP = {
  access_level: { type: 'integer', required: true },
  expires_at: { type: 'datetime' },
  member_role_id: { type: 'integer', edition: 'ee', since: '15.4' },
} as const satisfies Record<string, Param>;

/** Of members by username only "16.x" is known. */
const USERNAME_SINCE = '16.6';

/** GitLab declares the members of groups and of projects in one loop. */
const membersOf = (source: 'groups' | 'projects') =>
  ({
    list: {
      method: 'GET',
      path: `/${source}/:id/members`,
      params: {
        ...GROUP_ID,
        query: { type: 'string' },
        user_ids: { type: 'array[integer]' },
        skip_users: { type: 'array[integer]' },
        show_seat_info: { type: 'boolean' },
        with_saml_identity: { type: 'boolean', edition: 'ee' },
        ...PAGING,
      },
    },
    add: {
      method: 'POST',
      path: `/${source}/:id/members`,
      params: {
        ...GROUP_ID,
        ...MEMBERSHIP,
        // Also a comma-separated list of ids.
        user_id: { type: 'integer|string' },
        username: { type: 'string', since: USERNAME_SINCE },
        invite_source: { type: 'string' },
      },
      rules: [
        { kind: 'required', params: ['user_id'], until: USERNAME_SINCE },
        { kind: 'mutually_exclusive', params: ['user_id', 'username'], since: USERNAME_SINCE },
        { kind: 'at_least_one_of', params: ['user_id', 'username'], since: USERNAME_SINCE },
      ],
    },
    listAll: {
      method: 'GET',
      path: `/${source}/:id/members/all`,
      params: {
        ...GROUP_ID,
        query: { type: 'string' },
        user_ids: { type: 'array[integer]' },
        show_seat_info: { type: 'boolean' },
        state: { type: 'string', values: ['awaiting', 'active'], edition: 'ee' },
        ...PAGING,
      },
      rateLimit: { limit: 200, periodSeconds: 60, since: '18.6' },
    },
    getFromAll: { method: 'GET', path: `/${source}/:id/members/all/:user_id`, params: USER_ID },
    get: { method: 'GET', path: `/${source}/:id/members/:user_id`, params: USER_ID },
    change: {
      method: 'PUT',
      path: `/${source}/:id/members/:user_id`,
      params: { ...USER_ID, ...MEMBERSHIP },
    },
    remove: {
      method: 'DELETE',
      path: `/${source}/:id/members/:user_id`,
      params: {
        ...USER_ID,
        skip_subresources: { type: 'boolean' },
        unassign_issuables: { type: 'boolean' },
      },
      rateLimit: { limit: 60, periodSeconds: 60, since: '16.0' },
    },
  }) as const satisfies Record<string, Endpoint>;

export const MEMBERS = membersOf('groups');
export const PROJECT_MEMBERS = membersOf('projects');
