import { type ApiAnswer, ApiError } from './answer.ts';
import type { Endpoint } from './declarations/declaration.ts';
import type { SampleUser } from './model.ts';
import { isAtLeast, type Release } from './versions.ts';

/** Of the limit that an administrator can put on all requests of a user. */
const THROTTLE_SECONDS = 60;
/** Only the newest code sends it with an application limit; the version is chosen. */
const RETRY_AFTER_SINCE = '18.0';

export const TOO_MANY_REQUESTS: ApiAnswer = {
  status: 429,
  headers: { 'content-type': 'text/plain' },
  body: 'Retry later\n',
};

export interface RateLimitDecision {
  readonly allowed: boolean;
  readonly headers: Record<string, string>;
}

/**
 * Requests per user in the last seconds. The window slides, so that no stretch of its length ever holds more than the
 * limit; a window which starts afresh every minute would let a benchmark send twice as much around the turn of the
 * minute. Refused requests are not counted.
 */
export class RateLimit {
  readonly #limit: number;
  readonly #windowMs: number;
  readonly #timesByUser = new Map<string, number[]>();

  constructor(limit: number, windowSeconds = THROTTLE_SECONDS) {
    if (!Number.isInteger(limit) || limit < 1) throw new RangeError('the rate limit must be 1 or more');
    this.#limit = limit;
    this.#windowMs = windowSeconds * 1000;
  }

  take(username: string, now: number = Date.now()): RateLimitDecision {
    const times = this.#timesByUser.get(username) ?? [];
    this.#timesByUser.set(username, times);
    while (times[0] !== undefined && times[0] <= now - this.#windowMs) times.shift();
    const allowed = times.length < this.#limit;
    if (allowed) times.push(now);
    const resetAt = (times[0] ?? now) + this.#windowMs;
    const headers: Record<string, string> = {
      'RateLimit-Limit': String(this.#limit),
      'RateLimit-Name': 'throttle_authenticated_api',
      'RateLimit-Observed': String(allowed ? times.length : times.length + 1),
      'RateLimit-Remaining': String(this.#limit - times.length),
      'RateLimit-Reset': String(Math.ceil(resetAt / 1000)),
    };
    if (!allowed) {
      headers['RateLimit-ResetTime'] = new Date(resetAt).toUTCString();
      headers['Retry-After'] = String(Math.max(1, Math.ceil((resetAt - now) / 1000)));
    }
    return { allowed, headers };
  }
}

/** GitLab's application limits: of one endpoint each, without the headers of the throttle above. */
export class EndpointRateLimits {
  readonly #release: Release;
  readonly #limits = new Map<Endpoint, RateLimit>();

  constructor(release: Release) {
    this.#release = release;
  }

  /** Counts a request. Throws a 429 when it is one too many. */
  take(endpoint: Endpoint, user: SampleUser): void {
    const { rateLimit } = endpoint;
    if (rateLimit === undefined) return;
    if (rateLimit.since !== undefined && !isAtLeast(this.#release, rateLimit.since)) return;
    if (rateLimit.administratorsExempt && user.admin) return;
    let limit = this.#limits.get(endpoint);
    if (!limit) {
      limit = new RateLimit(rateLimit.limit, rateLimit.periodSeconds);
      this.#limits.set(endpoint, limit);
    }
    if (limit.take(user.username).allowed) return;
    throw new ApiError(
      429,
      { message: { error: 'This endpoint has been requested too many times. Try again later.' } },
      isAtLeast(this.#release, RETRY_AFTER_SINCE) ? { 'Retry-After': '60' } : {},
    );
  }
}
