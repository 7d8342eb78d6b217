import { Agent, type FormData, request } from 'undici';
import { checkUrl, guardedLookup, type NetworkPolicy } from './url-guard.ts';

/** Longest time for one request, as in GitLab's own client. */
export const REQUEST_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 10_000;
/** Redirects followed for one read, as in GitLab's own client. */
const MAX_REDIRECTS = 2;
/** Sockets per GitLab and process. A Lambda loads at most a few records at a time. */
const SOCKETS_PER_ORIGIN = 64;

export interface HttpRequest {
  url: URL;
  method: 'GET' | 'POST' | 'PUT';
  headers: Record<string, string>;
  body?: string | FormData;
  /** Largest answer in bytes. */
  maxBytes: number;
  /** Milliseconds after which the request is given up; at most `REQUEST_TIMEOUT_MS`. */
  timeoutMs?: number;
}

export interface HttpAnswer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** The answer was larger than the request allowed. */
export class AnswerTooLargeError extends Error {
  override readonly name = 'AnswerTooLargeError';
}

const agents = new Map<NetworkPolicy, Agent>();

function agent(policy: NetworkPolicy): Agent {
  let found = agents.get(policy);
  if (found === undefined) {
    found = new Agent({
      connections: SOCKETS_PER_ORIGIN,
      connect: { timeout: CONNECT_TIMEOUT_MS, lookup: guardedLookup(policy) },
    });
    agents.set(policy, found);
  }
  return found;
}

/**
 * Sends one HTTP request under a network policy and reads the answer. Redirects of reads are followed by hand, at
 * most two, each target checked like the first URL, and without the token when they leave the origin; a redirect of
 * a write is returned as the answer that it is. `redirectPolicy` is for the targets of redirects: a GitLab that an
 * operator has configured may be private, what it redirects to may not.
 *
 * @throws BlockedUrlError, AnswerTooLargeError, and undici's errors when there is no answer
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
    if (!followed || location === undefined || redirects === MAX_REDIRECTS) return answer;
    const target = URL.canParse(location, url.href) ? new URL(location, url) : location;
    const sameOrigin = target instanceof URL && target.origin === wanted.url.origin;
    url = checkUrl(target, sameOrigin ? policy : redirectPolicy);
    if (!sameOrigin) {
      const { authorization: _, ...rest } = headers;
      headers = rest;
    }
  }
}

async function sendOnce(wanted: HttpRequest, policy: NetworkPolicy): Promise<HttpAnswer> {
  const url = checkUrl(wanted.url, policy);
  const timeout = Math.min(wanted.timeoutMs ?? REQUEST_TIMEOUT_MS, REQUEST_TIMEOUT_MS);
  const answer = await request(url, {
    dispatcher: agent(policy),
    method: wanted.method,
    headers: wanted.headers,
    body: wanted.body ?? null,
    signal: AbortSignal.timeout(timeout),
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer.body) {
    size += chunk.length;
    if (size > wanted.maxBytes) {
      answer.body.destroy();
      throw new AnswerTooLargeError(`The answer is larger than ${wanted.maxBytes} bytes.`);
    }
    chunks.push(chunk as Buffer);
  }
  return { status: answer.statusCode, headers: flatten(answer.headers), body: Buffer.concat(chunks) };
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
}
