import { createHash } from 'node:crypto';
import type { Instance } from '../domain/errors.ts';
import type { Block, RateLimitStore } from '../domain/rate-limit-store.ts';
import type { Secret } from '../domain/secret.ts';
import { time } from '../platform/time.ts';
import { TemporaryError } from './errors.ts';
import { type Allowance, allowanceOf, BURST_MS, intervalOf, REMEMBERED_MS } from './rate-limit-headers.ts';

export interface RateLimiterOptions {
  store: RateLimitStore;
  instance: Instance;
  baseUrl: string;
  token: Secret;
  /** Moment (epoch milliseconds) after which a slot is of no use to the run. */
  deadline: number;
}

/** A block of a run that goes on lasts about so long: ten slots at 600 per minute, one at 60. */
const BLOCK_MS = 1_000;
const LARGEST_BLOCK = 10;
/** What a run uses that comes back, about: a group of 30 records takes 14 requests. */
const VISIT = 14;
/**
 * A run sits out so much for its next block and no more, which lets two work at a time at 600 per minute. A wait of the
 * workflow costs three state transitions ($0.000075), as much as 11 seconds of a Lambda, but whoever waits there holds
 * no Lambda, of which an account has a thousand. At a small limit it is the slot after that of one other run.
 */
const LONGEST_WAIT_MS = 1_000;
const LONGEST_WAIT_INTERVALS = 1.5;
/** No slot is used so close to the end of a run: a request needs time, and the run must save. */
const LEAST_TIME_MS = 30_000;

/** By queue, for the life of the process; `null` when asked for and not known to anybody. */
const allowances = new Map<string, Allowance | null>();

/** Forgets what is known of all limits; for tests, whose GitLabs come and go. */
export function forgetLimits(): void {
  allowances.clear();
}

/** Slots that a run has, in the order in which they are used. */
interface Held extends Block {
  used: number;
  /** When it got them. Slots before that are a burst; later ones keep their distance, however late they are used. */
  since: number;
  lastUsedAt: number;
}

/**
 * The rate limiter of one run at one GitLab (GCRA: evenly spaced slots, with a burst). A GitLab that names its limit in
 * `RateLimit-*` headers is sent a request per slot and no more, by however many runs there are, so that its quota is
 * used evenly and never runs out. One that names none is not held back.
 *
 * Slots come in blocks, so that not each request is a write. A run whose next block is far away takes its place in a
 * line and is told when to come back, which is when those before it are through: not all come at once, and whoever comes
 * can work. Slots are only ever taken by a run that uses them now, so none is lost by one that does not come back.
 */
export class RateLimiter {
  readonly #options: RateLimiterOptions;
  readonly #queue: string;
  #held: Held | undefined;
  #acquiring: Promise<void> | undefined;
  #limited: RateLimitedError | undefined;

  constructor(options: RateLimiterOptions) {
    this.#options = options;
    this.#queue = queueOf(options.baseUrl, options.token);
  }

  /**
   * Waits for the slot of one request. Any number of requests of the run may wait at the same time.
   *
   * @throws RateLimitedError when the slot is too far away
   */
  async acquire(): Promise<void> {
    for (;;) {
      const allowance = await this.#allowance();
      if (allowance === null) return;
      const at = this.#useSlot(Date.now());
      if (at === undefined) {
        await this.#oneBlock(allowance);
        continue;
      }
      const wait = at - Date.now();
      if (wait > 0) await time.pause(wait);
      // The quota may have run out meanwhile: what was taken before that is void.
      if (this.#blockedUntil() <= Date.now()) return;
      this.#held = undefined;
    }
  }

  /**
   * Makes sure that the run has slots, before it has read anything that it would have to read again.
   *
   * @throws RateLimitedError when they are too far away
   */
  async ready(): Promise<void> {
    const allowance = await this.#allowance();
    if (allowance !== null && this.#isEmpty()) await this.#oneBlock(allowance);
  }

  /** Gives back what the run does not use: one write, and none where there is no limit. */
  async close(): Promise<void> {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined || held.used === held.count || this.#blockedUntil() > held.since) return;
    // The queue's end moves, not its gap: whoever waits already keeps its slots, and the sum stays the same.
    await this.#options.store.giveBack(this.#queue, (held.count - held.used) * held.interval, Date.now());
  }

  /** Learns from a response what the GitLab allows. When it allows nothing more, nobody sends anything until it does. */
  async observe(status: number, headers: Record<string, string>): Promise<void> {
    const allowance = allowanceOf(status, headers);
    if (allowance === undefined) return;
    allowances.set(this.#queue, allowance);
    const { limit, observedAt, blockedUntil } = allowance;
    if (blockedUntil === undefined) return;
    this.#held = undefined;
    await this.#options.store.blockUntil(this.#queue, blockedUntil, { limit, observedAt });
  }

  /** The requests per minute that the GitLab allows, as far as this process knows. */
  get limit(): number | undefined {
    return allowances.get(this.#queue)?.limit;
  }

  #isEmpty = () => this.#held === undefined || this.#held.used === this.#held.count;

  #blockedUntil = () => allowances.get(this.#queue)?.blockedUntil ?? 0;

  /** The moment of the next slot that the run has, which is used by that. */
  #useSlot(now: number): number | undefined {
    const held = this.#held;
    if (held === undefined || held.used === held.count) return undefined;
    const slot = held.from + held.used * held.interval;
    held.used += 1;
    if (slot <= held.since) return now;
    held.lastUsedAt = Math.max(now, slot, held.lastUsedAt + held.interval);
    return held.lastUsedAt;
  }

  /** Gets a block, once for all who need it. */
  #oneBlock(allowance: Allowance): Promise<void> {
    this.#acquiring ??= this.#getBlock(allowance).finally(() => {
      this.#acquiring = undefined;
    });
    return this.#acquiring;
  }

