import { type ApiAnswer, ApiError, invalidParams } from './answer.ts';
import { BADGE_ROUTES } from './api/badge-routes.ts';
import { BOARD_ROUTES } from './api/board-routes.ts';
import { EXPORT_ROUTES } from './api/export-routes.ts';
import { GROUP_LEFT_OUT_ROUTES } from './api/group-left-out-routes.ts';
import { GROUP_ROUTES } from './api/group-routes.ts';
import { INSTANCE_ROUTES } from './api/instance-routes.ts';
import { LABEL_ROUTES } from './api/label-routes.ts';
import { MEMBER_ROUTES } from './api/member-routes.ts';
import { MILESTONE_ROUTES } from './api/milestone-routes.ts';
import { NAMESPACE_ROUTES } from './api/namespace-routes.ts';
import { PROJECT_CONTENT_ROUTES } from './api/project-content-routes.ts';
import { PROJECT_EXPORT_ROUTES } from './api/project-export-routes.ts';
import { PROJECT_IMPORT_ROUTES } from './api/project-import-routes.ts';
import { PROJECT_LEFT_OUT_ROUTES } from './api/project-left-out-routes.ts';
import { PROJECT_PLANNING_ROUTES } from './api/project-planning-routes.ts';
import { PROJECT_ROUTES } from './api/project-routes.ts';
import { RELATION_IMPORT_ROUTES } from './api/relation-import-routes.ts';
import { USER_ROUTES } from './api/user-routes.ts';
import { WIKI_ROUTES } from './api/wiki-routes.ts';
import { type Credentials, requireCredentials, requireScope } from './authentication.ts';
import { prepareGraphql } from './graphql/endpoint.ts';
import type { GitLabInstance } from './instance.ts';
import type { Answering, Route } from './route.ts';
import { type Match, routeTableOf } from './route-table.ts';
import { validate, whyIgnored } from './validator.ts';

const GRAPHQL_PATH = '/api/graphql';

export const ROUTES: readonly Route[] = [
  ...INSTANCE_ROUTES,
  ...USER_ROUTES,
  ...NAMESPACE_ROUTES,
  ...GROUP_ROUTES,
  ...GROUP_LEFT_OUT_ROUTES,
  ...EXPORT_ROUTES,
  ...PROJECT_ROUTES,
  ...PROJECT_EXPORT_ROUTES,
  ...PROJECT_IMPORT_ROUTES,
  ...RELATION_IMPORT_ROUTES,
  ...PROJECT_PLANNING_ROUTES,
  ...PROJECT_LEFT_OUT_ROUTES,
  ...PROJECT_CONTENT_ROUTES,
  ...LABEL_ROUTES,
  ...MILESTONE_ROUTES,
  ...BADGE_ROUTES,
  ...BOARD_ROUTES,
  ...MEMBER_ROUTES,
  ...WIKI_ROUTES,
];

export interface RoutedRequest {
  readonly method: string;
  readonly rawPath: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Query and body parameters. */
  readonly params: Record<string, unknown>;
  readonly credentials: Credentials;
  /** Hears of everything that GitLab does not declare. */
  readonly onUndeclared: (problem: string) => void;
}

/**
 * Checks a request of either API in GitLab's order: route, token, scope, parameters and rules. What it returns is the
 * answer and the effect of the request, which comes with the call, at once and as a whole.
 */
export function prepareRequest(instance: GitLabInstance, request: RoutedRequest): () => Answering {
  return withoutErrors(() => {
    const handle =
      request.rawPath === GRAPHQL_PATH && request.method === 'POST'
        ? prepareGraphql(instance, request)
        : prepareRest(instance, request);
    return () => answerOf(handle);
  });
}

function prepareRest(instance: GitLabInstance, request: RoutedRequest): () => Answering {
  const match = routeTableOf(ROUTES, instance.settings).find(request.method, request.rawPath);
  if (match.kind === 'none') throw unknownRoute(match, request);
  const { route, compiled } = match.matched;
  const { endpoint } = route;
  const { token, user } = requireCredentials(request.credentials);
  requireScope(token, endpoint.scope ?? 'api', endpoint.method === 'GET');
  const { values, problems, ignored } = validate(compiled, { ...request.params, ...match.pathParams });
  for (const noticed of [...problems, ...ignored]) request.onUndeclared(noticed);
  if (problems.length > 0) throw invalidParams(problems);
  return () => {
    instance.endpointLimits?.take(endpoint, user);
    return route.handler({
      instance,
      currentUser: user,
      token,
      params: values,
      method: endpoint.method,
      rawPath: request.rawPath,
      query: request.query,
      headers: request.headers,
    });
  };
}

function unknownRoute(match: Match & { kind: 'none' }, { onUndeclared }: RoutedRequest): ApiError {
  const { otherMethods, elsewhere } = match;
  if (elsewhere === undefined) onUndeclared('GitLab has no such endpoint');
  else if (elsewhere.endpoint.probedBecause === undefined) {
    onUndeclared(`there is no such endpoint (${whyIgnored(elsewhere.endpoint)})`);
  }
  if (otherMethods.length === 0) return new ApiError(404, { error: '404 Not Found' });
  return new ApiError(405, { error: '405 Not Allowed' }, { Allow: otherMethods.join(', ') });
}

function withoutErrors(prepare: () => () => Answering): () => Answering {
  try {
    return prepare();
  } catch (error) {
    const answer = refusalOf(error);
    return () => answer;
  }
}

function answerOf(handle: () => Answering): Answering {
  try {
    const answer = handle();
    return answer instanceof Promise ? answer.catch(refusalOf) : answer;
  } catch (error) {
    return refusalOf(error);
  }
}

function refusalOf(error: unknown): ApiAnswer {
  if (error instanceof ApiError) return error.answer;
  throw error;
}
