/** How often the clock ticks. */
const TICK_MS = 60_000;
/** A tick that comes later than this says nothing of the time before it: the machine slept, or the process was stopped. */
const LATEST_MS = 2 * TICK_MS;

/**
 * Measures the time in which this service could have worked. A clock on the wall also counts the hours in which the
 * machine was asleep, and a monotonic one does so on some systems; so what counts are the ticks that really happened.
 */
export class WorkClock {
  #last = Date.now();
  #worked = 0;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#tick(), TICK_MS).unref();
  }

  /** Milliseconds since the last call, or since the start, in which this service could have worked. */
  take(): number {
    this.#tick();
    const worked = this.#worked;
    this.#worked = 0;
    return worked;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = Date.now();
    const passed = now - this.#last;
    this.#last = now;
    if (passed > 0 && passed <= LATEST_MS) this.#worked += passed;
  }
}
