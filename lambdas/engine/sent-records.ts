import { createHash } from 'node:crypto';
import { wasNeverSent } from '../gitlab/client-errors.ts';
import { NetworkError, TemporaryError } from '../gitlab/errors.ts';
import type { Tracker } from '../store/trackers.ts';
import { LateEffectError, SLOWEST_REQUEST_MS } from './late-effects.ts';
import type { SentRecords } from './relation.ts';
import { isReplicaLag } from './replica-lag.ts';

/**
 * What a pipeline has sent, for records that GitLab takes twice. Were a request without a response sent again as soon as
 * its record is not to be found, and both took effect in the end, there would be twins. So what is sent is written down
 * before, with one write per block of records, and not sent again before the first request can have no effect any more
 * (`areInDoubt`). What was noted and not sent, since the run has died between, counts as sent.
 */
export class SentRecordsOfTracker implements SentRecords {
  readonly #tracker: Tracker;
  readonly #save: () => Promise<void>;

  /** @param save writes the tracker; throws when another run has taken over */
  constructor(tracker: Tracker, save: () => Promise<void>) {
    this.#tracker = tracker;
    this.#save = save;
  }

  async send<T>(key: string, request: () => Promise<T>, isKnown = true): Promise<T> {
    const [response] = await this.sendTogether(
      [key],
      async () => [await request()],
      () => isKnown,
    );
    return response as T;
  }

  async sendTogether<T>(
    keys: readonly string[],
    request: () => Promise<T[]>,
    isKnown: (result: T) => boolean,
  ): Promise<T[]> {
    // Of a block that was noted together the last one is sent later.
    this.#noteNow(keys);
    try {
      const results = await request();
      for (const [index, result] of results.entries()) if (isKnown(result)) this.settle(keys[index] ?? '');
      return results;
    } catch (error) {
      if (isAnswer(error)) for (const key of keys) this.settle(key);
      throw error;
    }
  }

  async note(keys: readonly string[]): Promise<void> {
    if (keys.length === 0) return;
    this.#noteNow(keys);
    await this.#save();
  }

  #noteNow(keys: readonly string[]): void {
    const now = new Date().toISOString();
    const noted = Object.fromEntries(keys.map(key => [digestOf(key), now]));
    this.#tracker.unanswered = { ...this.#tracker.unanswered, ...noted };
  }

  settle(key: string): void {
    const { [digestOf(key)]: _, ...others } = this.#tracker.unanswered ?? {};
    this.#tracker.unanswered = others;
  }

  areInDoubt(keys: Iterable<string>): boolean {
    const { unanswered = {} } = this.#tracker;
    const moments = [...keys]
      .flatMap(key => unanswered[digestOf(key)] ?? [])
      .map(moment => Date.parse(moment));
    const left = Math.max(...moments) + SLOWEST_REQUEST_MS - Date.now();
    if (left > 0) throw new LateEffectError(left / 1000);
    return moments.length > 0;
  }
}

/** Records that are to be created, in their order. */
export interface Sendable {
  /** So many of the first ones can be sent. */
  sendable: number;
  /** What the one behind them meets: it may still be made by a request that was sent before. */
  mustWait?: { error: unknown };
}

/** How many records can be sent before one that must wait, so that those behind it keep their order. */
export function sendableOf(keys: readonly string[], sent: SentRecords | undefined): Sendable {
  for (const [sendable, key] of keys.entries()) {
    try {
      sent?.areInDoubt([key]);
    } catch (error) {
      return { sendable, mustWait: { error } };
    }
  }
  return { sendable: keys.length };
}

/**
 * Whether a request has no effect, or none any more: the GitLab has said no, or was not reached. What else an outage
 * shows says nothing.
 */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof TemporaryError) || error.waitsFor !== 'outage') return error instanceof NetworkError;
  return isReplicaLag(error) || wasNeverSent(error);
}

const digestOf = (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 16);
