import { type ApiAnswer, ApiError, json, notFound } from '../answer.ts';
import type { GitLabInstance } from '../instance.ts';
import type { SampleUser } from '../model.ts';
import { paginated } from '../pagination.ts';
import { declared, integer, required, text } from '../params.ts';
import type { ApiCall, Route } from '../route.ts';
import { presentUserBasic } from './entities.ts';

/** Shorter searches have to match a name or username in full. */
const MINIMUM_FUZZY_LENGTH = 3;
const OAUTH_LIFETIME_SECONDS = 7200;

export const USER_ROUTES: readonly Route[] = [
  { method: 'GET', pattern: '/api/v4/user', scope: 'read_user', handler: getCurrentUser },
  { method: 'GET', pattern: '/api/v4/users', scope: 'read_user', handler: getUsers },
  { method: 'GET', pattern: '/api/v4/users/:id', scope: 'read_user', handler: getUser },
  {
    method: 'GET',
    pattern: '/api/v4/personal_access_tokens/self',
    scope: 'any',
    since: '15.5',
    handler: getOwnPersonalAccessToken,
  },
  { method: 'GET', pattern: '/oauth/token/info', scope: 'any', handler: getOauthTokenInfo },
];

function getCurrentUser({ instance, currentUser: user }: ApiCall): ApiAnswer {
  return json(200, {
    ...presentUser(instance, user),
    email: user.email,
    confirmed_at: confirmedAt(user),
    projects_limit: 100_000,
    identities: [],
    can_create_group: user.admin || user.canCreateGroup,
    can_create_project: true,
    two_factor_enabled: false,
    external: false,
    private_profile: false,
    commit_email: user.email,
    ...(user.admin && { is_admin: true }),
  });
}

function getUsers(call: ApiCall): ApiAnswer {
  const { instance, currentUser } = call;
  const { search, username } = declared({ search: text, username: text }, call.params);
  const users = [...instance.users.values()]
    .filter(user => username === undefined || user.username.toLowerCase() === username.toLowerCase())
    .filter(user => !search || isFound(user, search.toLowerCase(), currentUser.admin))
    .reverse();
  return paginated(call, users, user => presentForUser(instance, currentUser, user));
}

function getUser({ instance, currentUser, params }: ApiCall): ApiAnswer {
  const { id } = declared({ id: required(integer) }, params);
  const user = instance.users.get(id);
  if (!user) throw notFound('User');
  return json(200, presentForUser(instance, currentUser, user));
}

function getOwnPersonalAccessToken({ token, currentUser }: ApiCall): ApiAnswer {
  if (token.kind === 'oauth') {
    throw new ApiError(400, {
      message: '400 Bad request - This endpoint requires token type to be a personal access token',
    });
  }
  return json(200, {
    id: token.id,
    name: `Token of ${currentUser.name}`,
    revoked: false,
    created_at: token.createdAt,
    description: null,
    scopes: token.scopes,
    user_id: token.userId,
    last_used_at: new Date().toISOString(),
    active: true,
    expires_at: null,
  });
}

function getOauthTokenInfo({ token }: ApiCall): ApiAnswer {
  if (token.kind === 'personal') {
    throw new ApiError(401, {
      error: 'invalid_token',
      error_description: 'The access token is invalid',
      state: 'unauthorized',
    });
  }
  return json(200, {
    resource_owner_id: token.userId,
    scope: token.scopes,
    expires_in: OAUTH_LIFETIME_SECONDS,
    application: { uid: 'sample-application' },
    created_at: Math.floor(Date.parse(token.createdAt) / 1000),
  });
}

/** E-mail addresses are found only in full: the public one by everybody, the private one by administrators. */
function isFound(user: SampleUser, search: string, admin: boolean): boolean {
  if (user.publicEmail?.toLowerCase() === search) return true;
  if (admin && user.email.toLowerCase() === search) return true;
  const names = [user.name.toLowerCase(), user.username.toLowerCase()];
  return search.length < MINIMUM_FUZZY_LENGTH
    ? names.includes(search)
    : names.some(name => name.includes(search));
}

function presentUser(instance: GitLabInstance, user: SampleUser) {
  return {
    ...presentUserBasic(instance, user),
    created_at: user.createdAt,
    bio: '',
    location: null,
    public_email: user.publicEmail,
  };
}

function presentForUser(instance: GitLabInstance, currentUser: SampleUser, user: SampleUser) {
  return {
    ...presentUser(instance, user),
    ...(currentUser.admin && {
      email: user.email,
      confirmed_at: confirmedAt(user),
      is_admin: user.admin,
      can_create_group: user.admin || user.canCreateGroup,
    }),
  };
}

function confirmedAt(user: SampleUser): string | null {
  return user.confirmed ? user.createdAt : null;
}
