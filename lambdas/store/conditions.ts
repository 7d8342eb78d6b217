import type { Item } from './item.ts';

/** A condition on the item as it is before the write; `values` hold what the expression calls `:name`. */
export interface Condition {
  expression: string;
  names?: Record<string, string>;
  values?: Item;
  /** Whether it can hold only of an item that is there, so that this is not asked for as well. */
  needsItem?: true;
}

/** The item's `status` must be one of these. */
export function statusIsOneOf(statuses: readonly string[]): Condition {
  return {
    expression: `#status IN (${statuses.map((_, index) => `:from${index}`).join(', ')})`,
    names: { '#status': 'status' },
    values: Object.fromEntries(statuses.map((status, index) => [`:from${index}`, status])),
    needsItem: true,
  };
}

/** The item must be of this attempt; the first one is not stored in entities. */
export function entityIsOfAttempt({ attempt = 1 }: { attempt?: number }): Condition {
  return attempt === 1
    ? { expression: 'attribute_not_exists(#attempt)', names: { '#attempt': 'attempt' } }
    : {
        expression: '#attempt = :attempt',
        names: { '#attempt': 'attempt' },
        values: { ':attempt': attempt },
        needsItem: true,
      };
}
