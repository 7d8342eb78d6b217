import type { ApiAnswer } from './answer.ts';

const WINDOW_MS = 60_000;

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
 * Requests per user in the last 60 seconds. The window slides, so that no 60 seconds ever hold more than the limit;
 * a window which starts afresh every minute would let a benchmark send twice as much around the turn of the minute.
 * Refused requests are not counted.
 */
export class RateLimit {
  readonly #perMinute: number;
  readonly #timesByUser = new Map<string, number[]>();

  constructor(perMinute: number) {
    if (!Number.isInteger(perMinute) || perMinute < 1)
      throw new RangeError('the rate limit must be 1 or more');
    this.#perMinute = perMinute;
  }

  take(username: string, now: number = Date.now()): RateLimitDecision {
    const times = this.#timesByUser.get(username) ?? [];
    this.#timesByUser.set(username, times);
    while (times[0] !== undefined && times[0] <= now - WINDOW_MS) times.shift();
    const allowed = times.length < this.#perMinute;
    if (allowed) times.push(now);
    const resetAt = (times[0] ?? now) + WINDOW_MS;
    const headers: Record<string, string> = {
      'RateLimit-Limit': String(this.#perMinute),
      'RateLimit-Name': 'throttle_authenticated_api',
      'RateLimit-Observed': String(allowed ? times.length : times.length + 1),
      'RateLimit-Remaining': String(this.#perMinute - times.length),
      'RateLimit-Reset': String(Math.ceil(resetAt / 1000)),
    };
    if (!allowed) {
      headers['RateLimit-ResetTime'] = new Date(resetAt).toUTCString();
      headers['Retry-After'] = String(Math.max(1, Math.ceil((resetAt - now) / 1000)));
    }
    return { allowed, headers };
  }
}
