import type { Instance } from '../domain/errors.ts';
import type { QuotingMessage } from '../domain/failure-message.ts';
import type { Secret } from '../domain/secret.ts';
import { isAboutUser } from './client-errors.ts';
import { NetworkError, TemporaryError, TokenRejectedError } from './errors.ts';
import { retryAfterOf, waitOf } from './rate-limit-headers.ts';
import { isJson, isWebPage, reasonOf } from './reasons.ts';
import { type HttpResponse, isSignIn } from './transport.ts';

/** What was asked of a GitLab. */
export interface Attempted {
  instance: Instance;
  method: string;
  /** In the infinitive: `create the label`. */
  operation: string;
  api?: 'rest' | 'graphql';
}

export const AGAIN = 'Try again when it answers again.';

/** What proxies in between (408, 499), servers (5xx) and content delivery networks (52x, 530) say when they are in trouble. */
const OUTAGES = new Set([408, 499, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530]);

/** What web servers say, with status 400 and as a page, when http was spoken to their https port. */
const HTTP_TO_HTTPS = /HTTP request (was sent )?to (an )?HTTPS (port|server)/i;

/** The error for a response that is not a success. */
export function errorOfResponse(attempted: Attempted, response: HttpResponse, token: Secret): NetworkError {
  const { instance, operation } = attempted;
  const { status } = response;
  const reason = reasonOf(response, token);
  const request = { ...attempted, status, reason };
  const said = saidOf(status, reason);
  // Our own full stop follows.
  const quoted = said.replace(/\.+$/, '');
  if (status === 429 || OUTAGES.has(status)) {
    const retryAfter = status === 429 ? waitOf(response.headers) : retryAfterOf(response.headers);
    return new TemporaryError(
      { before: `The ${instance} GitLab could not ${operation}: `, quoted, after: `. ${AGAIN}` },
      {
        ...request,
        waitsFor: status === 429 ? 'limit' : 'outage',
        ...(retryAfter !== undefined && { retryAfter }),
      },
    );
  }
  const refusal: QuotingMessage = {
    before: `The ${instance} GitLab refused to ${operation}: `,
    quoted,
    after: `.${hint(attempted, response, reason)}`,
  };
  const isRedirect = status >= 300 && status < 400;
  if (isWebPage(response) && !isRedirect && !isPlainHttp(response))
    return webPage(attempted, response, token);
  if (status === 401 && !response.isForeign && isJson(response)) {
    return new TokenRejectedError(
      {
        before: `The ${instance} GitLab does not accept the ${instance} token any more (`,
        quoted: said,
        after: '). Start a new import with a valid token.',
      },
      request,
    );
  }
  return new NetworkError(refusal, request);
}

/**
 * The error for a web page in place of a response: it passes, as a challenge or a maintenance page does. It has no
 * status, since none is GitLab's word: a firewall's 404 does not say that anything is missing.
 */
export function webPage(attempted: Attempted, response: HttpResponse, token: Secret): TemporaryError {
  const { instance, operation, method } = attempted;
  const reason = reasonOf(response, token);
  const graphql = attempted.api === 'graphql' ? ' to /api/graphql' : '';
  return new TemporaryError(
    {
      before: `The ${instance} GitLab could not ${operation}: a web page came in place of its response (`,
      quoted: saidOf(response.status, reason),
      after: `). Check its base URL, and that firewalls and proxies let this service's requests${graphql} pass.`,
    },
    {
      instance,
      method,
      pageStatus: response.status,
      reason: reason || 'a web page',
      waitsFor: 'outage',
    },
  );
}

/** The error for a success whose body cannot be used; `temporary` when another try may bring a good one. */
export function unreadableResponse(attempted: Attempted, why: string, temporary: boolean): NetworkError {
  const message = unreadable(attempted, why);
  const request = { ...attempted, status: 200, reason: why };
  return temporary
    ? new TemporaryError(message, { ...request, waitsFor: 'outage' })
    : new NetworkError(message, request);
}

function unreadable({ instance, operation }: Attempted, why: string): QuotingMessage {
  return {
    before: `The answer of the ${instance} GitLab cannot be read (to ${operation}): `,
    quoted: why,
    after: '. Check that its base URL is that of a GitLab and that its version is supported.',
  };
}

/** The error for a token with characters that no token has and no header can carry. */
export function unsendableToken(instance: Instance, method: string): TokenRejectedError {
  return new TokenRejectedError(
    `The ${instance} token has characters that no token has, such as a line break. Check how it was copied.`,
    { instance, method, status: 401, reason: '401 Unauthorized' },
  );
}

/** `403 needs api`; GitLab's reason often begins with the status itself. */
function saidOf(status: number, reason: string): string {
  return reason.startsWith(String(status)) ? reason : `${status} ${reason}`.trim();
}

function isPlainHttp({ status, body }: HttpResponse): boolean {
  return status === 400 && HTTP_TO_HTTPS.test(body.subarray(0, 2_000).toString('utf8'));
}

/**
 * Whether it is not GitLab's GraphQL API that refused, but a gateway that does not let it be reached. GitLab has it
 * wherever it has REST, so a 404 or 405 is never its own; its 403 has `errors`, names the scope, or repeats the status.
 */
function isGraphqlClosed({ api }: Attempted, { status, body }: HttpResponse, reason: string): boolean {
  if (api !== 'graphql') return false;
  if (status === 404 || status === 405) return true;
  const text = body.subarray(0, 2_000).toString('utf8');
  return status === 403 && !reason.startsWith('403 ') && !/"errors"|insufficient_scope/.test(text);
}

/** What to do about a refusal. */
function hint(attempted: Attempted, response: HttpResponse, reason: string): string {
  const { instance, method } = attempted;
  const { status } = response;
  if (isSignIn(response)) {
    return ` It redirects to its sign-in page, which no token passes. Check its base URL, and whether it is to be read without a browser.`;
  }
  if (status >= 300 && status < 400) return ' Check its base URL: it redirects to another address.';
  if (isPlainHttp(response)) return ' Its port speaks https: begin its base URL with https.';
  if (isGraphqlClosed(attempted, response, reason)) {
    return ` Its GraphQL API cannot be reached: let /api/graphql be open for this service, in gateways and proxies too.`;
  }
  if (status === 401) return ' GitLab itself did not say so: check proxies and gateways before it.';
  if (isAboutUser({ status, reason })) {
    return ` Sign in to it as the ${instance} token's user, settle that, and import again.`;
  }
  if (status === 403) return ` Check the role of the ${instance} token's user in this group or project.`;
  if (status === 404) return ` It does not exist, or the ${instance} token's user cannot see it.`;
  if (method !== 'GET') return ' Correct it at the source and import it again, or add it by hand.';
  return ' Check that its version is supported, and import again.';
}
