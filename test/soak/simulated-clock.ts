import { vi } from 'vitest';
import { time } from '../../lambdas/platform/time.ts';

/**
 * The time of a schedule. It stands still while anything works, and moves on by what is waited for, at once: nothing
 * that happens depends on how long the machine takes.
 */
export class SimulatedClock {
  readonly #limits = new WeakMap<AbortSignal, { controller: AbortController; until: number }>();
  readonly #spies: { mockRestore(): void }[];
  /** Milliseconds for which the machine was asleep. */
  #asleep = 0;

  /**
   * @param isSent asked when a request begins, which is when its time limit does; it is ended at once if not
   * @param isDelivered whether no request is on its way: none takes as long as somebody else pauses
   */
  constructor(isSent: () => boolean, isDelivered: () => boolean) {
    vi.useFakeTimers({ toFake: ['Date'] });
    this.#spies = [
      vi.spyOn(time, 'pause').mockImplementation(async ms => {
        const until = Date.now() + ms;
        while (!isDelivered()) await new Promise(setImmediate);
        this.passTo(until);
      }),
      vi.spyOn(time, 'limit').mockImplementation(ms => (isSent() ? this.#limit(ms) : AbortSignal.abort())),
      vi.spyOn(performance, 'now').mockImplementation(() => Date.now() - this.#asleep),
    ];
  }

  /** Lets time pass up to a moment; no effect when it is over. */
  passTo(moment: number): void {
    vi.setSystemTime(Math.max(Date.now(), moment));
  }

  /** Lets the machine sleep, so that the clock that tells for how long something was tried stands still. */
  sleep(milliseconds: number): void {
    this.#asleep += milliseconds;
    this.passTo(Date.now() + milliseconds);
  }

  /** Lets the time limit of this signal pass. */
  expire(signal: AbortSignal): void {
    const limit = this.#limits.get(signal);
    if (limit === undefined || signal.aborted) return;
    this.passTo(limit.until);
    limit.controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }

  stop(): void {
    for (const spy of this.#spies) spy.mockRestore();
    vi.useRealTimers();
  }

  #limit(milliseconds: number): AbortSignal {
    const controller = new AbortController();
    this.#limits.set(controller.signal, { controller, until: Date.now() + milliseconds });
    return controller.signal;
  }
}
