import * as z from 'zod/mini';
import type { ApiEvent } from './api-event.ts';
import { integer, matching } from './parameters.ts';

/** Above this many records GitLab leaves out the totals; lists are walked just far enough to know. */
export const MOST_COUNTED = 10_000;
/** DynamoDB refuses a query with a larger limit. */
const LARGEST_QUERY_LIMIT = 2 ** 31 - 1;
const MOST_PER_PAGE = 100;
const DEFAULT_PER_PAGE = 20;

/** The parameters of every list, for `parseParameters`. */
export const paginationShape = {
  page: integer(
    1,
    matching(page => page >= 1, 'does not have a valid value'),
    z.meta({ minimum: 1 }),
  ),
  per_page: integer(
    DEFAULT_PER_PAGE,
    matching(perPage => perPage !== 0, 'has a value not allowed'),
    matching(perPage => perPage >= 0, 'does not have a valid value'),
    z.meta({ minimum: 1, description: `More than ${MOST_PER_PAGE} is taken for ${MOST_PER_PAGE}.` }),
  ),
};

const page = (description: string) =>
  z.string().check(z.meta({ pattern: '^\\d*$' }), z.describe(description));

/** The headers of every list. */
export const pageHeadersSchema = z.object({
  'x-per-page': page('Records per page.'),
  'x-page': page('This page.'),
  'x-next-page': page('The next page; empty on the last one.'),
  'x-prev-page': page('The page before; empty on the first one and behind the last.'),
  link: z.string().check(z.describe('URLs of the pages `prev`, `next`, `first` and `last`.')),
  'x-total': z.exactOptional(page('All records; absent when there are more than 10,000.')),
  'x-total-pages': z.exactOptional(page('At least 1; absent when `X-Total` is.')),
});

type PageHeaders = z.infer<typeof pageHeadersSchema>;

export interface PageRequest {
  page: number;
  per_page: number;
}

/** How many records must be looked at of a list that nothing counts: enough to know whether GitLab would. */
export function walkLimit({ page, per_page }: PageRequest): number {
  return Math.min(Math.max(MOST_COUNTED + 1, page * clamp(per_page) + 1), LARGEST_QUERY_LIMIT);
}

/** A list that is read from its beginning, and counted apart from that. */
export interface Listed<T> {
  /** The first ones, at most so many. */
  first(limit: number): Promise<T[]>;
  /** How many there are, as far as it matters: above 10,000 it does not matter how many more. */
  count(): Promise<number>;
}

/**
 * Reads a page of a list, and nothing that comes behind it but one more record.
 *
 * @returns the page, and how many records there are, for `pageHeaders`
 */
export async function readPage<T>(
  request: PageRequest,
  list: Listed<T>,
): Promise<{ page: T[]; known: number }> {
  const { offset, perPage } = positionOf(request);
  const end = Math.min(offset + perPage + 1, LARGEST_QUERY_LIMIT);
  if (offset === 0) return cut(request, await Promise.all([list.first(end), list.count()]));
  const count = await list.count();
  // Far behind the end, nothing is walked.
  if (count <= Math.min(offset, MOST_COUNTED)) return { page: [], known: count };
  return cut(request, [await list.first(end), count]);
}

function cut<T>(request: PageRequest, [list, count]: [T[], number]): { page: T[]; known: number } {
  const { offset, perPage } = positionOf(request);
  const isWhole = list.length <= offset + perPage;
  return {
    page: list.slice(offset, offset + perPage),
    // A list that is read to its end is counted by that.
    known: isWhole ? list.length : Math.max(count, list.length),
  };
}

/** How many records come before the page, and how many it has at most. */
export function positionOf({ page, per_page }: PageRequest): { offset: number; perPage: number } {
  const perPage = clamp(per_page);
  return { offset: Math.min((page - 1) * perPage, LARGEST_QUERY_LIMIT), perPage };
}

/**
 * GitLab's headers: `X-Page`, `X-Next-Page`, …, `Link` with the other parameters of the query kept, and the totals
 * unless there are more than 10,000 records.
 *
 * @param known how many records there are; above 10,000 it does not matter how many more
 * @param after parameter of the link to the next page: where that begins
 */
export function pageHeaders(
  known: number,
  request: PageRequest,
  event: ApiEvent,
  after?: string,
): PageHeaders {
  const { page } = request;
  const perPage = clamp(request.per_page);
  const lastPage = Math.max(1, Math.ceil(known / perPage));
  const counted = known <= MOST_COUNTED;
  const next = page < lastPage ? page + 1 : undefined;
  // Behind the end there is no page before either, as GitLab's paginator (Kaminari) has it.
  const previous = page > 1 && page <= lastPage ? page - 1 : undefined;
  const link = (rel: string, to: number | undefined, begin?: string) =>
    to === undefined ? [] : [`<${urlOf(event, to, perPage, begin)}>; rel="${rel}"`];
  return {
    'x-per-page': String(perPage),
    'x-page': String(page),
    'x-next-page': String(next ?? ''),
    'x-prev-page': String(previous ?? ''),
    link: [
      ...link('prev', previous),
      ...link('next', next, after),
      ...link('first', 1),
      ...link('last', counted ? lastPage : undefined),
    ].join(', '),
    ...(counted && { 'x-total': String(known), 'x-total-pages': String(lastPage) }),
  };
}

const clamp = (perPage: number) => Math.min(perPage, MOST_PER_PAGE);

/** The request's own URL with another page. A token in the query does not go into a header. */
function urlOf(event: ApiEvent, page: number, perPage: number, after?: string): string {
  const query = new URLSearchParams(event.rawQueryString);
  query.delete('private_token');
  query.delete('access_token');
  query.set('page', String(page));
  query.set('per_page', String(perPage));
  query.delete('after');
  if (after !== undefined) query.set('after', after);
  return `${originOf(event)}${event.rawPath}?${query}`;
}

/** A name or an address, and a port. What else a client may send would end the URL, or the header, in the middle. */
const HOST = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** Scheme and host by which the client has found us; nothing, for a relative URL, when it does not say. */
function originOf({ headers, requestContext }: ApiEvent): string {
  const { host = '' } = headers;
  const name = HOST.test(host) ? host : requestContext.domainName;
  const scheme = headers['x-forwarded-proto'] === 'http' ? 'http' : 'https';
  return HOST.test(name) ? `${scheme}://${name}` : '';
}
