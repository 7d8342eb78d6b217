import { isTerminal, type Status } from '../../lambdas/domain/statuses.ts';
import type { Attributes } from '../support/table/items.ts';
import type { TableInMemory } from '../support/table/table-in-memory.ts';
import type { Schedule } from './schedule.ts';

/** What the table of a schedule does of itself, and what it tells. */

/** Tells when an import has ended for the first time: its workflow and all that it has begun are still at work then. */
export function onceEnded(table: TableInMemory, act: (id: number) => void): void {
  const set = table.items.set.bind(table.items);
  let hasEnded = false;
  table.items.set = (key: string, item: Attributes) => {
    const isEnd = item.sk === 'IMPORT' && isTerminal(item.status as Status);
    if (isEnd && !hasEnded) {
      hasEnded = true;
      // As soon as it is written, and before whoever has written it hears of that.
      queueMicrotask(() => act(Number(item.id)));
    }
    return set(key, item);
  };
}

/** Removes what DynamoDB removes in time. */
export function removeExpired(table: TableInMemory): void {
  for (const { pk, sk, expiresAt } of [...table.items.values()])
    if (Number(expiresAt) * 1000 <= Date.now()) table.delete({ pk, sk }, {});
}

/** Lets DynamoDB have no throughput for so many operations in a row. */
export function throttle(table: TableInMemory, throttled: Schedule['throttled']): void {
  let operations = 0;
  table.throttles = () => {
    operations += 1;
    if (throttled === undefined) return false;
    return operations >= throttled.nth && operations < throttled.nth + throttled.times;
  };
}
