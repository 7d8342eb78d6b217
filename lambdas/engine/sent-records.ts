import { createHash } from 'node:crypto';
import { NetworkError, TemporaryError } from '../gitlab/errors.ts';
import type { Tracker } from '../store/trackers.ts';
import { lateEffect, SLOWEST_REQUEST_MS } from './late-effects.ts';
import type { SentRecords } from './relation.ts';
import { isReplicaLag } from './replica-lag.ts';

/**
 * What a pipeline has sent, for records that GitLab takes twice. A request without a response is sent again when its
 * record is not to be found, and if both take effect in the end there are twins. So what is sent is written down before:
 * one write per block of records. What was noted and not sent, since the run has died between, counts as sent.
 *
 * What can be removed is sent again at once, and looked at once more when no request can take effect any more
 * (`doubtfulUntil`). What cannot, since it has grown meanwhile, is not sent again any earlier (`areInDoubt`).
 */
export class SentRecordsOfTracker implements SentRecords {
  readonly #tracker: Tracker;
  readonly #save: () => Promise<void>;

  /** @param save writes the tracker; throws when another run has taken over */
  constructor(tracker: Tracker, save: () => Promise<void>) {
    this.#tracker = tracker;
    this.#save = save;
  }

  async send<T>(key: string, request: () => Promise<T>): Promise<T> {
    const [response] = await this.sendTogether(
      [key],
      async () => [await request()],
      () => true,
    );
    return response as T;
  }

  async sendTogether<T>(
    keys: readonly string[],
    request: () => Promise<T[]>,
    isKnown: (result: T) => boolean,
  ): Promise<T[]> {
    try {
      const results = await request();
      for (const [index, result] of results.entries()) if (isKnown(result)) this.settle(keys[index] ?? '');
      return results;
    } catch (error) {
      if (isAnswer(error)) for (const key of keys) this.settle(key);
      throw error;
    }
  }

  async note(keys: Iterable<string>): Promise<void> {
    const tracker = this.#tracker;
    const now = new Date().toISOString();
    for (const digest of new Set([...keys].map(digestOf))) {
      const before = tracker.unanswered?.[digest];
      if (before !== undefined) tracker.repeated = { ...tracker.repeated, [digest]: before };
      tracker.unanswered = { ...tracker.unanswered, [digest]: now };
    }
    await this.#save();
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
    if (left > 0) throw lateEffect(left / 1000);
    return moments.length > 0;
  }

  /** Until when (epoch ms) a request may still take effect that was sent again; `undefined` when none was. */
  get doubtfulUntil(): number | undefined {
    const moments = Object.values(this.#tracker.repeated ?? {}).map(moment => Date.parse(moment));
    return moments.length === 0 ? undefined : Math.max(...moments) + SLOWEST_REQUEST_MS;
  }

  isRepeated(key: string): boolean {
    return Object.hasOwn(this.#tracker.repeated ?? {}, digestOf(key));
  }

  /** Nothing is in doubt any more. */
  clear(): void {
    this.#tracker.repeated = {};
  }
}

/** Node's codes of a connection that was never made. */
const NEVER_SENT = /^(ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)$/;

/**
 * Whether a request has no effect, or none any more: the GitLab has said no, or was not reached. What else an outage
 * shows says nothing.
 */
function isAnswer(error: unknown): boolean {
  if (!(error instanceof TemporaryError) || error.waitsFor !== 'outage') return error instanceof NetworkError;
  return isReplicaLag(error) || NEVER_SENT.test(error.reason);
}

const digestOf = (key: string) => createHash('sha256').update(key).digest('hex').slice(0, 16);
