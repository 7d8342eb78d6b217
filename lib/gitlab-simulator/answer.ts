/** What goes back over the wire. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string | Buffer;
  /** Sent instead of `body`. */
  readonly file?: FilePart;
}

/** A part of a file on the disk. */
export interface FilePart {
  readonly path: string;
  /** First and last byte, counted from 0. */
  readonly from: number;
  readonly to: number;
  /** After so many bytes the connection is cut. */
  readonly cutAfter?: number | undefined;
}

export function json(status: number, value: unknown, headers: Record<string, string> = {}): ApiAnswer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(value) };
}

export function noContent(): ApiAnswer {
  return { status: 204, headers: {}, body: '' };
}

/** A refusal: thrown anywhere below the router, which sends `answer`. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly answer: ApiAnswer;

  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    super(`${status} ${JSON.stringify(body)}`);
    this.answer = json(status, body, headers);
  }
}

/** GitLab's error of a request that reached its endpoint: `message` is a text or texts by attribute. */
export function refuse(status: number, message: unknown): ApiError {
  return new ApiError(status, { message });
}

/** GitLab's error of the parameter layer. */
export function invalidParams(problems: readonly string[]): ApiError {
  return new ApiError(400, { error: problems.join(', ') });
}

export function unauthorized(): ApiError {
  return refuse(401, '401 Unauthorized');
}

export function forbidden(): ApiError {
  return refuse(403, '403 Forbidden');
}

/** With a resource ('Group') `404 Group Not Found`; without, `404 Not Found`. */
export function notFound(resource?: string): ApiError {
  return refuse(404, resource ? `404 ${resource} Not Found` : '404 Not Found');
}

/** A failed look-up of a nested record has its own spelling in GitLab. */
export function recordNotFound(): ApiError {
  return refuse(404, '404 Not found');
}
