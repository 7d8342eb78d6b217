import type { Status } from '../domain/statuses.ts';
import {
  type Collection,
  ENTITY_PREFIX,
  importPk,
  LIST_INDEX,
  type ListOwner,
  listPartition,
  padId,
  STATUS_INDEX,
} from './keys.ts';
import { countItems, type QueryOptions, queryItems } from './table-queries.ts';

/**
 * How many records a list has. Lists grow at their new end and lose nothing, so what was counted once is remembered, and
 * only what is newer is counted again. Remembered by each process, not kept in an item: that would be one more write for
 * each record, and a crash between the two writes would leave it wrong for good. A list of 10,000 costs the first
 * request of a process 160 read units (10,000 keys of 130 bytes), and every other one 2.
 */

/**
 * The newest records of a list, which are looked at anew each time: an index is behind the table by a second or so, and
 * of those who write at the same time one may be late with a lower id.
 */
const NEWEST = 100;
/** What came even later than that is counted after so long. */
const REMEMBERED_MS = 10 * 60_000;
/** Lists remembered per process; the oldest goes first. */
const REMEMBERED_LISTS = 1_000;

interface Counted {
  /** Sort key up to which the list is counted. */
  upTo: string;
  count: number;
  until: number;
}

const remembered = new Map<string, Counted>();

/** Above this many nobody wants to know how many there are. */
const MOST_COUNTED = 10_001;

/**
 * How many imports or entities an owner has, but no more than 10,001. Those that have a status now come and go, so they
 * are counted each time, as keys.
 */
export async function countListed(
  owner: ListOwner,
  collection: Collection,
  status?: Status,
): Promise<number> {
  if (status !== undefined) {
    const range = { index: STATUS_INDEX, limit: MOST_COUNTED };
    return (await countItems(listPartition(owner, collection, status), range)).count;
  }
  return countNewer(listPartition(owner, collection), { index: LIST_INDEX, first: padId(0) });
}

/** How many entities an import has, but no more than 10,001, from the table itself: the newest ones are read whole. */
export async function countEntities(importId: number): Promise<number> {
  return countNewer(importPk(importId), { beginsWith: ENTITY_PREFIX, first: ENTITY_PREFIX });
}

/** What is counted, and a sort key before all of it. */
type List = Pick<QueryOptions, 'index' | 'beginsWith'> & { first: string };

async function countNewer(partition: string, { first, ...list }: List): Promise<number> {
  const { upTo, count } = recall(partition) ?? { upTo: undefined, count: 0 };
  if (count >= MOST_COUNTED) return count;
  const { sk } = list.index ?? { sk: 'sk' };
  const newest = await queryItems(partition, {
    ...list,
    ...(list.index === undefined && { attributes: [sk] }),
    descending: true,
    limit: NEWEST,
  });
  const newer = newest.map(item => String(item[sk])).filter(key => upTo === undefined || key > upTo);
  const oldest = newer.at(-1);
  // Here ends what is not counted yet: at the beginning of the list, or at what is.
  if (oldest === undefined || newer.length < NEWEST) return count + newer.length;
  const between = [upTo ?? first, oldest] as const;
  const rest = await countItems(partition, {
    ...(list.index !== undefined && { index: list.index }),
    between,
    limit: MOST_COUNTED - count,
  });
  // Both of its ends are in it: the oldest of the newest ones, and the last that was counted before.
  const total = count + rest.count - (upTo === undefined ? 0 : 1);
  remember(partition, { upTo: oldest, count: total, until: Date.now() + REMEMBERED_MS });
  return Math.min(MOST_COUNTED, total + newer.length - 1);
}

function recall(partition: string): Counted | undefined {
  const found = remembered.get(partition);
  return found !== undefined && found.until > Date.now() ? found : undefined;
}

/** What was counted later keeps the time of what was counted first, so that everything is counted anew at times. */
function remember(partition: string, counted: Counted): void {
  const until = recall(partition)?.until ?? counted.until;
  remembered.delete(partition);
  remembered.set(partition, { ...counted, until });
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED_LISTS && oldest !== undefined) remembered.delete(oldest);
}

/** Forgets all totals; for tests, whose tables come and go. */
export function forgetTotals(): void {
  remembered.clear();
}
