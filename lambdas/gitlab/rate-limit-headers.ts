/** Longest wait that a GitLab can ask for; a longer one would outlive a night's migration window. */
export const LONGEST_WAIT_SECONDS = 6 * 3600;

/** Names in lower case. */
type Headers = Record<string, string>;

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
