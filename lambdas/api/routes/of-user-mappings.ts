import { BASE, BODY, READ_ONE, type RouteDeclaration } from './declaration.ts';

/** Those of user mappings. */
export const OF_USER_MAPPINGS = [
  {
    method: 'POST',
    path: `${BASE}/user_mappings`,
    handler: 'create-user-mapping',
    grants: ['write'],
    summary: 'Say who the users of a source are here',
    description:
      "Takes GitLab's own CSV for the reassignment of placeholder users, as the part `file` of a form, or `users`. Nothing is migrated by it: an import that names it gives memberships accordingly.",
    input: { body: 'NewUserMapping' },
    output: { status: 201, schema: 'userMapping' },
    errors: [
      ...BODY,
      'Unauthorized',
      'InsufficientScope',
      'BadUserMapping',
      'TooManyImports',
      'InternalError',
      'Unavailable',
    ],
  },
  {
    method: 'GET',
    path: `${BASE}/user_mappings/{mapping_id}`,
    handler: 'get-user-mapping',
    grants: ['read'],
    summary: 'Show a user mapping as CSV',
    description:
      'For 400 days. It can be edited and sent again, as a new one; and it is a file for GitLab, too.',
    input: {},
    output: { status: 200, schema: 'csv' },
    errors: READ_ONE,
  },
] as const satisfies readonly RouteDeclaration[];
