import middy from '@middy/core';
import { errorResponses } from './error-responses.ts';
import { type ApiEvent, respond } from './http.ts';
import { openApiDocument } from './openapi.ts';
import { ROUTES } from './routes.ts';

const document = openApiDocument(ROUTES);

/** `GET /bulk_imports/openapi.json`: what this API is. It is the same for everybody, so no token is asked for. */
export const handler = middy(async (_: ApiEvent) => respond(200, document)).use(errorResponses());
