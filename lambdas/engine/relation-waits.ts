import type { TemporaryError } from '../gitlab/errors.ts';
import { RateLimitedError } from '../gitlab/rate-limiter.ts';
import { measure } from '../platform/invocation.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { time } from '../platform/time.ts';
import type { Tracker } from '../store/trackers.ts';
import { afterWait, nextWait, reasonOf, type Wait } from './wait-policy.ts';

/** So many short waits in a row are sat out; then the workflow waits, however short the next one is. */
const MOST_PAUSES = 3;

/** A page or record could not be dealt with now, and is waited for. */
export class MustWait extends Error {
  override readonly name = 'MustWait';
  readonly trouble: TemporaryError;

  constructor(trouble: TemporaryError) {
    super(trouble.message);
    this.trouble = trouble;
  }
}

/** The relation goes on when the workflow has waited. */
export interface Waiting {
  is: 'waiting';
  seconds: number;
  /** Whether nothing was tried: it is not our turn, or too early. */
  isIdle?: boolean;
}

/** The waits of one relation in one run of its entity, noted in its tracker. */
export class RelationWaits {
  readonly #tracker: Tracker;
  readonly #lastPauseEndsAt: number;
  readonly #save: () => Promise<void>;
  /** Short waits in a row. */
  #pauses = 0;
  /** Since when nothing was got done, by a clock that stands still while the machine sleeps; milliseconds. */
  #trying = performance.now();

  /** @param lastPauseEndsAt when there is too little time left to go on after a wait; epoch milliseconds */
  constructor(tracker: Tracker, lastPauseEndsAt: number, save: () => Promise<void>) {
    this.#tracker = tracker;
    this.#lastPauseEndsAt = lastPauseEndsAt;
    this.#save = save;
  }

  /** Something was got done. */
  gotOn(): void {
    this.#tracker.waiting = null;
    this.#pauses = 0;
    this.#trying = performance.now();
  }

  /** Has the workflow wait for something that was met before anything was tried. */
  hold(trouble: TemporaryError): Waiting {
    const tracker = this.#tracker;
    const wait = nextWait(trouble, tracker.waited);
    tracker.waited = afterWait(tracker.waited, trouble, wait, 0);
    return this.#haveWorkflowWait(trouble, wait);
  }

  /**
   * Waits: here when the wait is short, else by ending the run and having the workflow wait.
   *
   * @returns nothing when it has waited, so that it is looked again
   */
  async wait(trouble: TemporaryError): Promise<Waiting | undefined> {
    const tracker = this.#tracker;
    const wait = nextWait(trouble, tracker.waited);
    const tried = (performance.now() - this.#trying) / 1000;
    tracker.waited = afterWait(tracker.waited, trouble, wait, tried);
    const isTimeLeft = Date.now() + 1000 * wait.seconds < this.#lastPauseEndsAt;
    if (!wait.isShort || this.#pauses >= MOST_PAUSES || !isTimeLeft) {
      return this.#haveWorkflowWait(trouble, wait);
    }
    this.#pauses++;
    // A restart must not ask any earlier than the GitLab has said.
    if (trouble.retryAfter !== undefined) await this.#noteWait(trouble, wait.seconds);
    await time.pause(1000 * wait.seconds);
    this.#trying = performance.now();
    // Refused if the import was canceled meanwhile.
    await this.#save();
    return undefined;
  }

  #haveWorkflowWait(trouble: TemporaryError, wait: Wait): Waiting {
    const tracker = this.#tracker;
    const { instance, waitsFor, reason } = trouble;
    const seconds = Math.ceil(wait.seconds);
    tracker.waiting = this.#waiting(trouble, seconds);
    const waits = Object.values(tracker.waited).reduce((sum, { times }) => sum + times, 0);
    logger.info(LogEvent.PipelineWaits, { instance, waitsFor, reason, seconds, waits });
    measure('WaitTime', seconds, { Instance: instance });
    return { is: 'waiting', seconds, isIdle: trouble instanceof RateLimitedError };
  }

  #waiting(trouble: TemporaryError, seconds: number): Tracker['waiting'] {
    const { instance, waitsFor } = trouble;
    const now = Date.now();
    return {
      waitsFor,
      instance,
      reason: reasonOf(trouble),
      since: this.#tracker.waiting?.since ?? new Date(now).toISOString(),
      until: new Date(now + 1000 * seconds).toISOString(),
    };
  }

  /** Writes a short wait down. */
  async #noteWait(trouble: TemporaryError, seconds: number): Promise<void> {
    this.#tracker.waiting = this.#waiting(trouble, seconds);
    await this.#save();
  }
}
