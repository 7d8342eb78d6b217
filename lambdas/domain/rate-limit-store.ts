/** Requests per minute that a GitLab allows, and when it said so (epoch milliseconds). */
export interface ObservedLimit {
  limit: number;
  observedAt: number;
}

/** Slots for requests, one after the other; times in (epoch) milliseconds. */
export interface Block {
  from: number;
  interval: number;
  count: number;
}

/** What a run asks for when it needs slots; times in (epoch) milliseconds. */
export interface SlotRequest {
  now: number;
  /** From one slot to the next. */
  interval: number;
  /** How far behind `now` the first slot may lie: slots that nobody has taken, to be used at once. */
  burst: number;
  /** Where slots begin anew when the last one was taken longer ago than that; `now - burst` unless given. */
  anew?: number;
  /** The latest moment that the run waits for. */
  latest: number;
  count: number;
  /** Slots that a run uses when it comes back, about: so far apart runs come back. */
  visit: number;
  observed: ObservedLimit;
}

/** Where the limits are kept that several processes share. */
export interface RateLimitStore {
  /** Takes the next slots of a queue, or, if they come too late, a place in the line of those who come back. */
  acquire(queue: string, request: SlotRequest): Promise<Block | { comeBackAt: number }>;
  /** Moves the next slot back by so many milliseconds: slots that were taken and are not used. */
  giveBack(queue: string, milliseconds: number, now: number): Promise<void>;
  /** Puts the next slot off until a moment, unless it is later anyway. */
  blockUntil(queue: string, until: number, observed: ObservedLimit): Promise<void>;
  /** The limit that somebody has heard of last; `undefined` when nobody has. */
  find(queue: string): Promise<ObservedLimit | undefined>;
}
