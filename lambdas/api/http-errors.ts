/**
 * The errors that the API answers with, in GitLab's two shapes: `{"error": …}` for what the parameter layer finds,
 * `{"message": …}` for everything else. Handlers throw them; the error middleware writes them.
 */
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

/** Parameters that are missing or wrong; GitLab joins all problems with a comma. */
export const badRequest = (problems: string[]) => new HttpError(400, { error: problems.join(', ') });

export const malformedJson = () =>
  new HttpError(400, {
    error:
      "\nProblem:\n  message body does not match declared format\nResolution:\n  when specifying application/json as content-type, you must pass valid application/json in the request's 'body' ",
  });

export const unsupportedMediaType = (contentType: string) =>
  new HttpError(415, { error: `The provided content-type '${contentType}' is not supported.` });

export const unauthorized = () => new HttpError(401, { message: '401 Unauthorized' });

/** A token that was good once: GitLab says why it is not any more. */
export const invalidToken = (description: string) =>
  new HttpError(401, { error: 'invalid_token', error_description: description });

export const insufficientScope = (accepted: string[]) =>
  new HttpError(403, {
    error: 'insufficient_scope',
    error_description: 'The request requires higher privileges than provided by the access token.',
    scope: accepted.join(' '),
  });

export const forbidden = () => new HttpError(403, { message: '403 Forbidden' });

/** A record that does not exist or is somebody else's. */
export const recordNotFound = () => new HttpError(404, { message: '404 Not found' });

/** GitLab spells it this way where the endpoint looks the record up itself: on cancel. */
export const notFound = () => new HttpError(404, { message: '404 Not Found' });

export const noRoute = () => new HttpError(404, { error: '404 Not Found' });

export const methodNotAllowed = (allow: string) =>
  new HttpError(405, { error: '405 Not Allowed' }, { allow });

/** The request is well formed, but one of the two GitLabs stands against it. */
export const unprocessable = (message: string) => new HttpError(422, { message });

export const tooManyRequests = () =>
  new HttpError(
    429,
    { message: { error: 'This endpoint has been requested too many times. Try again later.' } },
    { 'retry-after': '60' },
  );

export const unavailable = (message: string, retryAfterSeconds: number) =>
  new HttpError(503, { message }, { 'retry-after': String(retryAfterSeconds) });

export const tooLarge = () => new HttpError(413, { message: '413 Request Entity Too Large' });
