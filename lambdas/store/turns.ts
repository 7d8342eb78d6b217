import { keys, TTL_ATTRIBUTE } from './keys.ts';
import { getItem, updateItem } from './table.ts';

/** Requests are minutes apart at most; an hour later nobody remembers whose turn it was. */
const LIFETIME_SECONDS = 3600;

/** What a request needs to know to be given its turn; times in epoch milliseconds. */
export interface TurnRequest {
  now: number;
  /** Milliseconds from this turn to the next one. */
  interval: number;
  /** How far behind `now` the next turn may lie: turns that nobody has taken, to be taken at once. */
  credit: number;
  /** The latest turn that is of any use. */
  latest: number;
}

/** Requests per minute that a GitLab allows, and when it said so (epoch milliseconds), for those who have not heard. */
export interface HeardLimit {
  limit: number;
  heardAt: number;
}

export type Turn = { at: number } | { at: undefined; next: number };

/**
 * Takes the next turn of a queue: one number in the table, moved on by one conditional write, so that any number of
 * processes share it. Turns are given in the order of asking.
 *
 * @param queue names the token whose turns these are
 * @returns when the turn is, or, when that would be too late to be of use, when the next one would be
 */
export async function takeTurn(queue: string, request: TurnRequest & HeardLimit): Promise<Turn> {
  const { now, interval, credit, latest, limit, heardAt } = request;
  const earliest = now - credit;
  const key = keys.turns(queue);
  const lasting = { limit, heardAt, [TTL_ATTRIBUTE]: Math.ceil(latest / 1000) + LIFETIME_SECONDS };
  for (;;) {
    const moved = await updateItem(key, {
      add: { next: interval },
      set: lasting,
      when: [
        {
          expression: '#next BETWEEN :earliest AND :latest',
          names: { '#next': 'next' },
          values: { ':earliest': earliest, ':latest': latest },
        },
      ],
    });
    if (moved.applied) return { at: (moved.item.next as number) - interval };
    const restarted = await updateItem(key, {
      set: { ...lasting, next: earliest + interval },
      when: [
        {
          expression: 'attribute_not_exists(#next) OR #next < :earliest',
          names: { '#next': 'next' },
          values: { ':earliest': earliest },
        },
      ],
      create: true,
    });
    if (restarted.applied) return { at: earliest };
    const next = (await getItem(key))?.next;
    if (typeof next === 'number' && next > latest) return { at: undefined, next };
  }
}

/** Puts the next turn off until a moment (epoch milliseconds), unless it is later anyway. */
export async function putOffTurns(queue: string, until: number, heard: HeardLimit): Promise<void> {
  await updateItem(keys.turns(queue), {
    set: { next: until, ...heard, [TTL_ATTRIBUTE]: Math.ceil(until / 1000) + LIFETIME_SECONDS },
    when: [
      {
        expression: 'attribute_not_exists(#next) OR #next < :until',
        names: { '#next': 'next' },
        values: { ':until': until },
      },
    ],
    create: true,
  });
}

/** The limit that somebody has heard of last; `undefined` when nobody has. */
export async function findLimit(queue: string): Promise<HeardLimit | undefined> {
  const { limit, heardAt } = (await getItem(keys.turns(queue))) ?? {};
  return typeof limit === 'number' && typeof heardAt === 'number' ? { limit, heardAt } : undefined;
}
