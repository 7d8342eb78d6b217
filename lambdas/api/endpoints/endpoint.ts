import middy from '@middy/core';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { invocation } from '../../platform/invocation.ts';
import type { ApiEvent } from '../request/api-event.ts';
import { type Access, authenticate } from '../request/authenticate.ts';
import { parseBody, parseQuery } from '../request/parse-input.ts';
import { timeForChecks } from '../request/time-for-checks.ts';
import { errorResponses } from './error-responses.ts';

export type ApiHandler = (event: ApiEvent, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/**
 * What all routes share: errors become GitLab's bodies, the token is checked (401, 403), and then the body is parsed
 * (415, 400). The handler comes last and validates its own parameters.
 */
export function endpoint(access: Access, handler: ApiHandler) {
  return invocation(
    middy(handler)
      .use(errorResponses())
      .use(timeForChecks())
      .use(parseQuery())
      .use(authenticate(access))
      .use(parseBody()),
  );
}

/** Reading: the scopes that GitLab accepts for it. */
export const READ: Access = { scopes: ['api', 'read_api'], anew: false };
/** Everything else, which a token that was revoked a moment ago must not do. */
export const WRITE: Access = { scopes: ['api'], anew: true };
