import * as z from 'zod/mini';
import * as errors from '../answers/error-schemas.ts';
import { bulkImportSchema } from '../answers/import-schema.ts';
import type { ErrorName } from '../routes.ts';

/** An answer as the OpenAPI document describes it. */
export interface ResponseDescription {
  status: number;
  description: string;
  /** The body is one of these; there is none without them. */
  schemas: readonly z.ZodMiniType[];
  /** JSON unless it says otherwise. */
  type?: string;
  /** Besides the request's id, which every answer has. */
  headers?: z.ZodMiniType;
  /** Whether it never comes from the service itself. */
  byGateway?: true;
}

/** The headers of every answer. */
export const COMMON_HEADERS = z.object({
  'x-request-id': z
    .string()
    .check(
      z.describe(
        'Id of the request, by which the log can be searched. What API Gateway answers by itself has none.',
      ),
    ),
});
const RETRY_AFTER = z.object({
  'retry-after': z.optional(
    z.string().check(z.describe('Seconds to wait; absent when it is API Gateway that answers.')),
  ),
});
const ALLOW = z.object({ allow: z.string().check(z.describe('The methods that the path has.')) });

/** What comes from paths and methods that no route has. */
type FallbackName = 'NoRoute' | 'MethodNotAllowed' | 'Methods';

/** Answers by the name that the document, and the route table, give them. */
export const NAMED_RESPONSES: Record<ErrorName | FallbackName, ResponseDescription> = {
  BadRequest: {
    status: 400,
    description: 'Parameters are missing or wrong, or the body cannot be read.',
    schemas: [errors.problemsSchema],
  },
  Unauthorized: {
    status: 401,
    description: 'There is no token, or the destination GitLab does not accept it.',
    schemas: [errors.unauthorizedSchema, errors.invalidTokenSchema],
  },
  InsufficientScope: {
    status: 403,
    description: 'The token lacks the scope, or the destination GitLab refuses its user.',
    schemas: [errors.insufficientScopeSchema, errors.accountRefusedSchema],
  },
  Forbidden: {
    status: 403,
    description:
      "The token lacks the scope, the destination GitLab refuses its user, or the import is somebody else's.",
    schemas: [errors.insufficientScopeSchema, errors.accountRefusedSchema, errors.forbiddenSchema],
  },
  RecordNotFound: {
    status: 404,
    description: "It does not exist, or it is somebody else's.",
    schemas: [errors.recordNotFoundSchema],
  },
  NotFound: { status: 404, description: 'The import does not exist.', schemas: [errors.notFoundSchema] },
  LinkNotFound: {
    status: 404,
    description: 'There is no such link, or it is good no more.',
    schemas: [errors.notFoundSchema],
  },
  NoRoute: { status: 404, description: 'There is no such path.', schemas: [errors.noRouteSchema] },
  MethodNotAllowed: {
    status: 405,
    description: 'The path does not have this method.',
    schemas: [errors.methodNotAllowedSchema],
    headers: ALLOW,
  },
  TooLarge: {
    status: 413,
    description: 'The body has more than 2 MiB. Above 10 MiB API Gateway says so, in words of its own.',
    schemas: [errors.tooLargeSchema],
  },
  UnsupportedMediaType: {
    status: 415,
    description: 'The content type of the body is not one of those described.',
    schemas: [errors.problemsSchema],
  },
  NothingToRetry: {
    status: 200,
    description: 'Nothing of the import has failed that could be tried again. Nothing was written.',
    schemas: [bulkImportSchema],
  },
  Conflict: {
    status: 409,
    description: 'The import has not ended, was canceled, or never began.',
    schemas: [errors.messageSchema],
  },
  Unprocessable: {
    status: 422,
    description:
      'One of the two GitLabs stands against the import, or the `Idempotency-Key` is that of another request. Nothing was written.',
    schemas: [errors.messageSchema],
  },
  BadUserMapping: {
    status: 422,
    description: 'The file is not as it must be, or two users would become one. Nothing was written.',
    schemas: [errors.messageSchema],
  },
  TooManyImports: {
    status: 429,
    description: 'The user has sent 6 such requests (or as many as were set) within this minute.',
    schemas: [errors.tooManyRequestsSchema, errors.gatewaySchemas.throttled],
    headers: RETRY_AFTER,
  },
  Throttled: {
    status: 429,
    description: 'The service as a whole gets more requests than it was set to take.',
    schemas: [errors.gatewaySchemas.throttled],
    byGateway: true,
  },
  InternalError: {
    status: 500,
    description: 'A fault of the service, which is in its log.',
    schemas: [errors.internalErrorSchema, errors.gatewaySchemas.broken],
  },
  Unavailable: {
    status: 503,
    description:
      'The destination GitLab cannot tell whose token this is, the workflow cannot be started, or the service is overloaded.',
    schemas: [errors.messageSchema],
    headers: z.object({
      'retry-after': z.optional(
        z.string().check(z.describe('Seconds to wait; absent when somebody has to repair something first.')),
      ),
    }),
  },
  Methods: { status: 204, description: 'To OPTIONS: the methods of the path.', schemas: [], headers: ALLOW },
};