  async #getBlock(allowance: Allowance): Promise<void> {
    const { store, deadline, instance } = this.#options;
    const { limit, observedAt } = allowance;
    // Slots of its own, which all are spoken for, do not count as the queue that a run does not sit out.
    const ownQueue = (this.#held?.lastUsedAt ?? 0) - Date.now();
    if (ownQueue > 0) await time.pause(ownQueue);
    const now = Date.now();
    const interval = intervalOf(allowance, now);
    const longest = Math.max(LONGEST_WAIT_MS, LONGEST_WAIT_INTERVALS * interval);
    const latest = Math.min(deadline - LEAST_TIME_MS, now + longest);
    if (latest < now) throw new RateLimitedError(instance, limit, now);
    // One place in the line is enough for all requests of the run.
    if (this.#limited !== undefined && this.#limited.comeBackAt > latest) throw this.#limited;
    const got = await store.acquire(this.#queue, {
      now,
      interval,
      burst: BURST_MS,
      latest,
      count: Math.min(Math.max(Math.round(BLOCK_MS / interval), 1), LARGEST_BLOCK),
      visit: VISIT,
      observed: { limit, observedAt },
    });
    if ('comeBackAt' in got) {
      this.#limited = new RateLimitedError(instance, limit, got.comeBackAt);
      throw this.#limited;
    }
    this.#held = { ...got, used: 0, since: now, lastUsedAt: 0 };
  }

  /** What is known of the GitLab's limit, here or in the store; `null` when nobody has heard of one lately. */
  async #allowance(): Promise<Allowance | null> {
    let known = allowances.get(this.#queue);
    if (known === undefined) {
      const found = (await this.#options.store.find(this.#queue)) ?? null;
      known = allowances.get(this.#queue) ?? found;
      allowances.set(this.#queue, known);
    }
    return known === null || Date.now() - known.observedAt > REMEMBERED_MS ? null : known;
  }
}

/**
 * The next slot is further away than a Lambda should sit out. It passes, like all temporary errors, but it is only a
 * queue: however long it lasts, it never makes anything fail. To come back earlier than it says is in vain, and later
 * leaves slots unused.
 */
export class RateLimitedError extends TemporaryError {
  /** Epoch milliseconds. */
  readonly comeBackAt: number;

  constructor(instance: Instance, limit: number, comeBackAt: number) {
    super(`The quota of the ${instance} GitLab (${limit} requests per minute) is spent or spoken for.`, {
      instance,
      method: '',
      reason: 'rate limit',
      waitsFor: 'limit',
      retryAfter: Math.max(1, Math.ceil((comeBackAt - Date.now()) / 1000)),
    });
    this.comeBackAt = comeBackAt;
  }
}

/**
 * One queue per token and GitLab. GitLab counts by user, whom a source token does not tell; two tokens of one user see
 * each other in what remains. The digest tells nothing of the token.
 */
export function queueOf(baseUrl: string, token: Secret): string {
  const { origin } = new URL(baseUrl);
  return createHash('sha256').update(`${origin} ${token.expose()}`).digest('hex').slice(0, 32);
}
