import type { IncomingMessage } from 'node:http';
import { ApiError } from './answer.ts';
import { type Credentials, resolveCredentials } from './authentication.ts';
import type { GitLabInstance } from './instance.ts';
import { bodyParams, formParams, readRequestBody } from './request-body.ts';
import { decodeText } from './route.ts';

export interface SampleRequest {
  method: string;
  /** Decoded pathname, without query. */
  path: string;
  query: URLSearchParams;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** Username, once the token is resolved; undefined without a valid token. */
  user: string | undefined;
  /** Parsed JSON or form; `{ query, variables }` for GraphQL. */
  body: unknown;
  /** Absent as long as, or if, no answer was sent. */
  status?: number;
  /** The `x-request-id` of that answer. */
  requestId?: string;
}

export interface ReceivedRequest {
  readonly record: SampleRequest;
  /** Still encoded, because an encoded slash does not separate segments. */
  readonly rawPath: string;
  /** Query and body parameters, or what is wrong with the body. */
  readonly body: { readonly params: Record<string, unknown> } | { readonly error: ApiError };
  readonly credentials: Credentials;
}

/** The record of a request of which only the head has arrived. */
export function recordOf(request: IncomingMessage): SampleRequest {
  const { rawPath, search } = splitUrl(request);
  return {
    method: request.method ?? '',
    path: decodeText(rawPath),
    query: new URLSearchParams(search),
    headers: Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    ),
    user: undefined,
    body: undefined,
  };
}

/**
 * Reads the rest of the request and completes its record; `newFile` says where large files go. Throws when the client
 * goes away before the end.
 */
export async function receive(
  instance: GitLabInstance,
  request: IncomingMessage,
  record: SampleRequest,
  newFile: () => Promise<string>,
): Promise<ReceivedRequest> {
  const body = await readBody(request, record, newFile);
  const params = 'params' in body ? body.params : {};
  const credentials = resolveCredentials(instance, record.headers, params);
  if (credentials.kind === 'accepted') record.user = credentials.user.username;
  return { record, rawPath: splitUrl(request).rawPath, body, credentials };
}

async function readBody(
  request: IncomingMessage,
  record: SampleRequest,
  newFile: () => Promise<string>,
): Promise<ReceivedRequest['body']> {
  // Not by a loop, which would end the connection when a broken body ends it.
  const pieces: AsyncIterator<Buffer> = request[Symbol.asyncIterator]();
  try {
    record.body = await readRequestBody(pieces, record.headers['content-type'], newFile);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // What is left of the body would be in the way of the next request.
    while (!(await pieces.next()).done);
    return { error };
  }
  return { params: { ...formParams(record.query), ...bodyParams(record.body) } };
}

function splitUrl(request: IncomingMessage): { rawPath: string; search: string } {
  const [rawPath = '', search = ''] = (request.url ?? '').split('?', 2);
  return { rawPath, search };
}
