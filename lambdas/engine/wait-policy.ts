import type { WaitsFor } from '../domain/errors.ts';
import { TemporaryError } from '../gitlab/errors.ts';
import { RateLimitedError } from '../gitlab/rate-limiter.ts';
import type { Waited } from '../store/trackers.ts';
import { JobUnderWayError } from './jobs.ts';
import { LateEffectError } from './late-effects.ts';

/**
 * How trouble is waited for. Waits get longer, so that those of a pipeline that waits for days fit into the history of
 * its execution (25,000 events; a wait is nine), and are spread, so that not all who wait for the same come at once.
 */

const HOUR_SECONDS = 3600;
const LONGEST_SECONDS: Record<WaitsFor, number> = { limit: 900, outage: 300, job: 300 };
/** An outage without progress is a failure after so long, and not before it was met so often. */
const LONGEST_OUTAGE_SECONDS = 2 * HOUR_SECONDS;
/** A GitLab that asked for a wait of hours may stumble when it comes back. */
const FEWEST_TRIES = 5;
/** A GitLab that names a time is believed so often in a row, and then asked less and less often. */
const TIMES_BELIEVED = 3;
/** A run has 15 minutes. Who has tried for longer was stopped meanwhile, and has not tried. */
const LONGEST_TRY_SECONDS = 900;
/** What is waited inside of the run: it costs less than the three state transitions of a wait of the workflow. */
const SHORT_SECONDS = 2;
/** How much longer than it is a wait can get by its spread. */
const SPREAD = 0.25;
/**
 * A run whose slots have come gets something done. One that got nothing done so often is refused each time it comes back
 * by a GitLab whose quota others use up, and comes back less and less often.
 */
const TIMES_EXACT = 5;
const SHORTEST_QUEUE_SPREAD_SECONDS = 20;
const LONGEST_QUEUE_SPREAD_SECONDS = 1500;

/** What is counted apart: not having its turn is no trouble, and takes nothing from the patience with trouble. */
type Kind = WaitsFor | 'queue';

/** One wait. */
export interface Wait {
  seconds: number;
  /** Whether it is so short that the run sits it out. */
  isShort: boolean;
}

const NOTHING = { times: 0, seconds: 0 };
const kindOf = (trouble: TemporaryError): Kind =>
  trouble instanceof RateLimitedError ? 'queue' : trouble.waitsFor;

/**
 * Whether a pipeline waits for this to pass. A limit and a queue are always waited for, and a job as long as whoever
 * asks for it does; an outage for two hours in which nothing is got done. Only what was really waited and tried
 * counts: a machine that was asleep has not tried.
 */
export function isWaitedFor(error: unknown, waited: Waited): error is TemporaryError {
  if (!(error instanceof TemporaryError)) return false;
  if (kindOf(error) !== 'outage') return true;
  const { times, seconds } = waited.outage ?? NOTHING;
  return seconds < LONGEST_OUTAGE_SECONDS || times < FEWEST_TRIES;
}

/** The wait that follows this trouble, after what was waited already. */
export function nextWait(trouble: TemporaryError, waited: Waited): Wait {
  const kind = kindOf(trouble);
  const { times } = waited[kind] ?? NOTHING;
  if (kind === 'queue') return { seconds: secondsInQueue(trouble.waitSeconds, times), isShort: false };
  const { retryAfter } = trouble;
  const own = ownSeconds(kind, retryAfter === undefined ? times : times - TIMES_BELIEVED);
  const seconds = Math.max(retryAfter ?? 0, own);
  // The first time that a GitLab names is its own choice of when everybody comes back, and one of ours is ours.
  const isExact = retryAfter !== undefined && (times === 0 || trouble instanceof LateEffectError);
  const spread = isExact ? seconds : seconds * (1 + SPREAD * Math.random());
  const isShort = seconds <= SHORT_SECONDS;
  return { seconds: isShort ? spread : Math.ceil(spread), isShort };
}

/** What was waited after one more wait, with the seconds that were spent on trying before it. */
export function afterWait(waited: Waited, trouble: TemporaryError, wait: Wait, tried: number): Waited {
  const kind = kindOf(trouble);
  const { times, seconds } = waited[kind] ?? NOTHING;
  const spent = wait.seconds + (tried <= LONGEST_TRY_SECONDS ? tried : 0);
  const { outage, ...others } = waited;
  // Outages of an import that takes a day must not add up: in between it was seen to go on.
  const before = trouble instanceof JobUnderWayError ? others : waited;
  return { ...before, [kind]: { times: times + 1, seconds: Math.round(seconds + spent) } };
}

/** What is waited for by whoever is in line for slots of a rate limit; a run that has got some need not wait for it. */
export const IN_LINE = 'its quota is spent or spoken for';

/** What is waited for, in a few words for people. */
export function reasonOf(trouble: TemporaryError): string {
  const { status, reason } = trouble;
  if (trouble instanceof RateLimitedError) return IN_LINE;
  if (status === undefined || status < 400 || reason.startsWith(String(status))) return reason;
  return `${status} ${reason}`.trim();
}

/** Seconds before the next try where the GitLab names none: by what is waited for, after so many waits in a row. */
export function ownSeconds(kind: WaitsFor, times: number): number {
  if (times < 0) return 0;
  return Math.min(OWN_SECONDS[kind](times), LONGEST_SECONDS[kind]);
}

const OWN_SECONDS: Record<WaitsFor, (times: number) => number> = {
  limit: times => 30 * 2 ** times,
  outage: times => 2 ** times,
  // A GitLab's export or import takes from seconds to hours.
  job: times => (times < 3 ? 10 : times < 9 ? 20 : 20 * 1.5 ** (times - 8)),
};

/**
 * Seconds to wait for reserved slots: until they have come, no longer. Where nothing is got done in between, half as
 * long again each time, so that an entity that queues for a day takes a quarter of its history.
 */
function secondsInQueue(untilSlots: number, times: number): number {
  if (times < TIMES_EXACT) return untilSlots;
  const spread = SHORTEST_QUEUE_SPREAD_SECONDS * 1.5 ** (times - TIMES_EXACT);
  return Math.ceil(untilSlots + Math.random() * Math.min(spread, LONGEST_QUEUE_SPREAD_SECONDS));
}
