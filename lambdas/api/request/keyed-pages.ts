import * as z from 'zod/mini';
import { MOST_COUNTED, paginationShape, positionOf, walkLimit } from './pagination.ts';
import { matching, optional, text, type Values } from './parameters.ts';

/** Keys of failures and audit events have fewer characters, and none of the others. */
const KEY = /^[\w#.:-]{1,255}$/;

/** The parameters of a list whose records have keys, in whose order they are. */
export const keyedPagesShape = {
  ...paginationShape,
  after: optional(
    text(
      z.describe(
        'Where the page begins, as the `next` of `Link` names it in a list of more than 10,000: such a page costs no more than the first.',
      ),
      matching(key => KEY.test(key), 'is invalid'),
    ),
  ),
};

/** A list of records that have keys, and are in their order. */
export interface KeyedList<T extends { key: string }> {
  /** Those behind a key, at most so many. */
  list(range: { after?: string | undefined; limit: number }): Promise<T[]>;
  /** How many those are, at most `limit`; and the key of the last of so many. */
  count(range: { after?: string; limit: number }): Promise<{ count: number; last: string | undefined }>;
}

/**
 * Reads a page and nothing else: what is before and behind it is counted, as far as it must be.
 *
 * @returns the page; how many records there are, for `pageHeaders`; and where the next page begins in a list that is too
 *   long to be counted
 */
export async function readKeyedPage<T extends { key: string }>(
  { list, count }: KeyedList<T>,
  pages: Values<typeof keyedPagesShape>,
): Promise<{ page: T[]; known: number; after?: string | undefined }> {
  const { offset, perPage } = positionOf(pages);
  const before =
    pages.after === undefined ? await count({ limit: offset }) : { count: offset, last: pages.after };
  if (before.count < offset) return { page: [], known: before.count };
  const page = await list({ after: before.last, limit: perPage });
  const counted = before.count + page.length;
  const last = page.at(-1)?.key;
  if (last === undefined) return { page, known: counted };
  const limit = pages.after === undefined ? walkLimit(pages) - counted : 1;
  const behind = await count({ after: last, limit });
  const known = Math.max(counted + behind.count, pages.after === undefined ? 0 : MOST_COUNTED + 1);
  return { page, known, ...(known > MOST_COUNTED && { after: last }) };
}
