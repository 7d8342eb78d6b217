import type { Instance } from '../domain/errors.ts';
import { budgetExceeded, LIST } from './budgets.ts';
import { isTooComplex, isTooLarge } from './client-errors.ts';
import { PagingError } from './errors.ts';

/** One page of a list. */
export interface Page<T> {
  records: T[];
  /** Where the next page begins; `null` after the last one. */
  next: string | null;
  /** Length of the whole list; absent when the GitLab does not say (above 10,000). */
  total?: number;
}

/** Records per page: GitLab's most, and less for records that are too large together. */
const PAGE_SIZES = [100, 50, 25, 10, 5, 1] as const;
const LARGEST_PAGE: number = PAGE_SIZES[0];

/** Where a page of a REST list begins: GitLab's `page` and `per_page`. */
export interface Position {
  page: number;
  perPage: number;
}

/** @param cursor `7` is page 7 of pages of 100, `7@25` that of pages of 25; `null` is the beginning */
export function positionOf(cursor: string | null): Position {
  const [, page = '1', perPage = LARGEST_PAGE] = /^(\d+)(?:@(\d+))?$/.exec(cursor ?? '1') ?? [];
  return { page: Number(page), perPage: Number(perPage) };
}

/** The cursor of a position, as it is stored. */
export function cursorOf({ page, perPage }: Position): string {
  return perPage === LARGEST_PAGE ? String(page) : `${page}@${perPage}`;
}

/**
 * The same place with the next smaller pages; `undefined` when there are none. Only sizes of which a whole number of
 * pages lies before the place will do: 25 records in, pages of 10 would begin at 20 or at 30.
 */
export function smallerPages({ page, perPage }: Position): Position | undefined {
  const before = (page - 1) * perPage;
  const smaller = PAGE_SIZES.find(size => size < perPage && before % size === 0);
  return smaller === undefined ? undefined : { page: before / smaller + 1, perPage: smaller };
}

/**
 * The page after this one by GitLab's `X-Next-Page`; where a proxy has stripped that, by `Link`; where it has stripped
 * both, every full page has a next one. `undefined` at the end of the list.
 *
 * @param count records on this page
 */
export function nextPage(
  headers: Record<string, string>,
  { page, perPage }: Position,
  count: number,
): number | undefined {
  const named = headers['x-next-page'];
  if (named !== undefined) return named.trim() === '' ? undefined : Number(named);
  const links = linksOf(headers.link);
  if (links.size > 0) {
    const next = links.get('next');
    // The address of the next page may be another than ours, as behind a proxy; only its number is taken.
    return next === undefined ? undefined : Number(/[?&]page=(\d+)/.exec(next)?.[1] ?? page + 1);
  }
  return count >= perPage ? page + 1 : undefined;
}

/** Length of the whole list, by GitLab's header; `undefined` where there is none, or one that no list has. */
export function totalOf(headers: Record<string, string>): number | undefined {
  const total = headers['x-total'];
  return total !== undefined && /^\d{1,9}$/.test(total) ? Number(total) : undefined;
}

/** `<https://…?page=2>; rel="next", <…>; rel="last"`, by relation; only those of paging. */
function linksOf(header = ''): Map<string, string> {
  const links = [...header.matchAll(/<([^<>]*)>\s*;[^<]*?\brel="?(first|prev|next|last)\b/gi)];
  return new Map(links.map(([, target = '', relation = '']) => [relation.toLowerCase(), target]));
}

/** A list, for messages. */
interface List {
  instance: Instance;
  /** In the infinitive: `list the labels`. */
  operation: string;
}

/** The error for a list that does not end: one that is walked on would be walked for ever. */
export function pagingError({ instance, operation }: List, what: string): PagingError {
  return new PagingError(
    `The ${instance} GitLab was asked to ${operation}, page by page, and ${what}: its list has no end. Check the proxies before the ${instance} GitLab, and whether its version is supported.`,
    { instance, method: 'GET', reason: what },
  );
}

/**
 * The cursor of the next page of a GraphQL list; `null` at its end.
 *
 * @param sent the cursor with which this page was asked for
 * @throws PagingError when there is a next page and no new place to find it
 */
export function nextCursor(
  list: List,
  pageInfo: { hasNextPage: boolean; endCursor?: string | null | undefined },
  sent: string | null,
): string | null {
  if (!pageInfo.hasNextPage) return null;
  const { endCursor } = pageInfo;
  if (!endCursor) throw pagingError(list, 'did not say where the next page begins');
  if (endCursor === sent) throw pagingError(list, 'named the same page as the next one');
  if (endCursor.length > LIST.cursor) {
    const what = `its cursor has more than ${LIST.cursor} characters`;
    throw budgetExceeded({ ...list, method: 'POST', what });
  }
  return endCursor;
}

/**
 * Reads a page of a GraphQL list, and a smaller one when that is too large or too much to compute.
 *
 * @param read reads the first so many records from a cursor, which does not depend on their number
 */
export async function readSmallerPages<T>(read: (first: number) => Promise<T>): Promise<T> {
  for (const [index, first] of PAGE_SIZES.entries()) {
    try {
      return await read(first);
    } catch (error) {
      const mayPass = isTooLarge(error) || isTooComplex(error);
      if (!mayPass || index === PAGE_SIZES.length - 1) throw error;
    }
  }
  throw new Error('There are no page sizes.');
}
