import type { Block, ObservedLimit, RateLimitStore, SlotRequest } from '../domain/rate-limit-store.ts';
import type { Condition } from './conditions.ts';
import type { Item } from './item.ts';
import { keys, TTL_ATTRIBUTE } from './keys.ts';
import { getItem } from './table.ts';
import { updateItem } from './table-updates.ts';

/** Requests are minutes apart at most; an hour later nobody remembers whose turn it was. */
const LIFETIME_SECONDS = 3600;

const expiry = (moment: number) => Math.ceil(moment / 1000) + LIFETIME_SECONDS;

/** A condition on the moments of the next free slot and of the end of the line. */
const condition = (expression: string, values: Record<string, number>): Condition => ({
  expression,
  names: expression.includes('#line') ? { '#line': 'line' } : { '#next': 'next' },
  values: Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
});

/**
 * The rate limits of GitLabs in the table. A limit is one number, the moment of its next free slot, which each block of
 * slots moves on by one conditional write, so that any number of processes share it. Whoever finds it too far away
 * takes the next place in a line: a second number, the moment when the one after it comes back.
 */
export const rateLimits: RateLimitStore = {
  async acquire(queue: string, request: SlotRequest): Promise<Block | { comeBackAt: number }> {
    const { now, interval, burst, latest, count, visit, observed } = request;
    const earliest = now - burst;
    const { anew = earliest } = request;
    const key = keys.rateLimit(queue);
    const set = { ...observed, [TTL_ATTRIBUTE]: expiry(Math.max(latest, observed.observedAt)) };
    const isLate = condition('#next > :latest', { latest });
    for (;;) {
      const taken = await updateItem(key, {
        add: { next: count * interval },
        set,
        when: [condition('#next BETWEEN :earliest AND :latest', { earliest, latest })],
      });
      if (taken.applied) return { from: (taken.item.next as number) - count * interval, interval, count };
      const queued = await updateItem(key, {
        add: { line: visit * interval },
        when: [isLate, condition('#line >= :now', { now })],
      });
      if (queued.applied) return comeBack(queued.item, visit * interval);
      const first = await updateItem(key, {
        set: { line: now + visit * interval },
        when: [isLate, condition('attribute_not_exists(#line) OR #line < :now', { now })],
      });
      if (first.applied) return comeBack(first.item, visit * interval);
      const restarted = await updateItem(key, {
        set: { ...set, next: anew + count * interval },
        when: [condition('attribute_not_exists(#next) OR #next < :earliest', { earliest })],
        create: true,
      });
      if (restarted.applied) return { from: anew, interval, count };
    }
  },

  async giveBack(queue: string, milliseconds: number, now: number): Promise<void> {
    await updateItem(keys.rateLimit(queue), {
      add: { next: -milliseconds },
      when: [condition('#next > :now', { now })],
    });
  },

  async blockUntil(queue: string, until: number, observed: ObservedLimit): Promise<void> {
    const key = keys.rateLimit(queue);
    await updateItem(key, {
      set: { next: until, ...observed, [TTL_ATTRIBUTE]: expiry(until) },
      when: [condition('attribute_not_exists(#next) OR #next < :until', { until })],
      create: true,
    });
    // The line begins there, or all would come back at once.
    await updateItem(key, {
      set: { line: until },
      when: [condition('attribute_not_exists(#line) OR #line < :until', { until })],
    });
  },

  async find(queue: string): Promise<ObservedLimit | undefined> {
    const { limit, observedAt } = (await getItem(keys.rateLimit(queue))) ?? {};
    return typeof limit === 'number' && typeof observedAt === 'number' ? { limit, observedAt } : undefined;
  },
};

/** At its place in the line, and not before there is a slot at all. */
function comeBack({ line, next }: Item, visit: number): { comeBackAt: number } {
  return { comeBackAt: Math.max((line as number) - visit, next as number) };
}
