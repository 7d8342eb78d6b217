import { vi } from 'vitest';
import { time, type Watch } from '../../lambdas/platform/time.ts';

/** The time limit of a request. */
interface Limit {
  controller: AbortController;
  until: number;
  /** Whether it is one for as long as nothing comes, as those have whose body is a stream. */
  isWatch: boolean;
  /** Whether nobody waits just now. */
  isStopped: boolean;
  /** Whether nothing comes any more. */
  isSilent: boolean;
}

/**
 * The time of a schedule. It stands still while anything works, and moves on by what is waited for, at once: nothing
 * that happens depends on how long the machine takes.
 */
export class SimulatedClock {
  readonly #limits = new WeakMap<AbortSignal, Limit>();
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
      vi.spyOn(time, 'watch').mockImplementation(ms => (isSent() ? this.#watch(ms) : OVER)),
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
    limit.isSilent = true;
    if (limit.isStopped) return;
    this.passTo(limit.until);
    limit.controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  }

  /** Whether this is the limit of a request with a stream for a body, in the middle of which somebody can die. */
  isOfStream(signal: AbortSignal | undefined): boolean {
    return signal !== undefined && this.#limits.get(signal)?.isWatch === true;
  }

  stop(): void {
    for (const spy of this.#spies) spy.mockRestore();
    vi.useRealTimers();
  }

  #limit(milliseconds: number, isWatch = false): AbortSignal {
    const controller = new AbortController();
    const until = Date.now() + milliseconds;
    this.#limits.set(controller.signal, { controller, until, isWatch, isStopped: false, isSilent: false });
    return controller.signal;
  }

  #watch(milliseconds: number): Watch {
    const signal = this.#limit(milliseconds, true);
    const limit = this.#limits.get(signal) as Limit;
    const refresh = () => {
      Object.assign(limit, { until: Date.now() + milliseconds, isStopped: false });
      if (limit.isSilent) this.expire(signal);
    };
    return { signal, refresh, stop: () => Object.assign(limit, { isStopped: true }) };
  }
}

/** Of a request that is not sent. */
const OVER: Watch = { signal: AbortSignal.abort(), refresh: () => undefined, stop: () => undefined };
