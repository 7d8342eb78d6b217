import type http from 'node:http';
import { time } from '../platform/time.ts';
import type { Action, Upload } from './calls.ts';
import { beginRequest } from './outgoing-requests.ts';
import { readBody } from './response-body.ts';
import { checkUrl, type NetworkPolicy } from './url-guard.ts';
import type { RequestWatch } from './write-gate.ts';

/** Longest time for one request, as in GitLab's own client. */
export const REQUEST_TIMEOUT_MS = 60_000;
/** Redirects followed for one read, as in GitLab's own client. */
const MAX_REDIRECTS = 2;

export interface HttpRequest {
  url: URL;
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  headers: Record<string, string>;
  body?: string | Buffer;
  /** A form with a file, in place of a body. */
  upload?: Upload;
  /** The limit of its own that it counts against. */
  action?: Action;
  /** Is told when it goes out and is answered; of a write. */
  watch?: RequestWatch;
  /** Largest response in bytes, decompressed. */
  maxBytes: number;
  /** Milliseconds after which the request is given up; at most `REQUEST_TIMEOUT_MS`. */
  timeoutMs?: number;
}

export interface HttpResponse {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string>;
  body: Buffer;
  /** Whether a redirect has led to another server, which speaks for itself only: it was not sent the token. */
  isForeign: boolean;
}

/**
 * Sends one HTTP request under a network policy and reads the response. Redirects of reads are followed by hand, at
 * most two, each target checked like the first URL, and without the token when they leave the origin; a redirect of
 * a write, and one to a sign-in page, is returned as the response that it is. `redirectPolicy` is for the targets of
 * redirects: a GitLab that an operator has configured may be private, what it redirects to may not.
 *
 * @throws BlockedUrlError, BodyTooLargeError, ProxyError, and Node's errors when there is no response
 */
export async function send(
  wanted: HttpRequest,
  policy: NetworkPolicy,
  redirectPolicy: NetworkPolicy = policy,
): Promise<HttpResponse> {
  return follow(wanted, policy, redirectPolicy, sendOnce);
}

/** What is known of a response before its body is read. */
interface Head {
  status: number;
  headers: Record<string, string>;
  /** Ends a response of which nobody reads the body. */
  discard?: () => void;
}

/** Sends a request, and those to which its redirects lead. */
export async function follow<T extends Head>(
  wanted: HttpRequest,
  policy: NetworkPolicy,
  redirectPolicy: NetworkPolicy,
  once: (wanted: HttpRequest, policy: NetworkPolicy) => Promise<T>,
): Promise<T & { isForeign: boolean }> {
  let { url, headers } = wanted;
  for (let redirects = 0; ; redirects++) {
    const ownOrigin = url.origin === wanted.url.origin;
    const response = await once({ ...wanted, url, headers }, ownOrigin ? policy : redirectPolicy);
    const location = response.headers.location;
    const followed =
      wanted.method === 'GET' && response.status >= 301 && response.status <= 308 && !isSignIn(response);
    if (!followed || location === undefined || redirects === MAX_REDIRECTS) {
      return { ...response, isForeign: !ownOrigin };
    }
    response.discard?.();
    const sameOrigin =
      URL.canParse(location, url.href) && new URL(location, url).origin === wanted.url.origin;
    url = checkUrl(location, sameOrigin ? policy : redirectPolicy, url);
    if (!sameOrigin) {
      const { authorization: _, ...rest } = headers;
      headers = rest;
    }
  }
}

/** Whether a response leads to GitLab's sign-in page, behind which nothing is that a token could read. */
export function isSignIn({ status, headers }: Pick<HttpResponse, 'status' | 'headers'>): boolean {
  return status >= 300 && status < 400 && /\/users\/sign_in\/?([?#]|$)/.test(headers.location ?? '');
}

/**
 * The connection was closed and no response had come; or it was switched to another protocol (101), for which nothing
 * here asks, and which a proxy that has lost its way does now and then.
 */
export class ClosedError extends Error {
  readonly code = 'ECONNRESET';
}

function sendOnce(wanted: HttpRequest, policy: NetworkPolicy): Promise<Omit<HttpResponse, 'isForeign'>> {
  const timeout = Math.min(wanted.timeoutMs ?? REQUEST_TIMEOUT_MS, REQUEST_TIMEOUT_MS);
  const { url, method } = wanted;
  const headers = {
    ...wanted.headers,
    ...(wanted.body !== undefined && { 'content-length': Buffer.byteLength(wanted.body) }),
  };
  const signal = time.limit(timeout);
  let onAbort = (): void => undefined;
  const response = new Promise<Omit<HttpResponse, 'isForeign'>>((resolve, reject) => {
    // A request that has no socket yet, because a proxy is silent, does not tell that it was ended.
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const outgoing = beginRequest({ url, method, headers, signal }, policy);
    let hasResponse = false;
    // Not once: an error that nobody hears of ends the process.
    outgoing.on('error', reject);
    // Without somebody who hears of it, Node closes the connection and says nothing.
    outgoing.once('upgrade', (_, socket) => {
      socket.destroy();
      reject(new ClosedError());
    });
    // Whatever else may end a request without a word.
    outgoing.once('close', () => void (hasResponse || reject(new ClosedError())));
    outgoing.once('response', response => {
      hasResponse = true;
      readBody(response, wanted.maxBytes).then(
        body => resolve({ status: response.statusCode ?? 0, headers: flatten(response.headers), body }),
        error => {
          outgoing.destroy();
          reject(error);
        },
      );
    });
    outgoing.end(wanted.body);
  });
  // The signal lives for its minute, and whoever listens to it with it, and the body of the response with them.
  return response.finally(() => signal.removeEventListener('abort', onAbort));
}

/** Headers with one text each. */
export function flatten(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
