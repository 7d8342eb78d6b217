import { setTimeout as sleep } from 'node:timers/promises';

/**
 * How time is spent, in one place: a test that is about waiting stands in here, so that none has to wait. The hour of
 * the day is `Date`'s.
 */
export const time = {
  /** Sits out this many milliseconds. */
  async pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds);
  },
  /** A signal that fires after this many milliseconds. */
  limit(milliseconds: number): AbortSignal {
    return AbortSignal.timeout(milliseconds);
  },
};
