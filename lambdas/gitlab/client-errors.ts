import {
  type Instance,
  messageOf,
  NetworkError,
  TemporaryError,
  TokenRejectedError,
} from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import type { HttpAnswer } from './transport.ts';

interface Attempted {
  instance: Instance;
  method: string;
  operation: string;
}

/** Longest wait that a GitLab can ask for; a longer one would outlive a night's migration window. */
export const LONGEST_WAIT_SECONDS = 6 * 3600;
/** Statuses that pass by themselves, as GitLab's engine has them. */
const TEMPORARY = [429, 500, 502, 503, 504];
const LONGEST_REASON = 200;
const AGAIN = 'Try again when it answers again.';

/** The error for an answer that is not a success. */
export function errorOfAnswer(attempted: Attempted, answer: HttpAnswer, token: Secret): NetworkError {
  const { instance, operation } = attempted;
  const reason = reasonOf(answer, token);
  const request = { ...attempted, status: answer.status, reason };
  const said = reason.startsWith(String(answer.status)) ? reason : `${answer.status} ${reason}`.trim();
  if (TEMPORARY.includes(answer.status)) {
    const retryAfter = waitOf(answer.headers);
    return new TemporaryError(`The ${instance} GitLab could not ${operation}: ${said}. ${AGAIN}`, {
      ...request,
      waitsFor: answer.status === 429 ? 'limit' : 'outage',
      ...(retryAfter !== undefined && { retryAfter }),
    });
  }
  if (answer.status === 401 && !answer.isForeign) {
    return new TokenRejectedError(
      `The ${instance} GitLab does not accept the ${instance} token any more (${said}). Start a new import with a valid token.`,
      request,
    );
  }
  return new NetworkError(
    `The ${instance} GitLab refused to ${operation}: ${said}.${hint(attempted, answer.status)}`,
    request,
  );
}

/** The error for a request that got no answer. */
export function connectionError(attempted: Attempted, error: unknown): TemporaryError {
  const { instance, operation } = attempted;
  const timeout = isTimeout(error);
  const code = (error as NodeJS.ErrnoException)?.code ?? messageOf(error);
  return new TemporaryError(
    timeout
      ? `The ${instance} GitLab did not answer in time when asked to ${operation}. ${AGAIN}`
      : `The connection to the ${instance} GitLab failed on the way to ${operation}: ${code}. ${AGAIN}`,
    { ...attempted, reason: timeout ? 'timeout' : String(code), waitsFor: 'outage' },
    { cause: error },
  );
}

/** The error for a success whose body cannot be used; `temporary` when another try may bring a good one. */
export function unreadableAnswer(attempted: Attempted, why: string, temporary: boolean): NetworkError {
  const { instance, operation } = attempted;
  const message = `The answer of the ${instance} GitLab cannot be read (to ${operation}): ${why}. Check that its base URL is that of a GitLab and that its version is supported.`;
  const request = { ...attempted, status: 200, reason: why };
  return temporary
    ? new TemporaryError(message, { ...request, waitsFor: 'outage' })
    : new NetworkError(message, request);
}

/** The error for a token with characters that no token has and no header can carry. */
export function unsendableToken(instance: Instance, method: string): TokenRejectedError {
  return new TokenRejectedError(
    `The ${instance} token has characters that no token has, such as a line break. Check how it was copied.`,
    { instance, method, status: 401, reason: '401 Unauthorized' },
  );
}

/** Whether a GitLab has said that the group itself is not there, and not just what was looked for in it. */
export function isGroupGone(error: NetworkError): boolean {
  return error.status === 404 && /\bGroup Not Found\b/.test(error.reason);
}

/** A request that a signal has ended fails with an `AbortError`, whose cause is the signal's reason. */
function isTimeout(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.message === 'timeout' || /Timeout/.test(error.name) || isTimeout(error.cause);
}

/** What to do about a refusal. */
function hint({ instance, method }: Attempted, status: number): string {
  if (status >= 300 && status < 400) return ' Check its base URL: it redirects to another address.';
  if (status === 403) return ` Check the role of the ${instance} token's user in this group.`;
  if (status === 404) return ` It does not exist, or the ${instance} token's user cannot see it.`;
  if (method !== 'GET') return ' Correct it at the source and import it again, or add it by hand.';
  return '';
}

/**
 * When the quota is whole again (epoch milliseconds), from `RateLimit-Reset` (epoch seconds). That is a moment of the
 * GitLab's clock, which may be wrong; its `Date` says how wrong.
 */
export function resetOf(headers: Record<string, string>, now = Date.now()): number | undefined {
  const reset = headers['ratelimit-reset'];
  if (reset === undefined || !/^\d{1,12}$/.test(reset)) return undefined;
  const theirNow = Date.parse(headers.date ?? '');
  const resetAt = 1000 * Number(reset) + (Number.isNaN(theirNow) ? 0 : now - theirNow);
  return Math.min(resetAt, now + 1000 * LONGEST_WAIT_SECONDS);
}

/** Seconds to wait, from `Retry-After` (seconds or an HTTP date) or `RateLimit-Reset` (epoch seconds). */
export function waitOf(headers: Record<string, string>, now = Date.now()): number | undefined {
  const retryAfter = headers['retry-after'];
  const reset = Number(headers['ratelimit-reset']);
  let seconds: number | undefined;
  if (retryAfter !== undefined && /^\d+$/.test(retryAfter.trim())) seconds = Number(retryAfter);
  else if (retryAfter !== undefined && !Number.isNaN(Date.parse(retryAfter))) {
    seconds = Math.ceil((Date.parse(retryAfter) - now) / 1000);
  } else if (headers['ratelimit-reset'] !== undefined && Number.isFinite(reset)) {
    seconds = Math.ceil((resetOf(headers, now) ?? now) / 1000 - now / 1000);
  }
  return seconds === undefined ? undefined : Math.min(Math.max(seconds, 1), LONGEST_WAIT_SECONDS);
}

/**
 * The text of an error body, without the token, should a proxy repeat the request. GitLab has `{"message": …}` and
 * `{"error": …}`; a message may be a string (now and then with a Ruby hash in it), an object of arrays, or an object
 * with an `error`. GraphQL has `{"errors": [{"message": …}]}`.
 */
export function reasonOf(answer: HttpAnswer, token: Secret): string {
  const text = answer.body.toString('utf8');
  let reason = text;
  try {
    const body = (JSON.parse(text) ?? {}) as Record<string, unknown>;
    const { message, error_description: description, error, errors } = body;
    reason = textOf(message ?? description ?? error ?? messagesOf(errors));
  } catch {
    if (/^\s*</.test(text)) reason = ''; // an HTML error page says nothing to a reader
  }
  return withoutToken(reason, token).replaceAll(/\s+/g, ' ').trim().slice(0, LONGEST_REASON);
}

function withoutToken(text: string, token: Secret): string {
  return token.expose() === '' ? text : text.replaceAll(token.expose(), '[FILTERED]');
}

function messagesOf(errors: unknown): unknown {
  return Array.isArray(errors) ? errors.map(error => error?.message ?? error) : '';
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message;
  if (Array.isArray(message)) return message.map(textOf).join(', ');
  if (message !== null && typeof message === 'object') {
    return Object.entries(message)
      .map(([field, value]) => (field === 'error' ? textOf(value) : `${field} ${textOf(value)}`))
      .join(', ');
  }
  return String(message);
}
