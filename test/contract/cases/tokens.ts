import { ROUTES } from '../../../lambdas/api/routes.ts';
import type { Case } from '../case.ts';
import { configuration, ENTITY } from './good-import.ts';

/** Bodies of those routes that need one. */
const BODIES: Readonly<Record<string, unknown>> = {
  'create-import': { configuration, entities: [ENTITY] },
  'create-plan': { configuration, entities: [ENTITY] },
  'retry-import': { configuration },
  'create-user-mapping': { source_hostname: 'old.example.com', users: [{ source_user_id: 7, skip: true }] },
  'verify-import': { configuration },
};

/** A request to every route that wants a token. */
export const PRIVATE_ROUTES = ROUTES.filter(route => !route.isPublic).map(({ method, path, handler }) => ({
  method,
  send: `${method} ${path.replace('/api/v4', '').replaceAll(/{\w+}/g, '1')}`,
  json: BODIES[handler],
}));

const UNAUTHORIZED = { message: '401 Unauthorized' };

const accepted = (it: string, headers: Record<string, string>, query = ''): Case => ({
  it,
  send: `GET /bulk_imports${query}`,
  as: 'none',
  with: headers,
  status: 200,
  lists: ['canceled', 'failed', 'timeout', 'finished', 'started', 'created'],
});

const refused = (it: string, headers: Record<string, string>, as: Case['as'] = 'none'): Case => ({
  it,
  send: 'GET /bulk_imports',
  as,
  with: headers,
  status: 401,
  body: UNAUTHORIZED,
});

const invalid = (as: 'expired' | 'revoked', error_description: string): Case => ({
  it: `that was ${as}, and told why`,
  send: 'GET /bulk_imports',
  as,
  status: 401,
  body: { error: 'invalid_token', error_description },
});

const insufficient = (as: Case['as'], send: string, scope: string): Case => ({
  it: `${send} with ${as}`,
  send,
  as: as ?? 'none',
  status: 403,
  body: {
    error: 'insufficient_scope',
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope,
  },
});

const COOKIE = { cookie: '_gitlab_session=sample' };

/** Where a token may be, what it must be good for, and whose records it opens. */
export const ACCESS: Record<string, Case[]> = {
  'a token is accepted': [
    accepted('in the PRIVATE-TOKEN header', { 'private-token': 'sample-lena-token' }),
    accepted('as a bearer token', { authorization: 'Bearer sample-lena-token' }),
    accepted('as a bearer token of OAuth', { authorization: 'bearer sample-oauth-token' }),
    accepted('in the private_token parameter', {}, '?private_token=sample-lena-token'),
    accepted('in the access_token parameter', {}, '?access_token=sample-oauth-token'),
    accepted('with spaces around it', { 'private-token': '  sample-lena-token ' }),
    ...(['private_token', 'access_token'] as const).map(
      (name): Case => ({
        it: `as ${name} of a form`,
        send: 'POST /bulk_imports/{carlas-canceled}/cancel',
        as: 'none',
        form: { [name]: 'sample-carla-token' },
        status: 200,
      }),
    ),
    {
      it: 'as private_token of a JSON body',
      send: 'POST /bulk_imports/{carlas-canceled}/cancel',
      as: 'none',
      json: { private_token: 'sample-carla-token' },
      status: 200,
    },
  ],
  'a request is unauthorized': [
    refused('that is longer than any token', { 'private-token': 'x'.repeat(5_000) }),
    refused('with an empty token', { 'private-token': '' }),
    refused('with an unknown token', {}, 'unknown'),
    refused('with another kind of authorization', { authorization: 'Basic c2FtcGxlOnRva2Vu' }),
    refused('with a cookie', COOKIE),
    invalid('expired', 'Token is expired. You can either do re-authorization or token refresh.'),
    invalid('revoked', 'Token was revoked. You have to re-authorize from the user.'),
    ...PRIVATE_ROUTES.map(
      ({ send }): Case => ({
        it: `without a token: ${send}`,
        send: `${send}?page=0`,
        as: 'none',
        status: 401,
        body: UNAUTHORIZED,
      }),
    ),
  ],
  'a token lacks the scope for': [
    ...PRIVATE_ROUTES.map(({ method, send }) =>
      insufficient('readUser', send, method === 'GET' ? 'api read_api' : 'api'),
    ),
    insufficient('doraReadApi', 'POST /bulk_imports', 'api'),
    insufficient('doraReadApi', 'POST /bulk_imports/1/cancel', 'api'),
    insufficient('doraReadApi', 'POST /bulk_imports/1/retry', 'api'),
  ],
  'the scope read_api is enough': [
    { it: 'to read', send: 'GET /bulk_imports', as: 'doraReadApi', status: 200 },
  ],
  "somebody else's import": [
    ...[
      '',
      '/entities',
      '/entities/{ottos-entity}',
      '/entities/{ottos-entity}/failures',
      '/entities/{ottos-entity}/audit_events',
    ].flatMap((path): Case[] => [
      ...(['lena', 'admin'] as const).map(as => ({
        it: `does not exist for ${as} at ${path || 'its own path'}`,
        send: `GET /bulk_imports/{ottos}${path}`,
        as,
        status: 404,
        body: { message: '404 Not found' },
      })),
      {
        it: `is seen by its owner at ${path || 'its own path'}`,
        send: `GET /bulk_imports/{ottos}${path}`,
        as: 'otto',
        status: 200,
      },
    ]),
    {
      it: 'is in no list of an administrator',
      send: 'GET /bulk_imports',
      as: 'admin',
      status: 200,
      lists: [],
    },
    {
      it: 'is in the list of its owner',
      send: 'GET /bulk_imports',
      as: 'otto',
      status: 200,
      lists: ['ottos'],
    },
    {
      it: 'has its entities in no list of an administrator',
      send: 'GET /bulk_imports/entities',
      as: 'admin',
      status: 200,
      lists: [],
    },
    {
      it: 'has its entities in the list of its owner',
      send: 'GET /bulk_imports/entities?sort=asc&per_page=1',
      as: 'otto',
      status: 200,
      lists: ['ottos-entity'],
    },
  ],
};
