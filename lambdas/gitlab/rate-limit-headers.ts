/** Longest wait that a GitLab can ask for; a longer one would outlive a night's migration window. */
export const LONGEST_WAIT_SECONDS = 6 * 3600;

/** Names in lower case. */
type Headers = Record<string, string>;

/** What a GitLab allows, as a response said. Moments are epoch milliseconds. */
export interface Allowance {
  /** Requests per minute. */
  limit: number;
  /** When it said so, or until when it is spent, if that is later. */
  observedAt: number;
  /** Requests left until `resetAt`; absent while only another process has seen a response. */
  remaining?: number;
  resetAt?: number;
  /** Before this moment nothing more is allowed. */
  blockedUntil?: number;
}

const MINUTE_MS = 60_000;
/**
 * Part of a limit that is used. The rest is for what nobody counts: checks of new imports, and requests that arrive
 * closer together than they were sent.
 */
export const SHARE = 0.97;
/** Slots of the last tenth of a minute that nobody took may be made up for at once: a small import need not queue. */
export const BURST_MS = 0.1 * MINUTE_MS;
/** A limit above this is a way of saying that there is none. */
const HIGHEST_LIMIT = 1_000_000;
/** A limit that nobody has heard of for so long may have been changed or lifted. */
export const REMEMBERED_MS = 10 * MINUTE_MS;
/** How much further apart than evenly slots can get. */
const MOST_STRETCHED = 5;

/** What a response says of the limit; `undefined` when it says nothing. */
export function allowanceOf(status: number, headers: Headers, now = Date.now()): Allowance | undefined {
  const limit = numberOf(headers['ratelimit-limit']);
  // A limit of a single endpoint has no such headers, and holds nothing else up.
  if (limit === undefined || limit < 1 || limit > HIGHEST_LIMIT) return undefined;
  const remaining = numberOf(headers['ratelimit-remaining']);
  const resetAt = resetOf(headers, now);
  const wait = status === 429 ? waitOf(headers, now) : undefined;
  const untilReset = remaining === 0 ? resetAt : undefined;
  const blockedUntil = wait === undefined ? untilReset : now + 1000 * wait;
  return {
    limit,
    // Nobody hears anything while nobody sends.
    observedAt: blockedUntil ?? now,
    ...(remaining !== undefined && { remaining }),
    ...(resetAt !== undefined && { resetAt }),
    ...(blockedUntil !== undefined && { blockedUntil }),
  };
}

/**
 * Milliseconds from one slot to the next: an even share of the minute, or, when others use the token as well, an even
 * share of what is left of the quota, but not so much that slots beyond the reset are held back with it.
 */
export function intervalOf({ limit, remaining, resetAt }: Allowance, now: number): number {
  const even = MINUTE_MS / (SHARE * limit);
  const left =
    remaining === undefined || resetAt === undefined ? 0 : (resetAt - now) / Math.max(1, remaining);
  const interval = Math.max(even, Math.min(left, MOST_STRETCHED * even));
  return Math.ceil(1000 * interval) / 1000;
}

function numberOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}

/**
 * When the quota is whole again (epoch milliseconds), from `RateLimit-Reset` (epoch seconds). That is a moment of the
 * GitLab's clock, which may be wrong; its `Date` says how wrong.
 */
export function resetOf(headers: Headers, now = Date.now()): number | undefined {
  const reset = headers['ratelimit-reset'];
  if (reset === undefined || !/^\d{1,12}$/.test(reset)) return undefined;
  const theirNow = Date.parse(headers.date ?? '');
  const resetAt = 1000 * Number(reset) + (Number.isNaN(theirNow) ? 0 : now - theirNow);
  return Math.min(resetAt, now + 1000 * LONGEST_WAIT_SECONDS);
}

/** Seconds to wait after a 429, from `Retry-After` or else `RateLimit-Reset`; `undefined` when neither tells. */
export function waitOf(headers: Headers, now = Date.now()): number | undefined {
  const asked = retryAfterOf(headers, now);
  if (asked !== undefined) return asked;
  const resetAt = resetOf(headers, now);
  return resetAt === undefined ? undefined : bounded(Math.ceil(resetAt / 1000 - now / 1000));
}

/**
 * Seconds to wait, from `Retry-After` (seconds or an HTTP date). For trouble other than a spent quota, since GitLab
 * sends `RateLimit-Reset` along with every response, whatever it is about.
 */
export function retryAfterOf(headers: Headers, now = Date.now()): number | undefined {
  const retryAfter = headers['retry-after']?.trim();
  if (retryAfter === undefined) return undefined;
  if (/^\d+$/.test(retryAfter)) return bounded(Number(retryAfter));
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : bounded(Math.ceil((date - now) / 1000));
}

const bounded = (seconds: number) => Math.min(Math.max(seconds, 1), LONGEST_WAIT_SECONDS);
