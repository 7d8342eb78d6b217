import { setTimeout as sleep } from 'node:timers/promises';

/** A limit for as long as nothing comes. */
export interface Watch {
  /** Fires when it is over, with a `TimeoutError` as its reason. */
  readonly signal: AbortSignal;
  /** Begins the limit anew. */
  refresh(): void;
  /** Lets the limit stand still, until it is begun anew. */
  stop(): void;
}

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
  /** A limit of this many milliseconds, which has begun. Whoever takes it stops it in the end. */
  watch(milliseconds: number): Watch {
    const controller = new AbortController();
    const fire = () => controller.abort(new DOMException('Nothing came in time.', 'TimeoutError'));
    let timer = setTimeout(fire, milliseconds);
    const stop = () => clearTimeout(timer);
    const refresh = () => {
      stop();
      timer = setTimeout(fire, milliseconds);
    };
    return { signal: controller.signal, refresh, stop };
  },
};
