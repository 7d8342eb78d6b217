import { QuotaSpentError } from '../gitlab/quota.ts';
import { TemporaryError } from '../shared/errors.ts';

/** How often in a row a pipeline waits for trouble to pass before it is a failure; as in GitLab's engine. */
const MOST_WAITS = 10;
/** How far apart those who wait for a turn come back, at first and in the end. */
const SHORTEST_SPREAD_SECONDS = 20;
const LONGEST_SPREAD_SECONDS = 1500;

/**
 * Whether a pipeline waits for this to pass. A queue is always waited for.
 *
 * @param waits how often in a row it has waited for trouble already
 */
export function canWaitFor(error: unknown, waits: number): error is TemporaryError {
  return error instanceof QuotaSpentError || (error instanceof TemporaryError && waits < MOST_WAITS);
}

/**
 * Seconds to wait for a turn: half as long again each time, so that the six pipelines of a stage that queue for a whole
 * day take a quarter of their history's 25,000 events (nine per wait), and spread, so that not all come back at once.
 * A pipeline that stands still for 30 minutes raises an alarm.
 */
export function secondsInQueue({ waitSeconds }: QuotaSpentError, queued: number): number {
  const spread = Math.min(SHORTEST_SPREAD_SECONDS * 1.5 ** queued, LONGEST_SPREAD_SECONDS);
  return Math.ceil(waitSeconds + Math.random() * spread);
}
