import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { invocation } from '../shared/invocation.ts';
import { authenticate } from './authenticate.ts';
import { errorResponses } from './error-responses.ts';
import type { ApiEvent } from './http.ts';
import { parseInput } from './parse-input.ts';
import { timeForChecks } from './time-for-checks.ts';

export type ApiHandler = (event: ApiEvent, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * What all routes share, in GitLab's order: errors become GitLab's bodies, the body is parsed (415, 400), the token
 * is checked (401, 403). The handler comes last and validates its own parameters.
 *
 * @param scopes token scopes of which one is enough
 */
export function endpoint(scopes: string[], handler: ApiHandler) {
  return invocation(
    middy(handler).use(errorResponses()).use(timeForChecks()).use(parseInput()).use(authenticate(scopes)),
  );
}

/** Scopes that GitLab accepts for reading. */
export const READ = ['api', 'read_api'];
/** The scope that GitLab accepts for everything else. */
export const WRITE = ['api'];
