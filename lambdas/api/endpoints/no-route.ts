import middy from '@middy/core';
import { methodNotAllowed, noRoute } from '../answers/http-errors.ts';
import type { ApiEvent } from '../request/api-event.ts';
import { matchRoutes } from '../routes.ts';
import { errorResponses } from './error-responses.ts';

/** Everything that no route answers: 405 with `Allow` when the path exists, 204 to OPTIONS, else 404. */
export const handler = middy(async (event: ApiEvent) => {
  const methods = matchRoutes(event.rawPath).map(({ route }) => route.method);
  if (methods.length === 0) throw noRoute();
  const allow = ['OPTIONS', ...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].join(', ');
  if (event.requestContext.http.method !== 'OPTIONS') throw methodNotAllowed(allow);
  return { statusCode: 204, headers: { allow } };
}).use(errorResponses());
