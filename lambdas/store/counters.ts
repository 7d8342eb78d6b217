import { type Counter, keys } from './keys.ts';
import { getItem } from './table.ts';
import { updateItem } from './table-updates.ts';

/**
 * Takes a block of consecutive ids in one atomic write and returns the first. Ids are integers as in GitLab; a block
 * that a crash leaves unused is a gap, as gaps are in any sequence.
 */
export async function takeIds(counter: Counter, count = 1): Promise<number> {
  const result = await updateItem(keys.counter(counter), { add: { last: count }, create: true });
  if (!result.applied) throw new Error(`The counter ${counter} could not be advanced.`);
  return (result.item.last as number) - count + 1;
}

/** The id that was taken last; 0 before the first one. */
export async function lastId(counter: Counter): Promise<number> {
  return Number((await getItem(keys.counter(counter)))?.last ?? 0);
}
