import { ApiError, unauthorized } from './answer.ts';
import type { GitLabInstance } from './instance.ts';
import type { SampleToken, SampleUser } from './model.ts';

export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly error: ApiError }
  | { readonly kind: 'accepted'; readonly token: SampleToken; readonly user: SampleUser };

/**
 * Which scopes may call a route: `api` everything; `read_api` whatever only reads; `read_user` the endpoints that say
 * so; and a token may always ask about itself.
 */
export type RouteScope = 'api' | 'read_user' | 'any';

/** Resolves the token of a request out of its headers (lower-case names) and parameters. Throws nothing. */
export function resolveCredentials(
  instance: GitLabInstance,
  headers: Record<string, string>,
  params: Record<string, unknown>,
): Credentials {
  const personal = headers['private-token'] ?? params.private_token;
  const bearer = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1] ?? params.access_token;
  const value = personal ?? bearer;
  if (value === undefined) return { kind: 'none' };
  const token = instance.tokens.get(String(value));
  const user = token && instance.users.get(token.userId);
  // An OAuth token is not accepted where a personal access token belongs; the reverse is allowed.
  if (!token || !user || (personal !== undefined && token.kind === 'oauth')) {
    return { kind: 'refused', error: unauthorized() };
  }
  if (token.state !== 'active') return { kind: 'refused', error: invalidToken(token.state) };
  return { kind: 'accepted', token, user };
}

/** Throws the 401 of missing or refused credentials. */
export function requireCredentials(credentials: Credentials): { token: SampleToken; user: SampleUser } {
  if (credentials.kind === 'accepted') return credentials;
  throw credentials.kind === 'refused' ? credentials.error : unauthorized();
}

/** Throws a 403 unless one of the token's scopes may call the route. */
export function requireScope(token: SampleToken, scope: RouteScope, readOnly: boolean): void {
  if (scope === 'any') return;
  const accepted = [
    'api',
    ...(readOnly ? ['read_api'] : []),
    ...(readOnly && scope === 'read_user' ? ['read_user'] : []),
  ];
  if (token.scopes.some(candidate => accepted.includes(candidate))) return;
  throw new ApiError(403, {
    error: 'insufficient_scope',
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope: accepted.join(' '),
  });
}

function invalidToken(state: 'expired' | 'revoked'): ApiError {
  const description =
    state === 'expired'
      ? 'Token is expired. You can either do re-authorization or token refresh.'
      : 'Token was revoked. You have to re-authorize from the user.';
  return new ApiError(
    401,
    { error: 'invalid_token', error_description: description },
    { 'www-authenticate': `Bearer realm="Protected by OAuth 2.0", error="invalid_token"` },
  );
}
