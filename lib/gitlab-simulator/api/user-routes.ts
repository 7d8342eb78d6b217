import { type ApiAnswer, ApiError, json, notFound, refuse } from '../answer.ts';
import { INSTANCE } from '../declarations/instance.ts';
import { USERS } from '../declarations/users.ts';
import type { GitLabInstance } from '../instance.ts';
import type { SampleUser } from '../model.ts';
import { paginated } from '../pagination.ts';
import { type ApiCall, type CallOf, type Route, route } from '../route.ts';
import { presentUserBasic } from './entities.ts';

/** Shorter searches have to match a name or username in full. */
const MINIMUM_FUZZY_LENGTH = 3;
const OAUTH_LIFETIME_SECONDS = 7200;

export const USER_ROUTES: readonly Route[] = [
  route(USERS.current, getCurrentUser),
  route(USERS.list, getUsers),
  route(USERS.get, getUser),
  route(INSTANCE.ownToken, getOwnPersonalAccessToken),
  route(INSTANCE.oauthToken, getOauthTokenInfo),
];

function getCurrentUser({ instance, currentUser: user }: ApiCall): ApiAnswer {
  return json(200, {
    ...presentUser(instance, user),
    bot: user.bot,
    public_email: user.publicEmail,
    email: user.email,
    confirmed_at: confirmedAt(user),
    projects_limit: 100_000,
    identities: [],
    can_create_group: user.admin || user.canCreateGroup,
    can_create_project: true,
    two_factor_enabled: user.twoFactorEnabled,
    external: false,
    private_profile: false,
    commit_email: user.email,
    ...(user.admin && { is_admin: true }),
  });
}

function getUsers(call: CallOf<typeof USERS.list>): ApiAnswer {
  const { instance, currentUser, params } = call;
  const { search, username, public_email: email, extern_uid: externUid } = params;
  // Nobody here is blocked, external, or known to another provider.
  const nobody = params.blocked || params.external || externUid || params.exclude_active;
  const users = [...instance.users.values()]
    .filter(user => !nobody && (!params.admins || user.admin))
    .filter(({ bot }) => !(bot && (params.humans || params.without_project_bots)))
    .filter(({ bot }) => bot || !params.exclude_humans)
    .filter(user => !username || user.username.toLowerCase() === username.toLowerCase())
    .filter(user => !email || user.publicEmail?.toLowerCase() === email.toLowerCase())
    .filter(user => !search || isFound(user, search.toLowerCase(), currentUser.admin));
  // Only administrators choose the order.
  const ascending = currentUser.admin && params.sort === 'asc';
  if (!ascending) users.reverse();
  return paginated(call, users, user => presentForUser(instance, currentUser, user));
}

function getUser({ instance, currentUser, params }: CallOf<typeof USERS.get>): ApiAnswer {
  const user = instance.users.get(params.id);
  if (!user) throw notFound('User');
  // Every version shows the address here, older ones only here.
  return json(200, { ...presentForUser(instance, currentUser, user), public_email: user.publicEmail });
}

function getOwnPersonalAccessToken({ token, currentUser }: ApiCall): ApiAnswer {
  if (token.kind === 'oauth') {
    throw refuse(400, '400 Bad request - This endpoint requires token type to be a personal access token');
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
    scopes: token.scopes,
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
