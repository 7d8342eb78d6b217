import { createHash } from 'node:crypto';
import type { Instance } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import { time } from '../platform/time.ts';
import { findLimit, putOffTurns, takeTurn } from '../store/turns.ts';
import { TemporaryError } from './errors.ts';
import { resetOf, waitOf } from './rate-limit-headers.ts';

/** What a GitLab allows, as an answer said. Moments are epoch milliseconds. */
interface Allowance {
  /** Requests per minute. */
  limit: number;
  /** When it said so, or until when it is spent, if that is later. */
  heardAt: number;
  /** Requests left until `resetAt`; absent while only another process has seen an answer. */
  remaining?: number;
  resetAt?: number;
  /** Before this moment nothing more is allowed. */
  spentUntil?: number;
}

const MINUTE_MS = 60_000;
/**
 * Part of a limit that is used. The rest is for what nobody counts: checks of new imports, and requests that arrive
 * closer together than they were sent.
 */
const SHARE = 0.97;
/** Turns of the last tenth of a minute that nobody took may be made up for at once: a small import need not queue. */
const CREDIT = 0.1;
/** A limit above this is a way of saying that there is none. */
const HIGHEST_LIMIT = 1_000_000;
/** A limit that nobody has heard of for so long may have been changed or lifted. */
const REMEMBERED_MS = 10 * MINUTE_MS;
/** No turn is given so close to the end of a run: a request needs time, and the run must save. */
const LEAST_TIME_MS = 30_000;
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
    const allowance = await this.#allowance();
    if (allowance === null) return;
    const now = Date.now();
    const latest = Math.min(
      this.#deadline - LEAST_TIME_MS,
      this.#isAdmitted ? Number.POSITIVE_INFINITY : now + LONGEST_ADMISSION_MS,
    );
    if (latest < now) throw new QuotaSpentError(this.#instance, allowance.limit, 0);
    const { limit, heardAt } = allowance;
    const interval = intervalOf(allowance, now);
    const turn = await takeTurn(this.#queue, {
      now,
      interval,
      credit: CREDIT * MINUTE_MS,
      latest,
      limit,
      heardAt,
    });
    if (turn.at === undefined) throw new QuotaSpentError(this.#instance, limit, turn.next - now);
    this.#isAdmitted = true;
    const wait = turn.at - now;
    if (wait <= 0) return;
    await time.pause(wait);
    // The quota may have run out meanwhile: whoever queued before that queues again.
    const { spentUntil = 0 } = allowances.get(this.#queue) ?? {};
    if (spentUntil > Date.now()) await this.take();
  }

  /** What is known of the GitLab's limit, here or in the table; `null` when nobody has heard of one lately. */
  async #allowance(): Promise<Allowance | null> {
    let known = allowances.get(this.#queue);
    if (known === undefined) {
      const found = (await findLimit(this.#queue)) ?? null;
      known = allowances.get(this.#queue) ?? found;
      allowances.set(this.#queue, known);
    }
    return known === null || Date.now() - known.heardAt > REMEMBERED_MS ? null : known;
  }

  /** Learns from an answer what the GitLab allows. When it allows nothing more, nobody sends anything until it does. */
  async learn(status: number, headers: Record<string, string>): Promise<void> {
    const limit = numberOf(headers['ratelimit-limit']);
    // A limit of a single endpoint has no such headers, and holds nothing else up.
    if (limit === undefined || limit < 1 || limit > HIGHEST_LIMIT) return;
    const now = Date.now();
    const remaining = numberOf(headers['ratelimit-remaining']);
    const resetAt = resetOf(headers, now);
    const wait = status === 429 ? waitOf(headers, now) : undefined;
    const untilReset = remaining === 0 ? resetAt : undefined;
    const spentUntil = wait === undefined ? untilReset : now + 1000 * wait;
    // Nobody hears anything while nobody sends.
    const heardAt = spentUntil ?? now;
    allowances.set(this.#queue, {
      limit,
      heardAt,
      ...(remaining !== undefined && { remaining }),
      ...(resetAt !== undefined && { resetAt }),
      ...(spentUntil !== undefined && { spentUntil }),
    });
    if (spentUntil !== undefined) await putOffTurns(this.#queue, spentUntil, { limit, heardAt });
  }
}

/**
 * The next turn is further away than a Lambda should sit out. It passes, like all temporary errors, but it is only a
 * queue: however long it lasts, it never makes anything fail.
 */
export class QuotaSpentError extends TemporaryError {
  constructor(instance: Instance, limit: number, untilNextMs: number) {
    super(`The quota of the ${instance} GitLab (${limit} requests per minute) is spent or spoken for.`, {
      instance,
      method: '',
      reason: 'quota',
      waitsFor: 'limit',
      retryAfter: Math.max(1, Math.ceil(untilNextMs / 1000)),
    });
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

/**
 * One queue per token and GitLab. GitLab counts by user, whom a source token does not tell; two tokens of one user see
 * each other in what remains. The digest tells nothing of the token.
 */
function queueOf(baseUrl: string, token: Secret): string {
  const { origin } = new URL(baseUrl);
  return createHash('sha256').update(`${origin} ${token.expose()}`).digest('hex').slice(0, 32);
}

function numberOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}
