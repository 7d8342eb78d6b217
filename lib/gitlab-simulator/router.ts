import { type ApiAnswer, ApiError } from './answer.ts';
import { BADGE_ROUTES } from './api/badge-routes.ts';
import { BOARD_ROUTES } from './api/board-routes.ts';
import { GROUP_ROUTES } from './api/group-routes.ts';
import { INSTANCE_ROUTES } from './api/instance-routes.ts';
import { LABEL_ROUTES } from './api/label-routes.ts';
import { MEMBER_ROUTES } from './api/member-routes.ts';
import { MILESTONE_ROUTES } from './api/milestone-routes.ts';
import { USER_ROUTES } from './api/user-routes.ts';
import { type Credentials, requireCredentials, requireScope } from './authentication.ts';
import { answerGraphql } from './graphql/endpoint.ts';
import type { GitLabInstance } from './instance.ts';
import { matchPath, type Route } from './route.ts';

const GRAPHQL_PATH = '/api/graphql';

const ROUTES: readonly Route[] = [
  ...INSTANCE_ROUTES,
  ...USER_ROUTES,
  ...GROUP_ROUTES,
  ...LABEL_ROUTES,
  ...MILESTONE_ROUTES,
  ...BADGE_ROUTES,
  ...BOARD_ROUTES,
  ...MEMBER_ROUTES,
];

export interface RoutedRequest {
  readonly method: string;
  readonly rawPath: string;
  readonly query: URLSearchParams;
  /** Query and body parameters. */
  readonly params: Record<string, unknown>;
  readonly credentials: Credentials;
}

/** Answers a request of either API. The request takes effect inside this call, at once and as a whole. */
export function answerRequest(instance: GitLabInstance, request: RoutedRequest): ApiAnswer {
  try {
    if (request.rawPath === GRAPHQL_PATH && request.method === 'POST')
      return answerGraphql(instance, request);
    return answerRest(instance, request);
  } catch (error) {
    if (error instanceof ApiError) return error.answer;
    throw error;
  }
}

function answerRest(instance: GitLabInstance, request: RoutedRequest): ApiAnswer {
  const matches = ROUTES.flatMap(route => {
    const pathParams = isOffered(instance, route) && matchPath(route.pattern, request.rawPath);
    return pathParams ? [{ route, pathParams }] : [];
  });
  const match = matches.find(candidate => candidate.route.method === request.method);
  if (!match) throw unknownRoute(matches.map(({ route }) => route.method));
  const { token, user } = requireCredentials(request.credentials);
  requireScope(token, match.route.scope ?? 'api', request.method === 'GET');
  return match.route.handler({
    instance,
    currentUser: user,
    token,
    params: { ...request.params, ...match.pathParams },
    rawPath: request.rawPath,
    query: request.query,
  });
}

function isOffered(instance: GitLabInstance, route: Route): boolean {
  if (route.enterprise && !instance.enterprise) return false;
  return route.since === undefined || instance.versionAtLeast(route.since);
}

function unknownRoute(otherMethods: readonly string[]): ApiError {
  if (otherMethods.length === 0) return new ApiError(404, { error: '404 Not Found' });
  return new ApiError(405, { error: '405 Not Allowed' }, { Allow: [...new Set(otherMethods)].join(', ') });
}
