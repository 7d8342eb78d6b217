import middy from '@middy/core';
import { respond } from '../answers/respond.ts';
import { openApiDocument } from '../openapi/document.ts';
import type { ApiEvent } from '../request/api-event.ts';
import { ROUTES } from '../routes.ts';
import { errorResponses } from './error-responses.ts';

const document = openApiDocument(ROUTES);

/** `GET /bulk_imports/openapi.json`: what this API is. It is the same for everybody, so no token is asked for. */
export const handler = middy(async (_: ApiEvent) => respond(200, document)).use(errorResponses());
