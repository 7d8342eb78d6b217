import type * as z from 'zod/mini';
import type {
  accountRefusedSchema,
  forbiddenSchema,
  insufficientScopeSchema,
  internalErrorSchema,
  invalidTokenSchema,
  messageSchema,
  methodNotAllowedSchema,
  noRouteSchema,
  notFoundSchema,
  problemsSchema,
  recordNotFoundSchema,
  tooLargeSchema,
  tooManyRequestsSchema,
  unauthorizedSchema,
} from './error-schemas.ts';

/** The errors that the API answers with. Handlers throw them; the error middleware writes them. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** An error whose body is what its schema says. */
function error<Schema extends z.ZodMiniType>(
  status: number,
  body: z.infer<Schema>,
  headers?: Record<string, string>,
): HttpError {
  return new HttpError(status, body, headers);
}

/** Parameters that are missing or wrong; GitLab joins all problems with a comma. */
export const badRequest = (problems: string[]) =>
  error<typeof problemsSchema>(400, { error: problems.join(', ') });

export const malformedJson = () =>
  error<typeof problemsSchema>(400, {
    error:
      "\nProblem:\n  message body does not match declared format\nResolution:\n  when specifying application/json as content-type, you must pass valid application/json in the request's 'body' ",
  });

export const unsupportedMediaType = (contentType: string) =>
  error<typeof problemsSchema>(415, {
    error: `The provided content-type '${contentType}' is not supported.`,
  });

export const unauthorized = () => error<typeof unauthorizedSchema>(401, { message: '401 Unauthorized' });

/** A token that was good once: GitLab says why it is not any more. */
export const invalidToken = (description: string) =>
  error<typeof invalidTokenSchema>(401, { error: 'invalid_token', error_description: description });

export const insufficientScope = (accepted: string[]) =>
  error<typeof insufficientScopeSchema>(403, {
    error: 'insufficient_scope',
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope: accepted.join(' '),
  });

/** The destination knows the token and refuses its user, in these words. */
export const accountRefused = (words: string) =>
  error<typeof accountRefusedSchema>(403, { message: `403 Forbidden - ${words}` });

export const forbidden = () => error<typeof forbiddenSchema>(403, { message: '403 Forbidden' });

/** A record that does not exist or is somebody else's. */
export const recordNotFound = () => error<typeof recordNotFoundSchema>(404, { message: '404 Not found' });

/** GitLab spells it this way where the endpoint looks the record up itself: on cancel. */
export const notFound = () => error<typeof notFoundSchema>(404, { message: '404 Not Found' });

export const noRoute = () => error<typeof noRouteSchema>(404, { error: '404 Not Found' });

export const methodNotAllowed = (allow: string) =>
  error<typeof methodNotAllowedSchema>(405, { error: '405 Not Allowed' }, { allow });

/** The import is in a state in which this cannot be done. */
export const conflict = (message: string) => error<typeof messageSchema>(409, { message });

/** The request is well formed, but one of the two GitLabs stands against it. */
export const unprocessable = (message: string) => error<typeof messageSchema>(422, { message });

export const tooManyRequests = () =>
  error<typeof tooManyRequestsSchema>(
    429,
    { message: { error: 'This endpoint has been requested too many times. Try again later.' } },
    { 'retry-after': '60' },
  );

/** A fault of ours, of which the caller learns nothing but its request id. */
export const internalError = () =>
  error<typeof internalErrorSchema>(500, { message: '500 Internal Server Error' });

/** @param retryAfterSeconds absent for trouble that does not pass by itself */
export const unavailable = (message: string, retryAfterSeconds?: number) =>
  error<typeof messageSchema>(
    503,
    { message },
    retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
  );

/** Seconds after which a throttled table mostly takes requests again: DynamoDB counts by the second, and adapts. */
const BUSY_SECONDS = 5;

/** AWS throttles the service, or has trouble of its own. A `POST` may have been done in part. */
export const serviceBusy = () =>
  unavailable(
    `The service is overloaded and could not finish this request. Send it again in ${BUSY_SECONDS} seconds, a new import with an Idempotency-Key, so that it is started once.`,
    BUSY_SECONDS,
  );

export const tooLarge = () => error<typeof tooLargeSchema>(413, { message: '413 Request Entity Too Large' });
