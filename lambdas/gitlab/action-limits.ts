import type { Instance } from '../domain/errors.ts';
import type { RateLimitStore } from '../domain/rate-limit-store.ts';
import type { Secret } from '../domain/secret.ts';
import { environment } from '../platform/environment.ts';
import { time } from '../platform/time.ts';
import type { Action } from './calls.ts';
import { allowanceOf, SHARE, waitOf } from './rate-limit-headers.ts';
import { queueOf, RateLimitedError } from './rate-limiter.ts';

export interface ActionLimitsOptions {
  store: RateLimitStore;
  instance: Instance;
  baseUrl: string;
  token: Secret;
  /** Moment (epoch milliseconds) after which a slot is of no use to the run. */
  deadline: number;
  /** How long before the deadline the last slot is used, ms; half a minute unless given, for a run must save. */
  leastTimeMs?: number;
}

const MINUTE_MS = 60_000;
/**
 * How late a slot may be used without those after it moving. At 97 percent a minute of slots lasts 61.9 seconds: when
 * requests arrive up to 1.8 seconds late, no minute has more of them than GitLab allows. What is left of that is for
 * their way.
 */
const LATE_MS = 1_000;
/** A slot that is further away is for the workflow to wait for. */
const LONGEST_WAIT_MS = 3_000;
/** No slot is used so close to the end of a run. */
const LEAST_TIME_MS = 30_000;
/** What GitLab names as `Retry-After` of these limits, for when it does not. */
const DEFAULT_WAIT_SECONDS = 60;
/** Others use the token as well, or the limit is lower than we think: for so long we keep to half of it. */
const HALVED_MS = 60 * MINUTE_MS;

/** Requests per minute; 0 for no limit. */
function perMinute(action: Action): number {
  if (action === 'project_export') return environment.projectRate('projectExportsPerMinute');
  if (action === 'project_import') return environment.projectRate('projectImportsPerMinute');
  return environment.projectRate('projectDownloadsPerMinute');
}

/** Milliseconds from one slot to the next. */
const intervalOf = (limit: number) => Math.ceil(MINUTE_MS / (SHARE * limit));

/**
 * The limits that a GitLab has for single actions of a user, of which it tells only by refusing (429, `Retry-After: 60`
 * and no `RateLimit-*`): evenly spaced slots, one for each request, shared by all imports of the token.
 */
export class ActionLimits {
  readonly #options: ActionLimitsOptions;
  readonly #digest: string;

  constructor(options: ActionLimitsOptions) {
    this.#options = options;
    this.#digest = queueOf(options.baseUrl, options.token);
  }

  /**
   * Waits for the slot of one request.
   *
   * @throws RateLimitedError when the slot is too far away
   */
  async acquire(action: Action): Promise<void> {
    const most = perMinute(action);
    if (most === 0) return;
    const { store, instance, deadline, leastTimeMs = LEAST_TIME_MS } = this.#options;
    const queue = this.#queueOf(action);
    const found = await store.find(queue);
    const now = Date.now();
    const isHalved = found !== undefined && found.limit < most && now - found.observedAt < HALVED_MS;
    const limit = isHalved ? most / 2 : most;
    // What is told of a limit goes along with each slot, so that the hour begins with the refusal and not anew.
    const observed = { limit, observedAt: isHalved ? found.observedAt : 0 };
    const latest = Math.min(deadline - leastTimeMs, now + LONGEST_WAIT_MS);
    if (latest < now) throw new RateLimitedError(instance, limit, now);
    const interval = intervalOf(limit);
    const got = await store.acquire(queue, {
      now,
      interval,
      burst: LATE_MS,
      anew: now,
      latest,
      count: 1,
      visit: 1,
      observed,
    });
    if ('comeBackAt' in got) throw new RateLimitedError(instance, limit, got.comeBackAt);
    // The line begins at the next slot: who came back before it would lose their place.
    await store.blockUntil(queue, got.from + interval, observed);
    const wait = got.from - Date.now();
    if (wait > 0) await time.pause(wait);
  }

  /**
   * Learns from a refusal: nobody asks again before the GitLab allows it, and for an hour half as often.
   *
   * @throws RateLimitedError for a refusal by the action's own limit
   */
  async observe(action: Action, status: number, headers: Record<string, string>): Promise<void> {
    const most = perMinute(action);
    // The limit of all requests is not the action's.
    if (status !== 429 || most === 0 || allowanceOf(status, headers) !== undefined) return;
    const now = Date.now();
    const limit = most / 2;
    const asked = 1000 * (waitOf(headers, now) ?? DEFAULT_WAIT_SECONDS);
    // The store takes no block that ends before the next slot, nor what is told with it. That slot can be later than
    // the usual 60 seconds: at one a minute they are 61.9 seconds apart.
    const until = now + Math.max(asked, intervalOf(limit) + LONGEST_WAIT_MS);
    await this.#options.store.blockUntil(this.#queueOf(action), until, { limit, observedAt: now });
    throw new RateLimitedError(this.#options.instance, limit, until);
  }

  #queueOf = (action: Action) => `${this.#digest} ${action}`;
}
