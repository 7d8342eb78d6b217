import http from 'node:http';
import https from 'node:https';
import { time } from '../shared/time.ts';
import { checkUrl, guardedLookup, type NetworkPolicy } from './url-guard.ts';

/** Longest time for one request, as in GitLab's own client. */
export const REQUEST_TIMEOUT_MS = 60_000;
/** Redirects followed for one read, as in GitLab's own client. */
const MAX_REDIRECTS = 2;
/** Sockets per GitLab and process. A Lambda loads at most a few records at a time. */
const SOCKETS_PER_ORIGIN = 64;
/** An idle socket is closed before a GitLab's own time-out (5 s with Puma) can close it under a request. */
const IDLE_MS = 4_000;

export interface HttpRequest {
  url: URL;
  method: 'GET' | 'POST' | 'PUT';
  headers: Record<string, string>;
  body?: string | Buffer;
  /** Largest answer in bytes. */
  maxBytes: number;
  /** Milliseconds after which the request is given up; at most `REQUEST_TIMEOUT_MS`. */
  timeoutMs?: number;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
  /** Whether a redirect has led to another server, which speaks for itself only: it was not sent the token. */
  isForeign: boolean;
}

/** The answer was larger than the request allowed. */
export class AnswerTooLargeError extends Error {
  override readonly name = 'AnswerTooLargeError';
}

const agents = new Map<string, http.Agent>();

/** The sockets of a policy are kept apart: one that was opened under the lax policy never serves the strict one. */
function agentFor(protocol: string, policy: NetworkPolicy): http.Agent {
  const name = `${protocol} ${policy}`;
  let found = agents.get(name);
  if (found === undefined) {
    // The agent's time-out closes idle sockets only; requests have a signal of their own.
    const options = { keepAlive: true, maxSockets: SOCKETS_PER_ORIGIN, timeout: IDLE_MS };
    found = protocol === 'https:' ? new https.Agent(options) : new http.Agent(options);
    agents.set(name, found);
  }
  return found;
}

/**
 * Sends one HTTP request under a network policy and reads the answer. Redirects of reads are followed by hand, at
 * most two, each target checked like the first URL, and without the token when they leave the origin; a redirect of
 * a write is returned as the answer that it is. `redirectPolicy` is for the targets of redirects: a GitLab that an
 * operator has configured may be private, what it redirects to may not.
 *
 * @throws BlockedUrlError, AnswerTooLargeError, and Node's errors when there is no answer
 */
export async function send(
  wanted: HttpRequest,
  policy: NetworkPolicy,
  redirectPolicy: NetworkPolicy = policy,
): Promise<HttpAnswer> {
  let { url, headers } = wanted;
  for (let redirects = 0; ; redirects++) {
    const ownOrigin = url.origin === wanted.url.origin;
    const answer = await sendOnce({ ...wanted, url, headers }, ownOrigin ? policy : redirectPolicy);
    const location = answer.headers.location;
    const followed = wanted.method === 'GET' && answer.status >= 301 && answer.status <= 308;
    if (!followed || location === undefined || redirects === MAX_REDIRECTS) {
      return { ...answer, isForeign: !ownOrigin };
    }
    const sameOrigin =
      URL.canParse(location, url.href) && new URL(location, url).origin === wanted.url.origin;
    url = checkUrl(location, sameOrigin ? policy : redirectPolicy, url);
    if (!sameOrigin) {
      const { authorization: _, ...rest } = headers;
      headers = rest;
    }
  }
}

function sendOnce(wanted: HttpRequest, policy: NetworkPolicy): Promise<Omit<HttpAnswer, 'isForeign'>> {
  const url = checkUrl(wanted.url, policy);
  const { request } = url.protocol === 'https:' ? https : http;
  const timeout = Math.min(wanted.timeoutMs ?? REQUEST_TIMEOUT_MS, REQUEST_TIMEOUT_MS);
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method: wanted.method,
      headers: {
        ...wanted.headers,
        ...(wanted.body !== undefined && { 'content-length': Buffer.byteLength(wanted.body) }),
      },
      agent: agentFor(url.protocol, policy),
      lookup: guardedLookup(policy),
      signal: time.limit(timeout),
    });
    outgoing.once('error', reject);
    outgoing.once('response', response => {
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
}

async function readBody(response: http.IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new AnswerTooLargeError(`The answer is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function flatten(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
