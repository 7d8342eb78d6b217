import { createHash } from 'node:crypto';
import { type Instance, TemporaryError } from '../shared/errors.ts';
import type { Secret } from '../shared/secret.ts';
import { time } from '../shared/time.ts';
import { findLimit, putOffTurns, takeTurn } from '../store/turns.ts';

/** What a GitLab allows, as its last answer said. */
interface Allowance {
  /** Requests per minute. */
  limit: number;
  /** Requests left until `resetAt`; absent while only another process has seen an answer. */
  remaining?: number;
  /** Epoch milliseconds. */
  resetAt?: number;
  /** Moment (epoch milliseconds) before which nothing more is allowed. */
  spentUntil?: number;
}

const MINUTE_MS = 60_000;
/**
 * Part of a limit that is used. The rest is for what nobody counts: checks of new imports, and requests that arrive
 * closer together than they were sent.
 */
const SHARE = 0.97;
/** Unused turns that may be made up for at once, in turns per turn of a minute: a small import need not queue. */
const CREDIT = 0.1;
/** How much slower than evenly turns can get. */
const MOST_STRETCHED = 5;
/**
 * A run that has not begun does not queue for longer than this: it ends, and the workflow waits, which costs three
 * state transitions ($0.000075), as much as nine seconds of a Lambda that sleeps.
 */
const LONGEST_ADMISSION_MS = 10_000;

/** By queue, for the life of the process; `null` when asked for and not known to anybody. */
const allowances = new Map<string, Allowance | null>();

/**
 * The turns of one run at one GitLab. A GitLab that names its limit in `RateLimit-*` headers is sent a request per
 * turn and no more, by however many runs there are, so that its quota is used evenly and never runs out. One that
 * names none is not held back.
 */
export class Quota {
  readonly #instance: Instance;
  readonly #queue: string;
  readonly #deadline: number;
  #isAdmitted = false;

  /** @param deadline moment (epoch milliseconds) after which a turn is of no use to the run */
  constructor(instance: Instance, baseUrl: string, token: Secret, deadline: number) {
    this.#instance = instance;
    this.#queue = queueOf(baseUrl, token);
    this.#deadline = deadline;
  }

  /**
   * Waits for the run's next turn. Once a run has had a turn it queues as long as it lives, so that what it has read
   * is not read in vain.
   *
   * @throws QuotaSpentError when the turn is too far away
   */
  async take(): Promise<void> {
    if (!allowances.has(this.#queue)) {
      const limit = await findLimit(this.#queue);
      if (!allowances.has(this.#queue)) allowances.set(this.#queue, limit === undefined ? null : { limit });
    }
    const allowance = allowances.get(this.#queue);
    if (allowance === undefined || allowance === null) return;
    const now = Date.now();
    const turn = await takeTurn(this.#queue, {
      now,
      interval: intervalOf(allowance, now),
      credit: CREDIT * MINUTE_MS,
      latest: this.#isAdmitted ? this.#deadline : Math.min(now + LONGEST_ADMISSION_MS, this.#deadline),
      limit: allowance.limit,
    });
    if (turn.at === undefined) throw new QuotaSpentError(this.#instance, allowance.limit, turn.next - now);
    this.#isAdmitted = true;
    const wait = turn.at - now;
    if (wait <= 0) return;
    await time.pause(wait);
    // The quota may have run out meanwhile: whoever queued before that queues again.
    const { spentUntil = 0 } = allowances.get(this.#queue) ?? {};
    if (spentUntil > Date.now()) await this.take();
  }

  /**
   * Learns from an answer what the GitLab allows. When it allows nothing more, nobody sends anything until it does.
   *
   * @param waitSeconds what the answer to a refused request asks to wait
   */
  async learn(
    status: number,
    headers: Record<string, string>,
    waitSeconds: number | undefined,
  ): Promise<void> {
    const limit = numberOf(headers['ratelimit-limit']);
    // A limit of a single endpoint has no such headers, and holds nothing else up.
    if (limit === undefined || limit < 1) return;
    const remaining = numberOf(headers['ratelimit-remaining']);
    const reset = numberOf(headers['ratelimit-reset']);
    const resetAt = reset === undefined ? undefined : 1000 * reset;
    const untilReset = remaining === 0 ? resetAt : undefined;
    const spentUntil =
      status === 429 && waitSeconds !== undefined ? Date.now() + 1000 * waitSeconds : untilReset;
    allowances.set(this.#queue, {
      limit,
      ...(remaining !== undefined && { remaining }),
      ...(resetAt !== undefined && { resetAt }),
      ...(spentUntil !== undefined && { spentUntil }),
    });
    if (spentUntil !== undefined) await putOffTurns(this.#queue, spentUntil, limit);
  }
}

/** The quota is spoken for by other runs for longer than a Lambda should sit out. This is no trouble, only a queue. */
export class QuotaSpentError extends TemporaryError {
  constructor(instance: Instance, limit: number, untilNextMs: number) {
    super(
      `The quota of the ${instance} GitLab (${limit} requests per minute) is in use by other pipelines.`,
      { instance, method: '', reason: 'quota', waitSeconds: Math.max(1, Math.ceil(untilNextMs / 1000)) },
    );
  }
}

/**
 * Milliseconds from one turn to the next: an even share of the minute, or, when others use the token as well, an even
 * share of what is left of the quota, but not so much that turns beyond the reset are held back with it.
 */
function intervalOf({ limit, remaining, resetAt }: Allowance, now: number): number {
  const even = MINUTE_MS / (SHARE * limit);
  const left =
    remaining === undefined || resetAt === undefined ? 0 : (resetAt - now) / Math.max(1, remaining);
  const interval = Math.max(even, Math.min(left, MOST_STRETCHED * even));
  return Math.ceil(1000 * interval) / 1000;
}

/** One queue per token and GitLab: that is what GitLab counts by. The digest tells nothing of the token. */
function queueOf(baseUrl: string, token: Secret): string {
  const { origin } = new URL(baseUrl);
  return createHash('sha256').update(`${origin} ${token.expose()}`).digest('hex').slice(0, 32);
}

function numberOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d+$/.test(header) ? Number(header) : undefined;
}
