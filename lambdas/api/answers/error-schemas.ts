import * as z from 'zod/mini';

/**
 * The bodies of the errors, in GitLab's two shapes: `{"error": …}` for what the parameter layer, the router and the
 * token's check find, `{"message": …}` for everything else, and GitLab's two spellings of 404.
 */

export const problemsSchema = z.object({
  error: z.string().check(z.describe('All problems of the request, separated by a comma and a space.')),
});

export const messageSchema = z.object({ message: z.string() });

export const unauthorizedSchema = z.object({ message: z.literal('401 Unauthorized') });

export const invalidTokenSchema = z.object({
  error: z.literal('invalid_token'),
  error_description: z.string(),
});

export const insufficientScopeSchema = z.object({
  error: z.literal('insufficient_scope'),
  error_description: z.literal('The request requires higher privileges than provided by the access token.'),
  scope: z.string().check(z.describe('The scopes of which one is enough, separated by spaces.')),
});

export const accountRefusedSchema = z.object({
  message: z
    .string()
    .check(z.regex(/^403 Forbidden - /))
    .check(
      z.describe("The destination's own sentence, such as that its terms of service are not accepted yet."),
    ),
});

export const forbiddenSchema = z.object({ message: z.literal('403 Forbidden') });

export const recordNotFoundSchema = z.object({ message: z.literal('404 Not found') });

export const notFoundSchema = z.object({ message: z.literal('404 Not Found') });

export const noRouteSchema = z.object({ error: z.literal('404 Not Found') });

export const methodNotAllowedSchema = z.object({ error: z.literal('405 Not Allowed') });

export const tooManyRequestsSchema = z.object({
  message: z.object({
    error: z.literal('This endpoint has been requested too many times. Try again later.'),
  }),
});

export const internalErrorSchema = z.object({ message: z.literal('500 Internal Server Error') });

/** A body above the service's own limit. */
export const tooLargeSchema = z.object({ message: z.literal('413 Request Entity Too Large') });

/** What API Gateway itself answers, in the deployment, before or instead of the service. */
export const gatewaySchemas = {
  throttled: z.object({ message: z.literal('Too Many Requests') }),
  broken: z.object({ message: z.literal('Internal Server Error') }),
};
