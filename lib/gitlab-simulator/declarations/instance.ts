import type { Endpoint } from './declaration.ts';

/** What a client asks about the instance and about its own token. */
export const INSTANCE = {
  version: { method: 'GET', path: '/version', scope: 'read_user', params: {} },
  metadata: { method: 'GET', path: '/metadata', scope: 'read_user', since: '15.2', params: {} },
  ownToken: {
    method: 'GET',
    path: '/personal_access_tokens/self',
    scope: 'any',
    since: '15.5',
    params: {},
    probedBecause: 'what a token may do is asked before anything else, the version included, is known',
  },
  oauthToken: { method: 'GET', path: '//oauth/token/info', scope: 'any', params: {} },
} as const satisfies Record<string, Endpoint>;
