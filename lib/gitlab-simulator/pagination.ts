import { type ApiAnswer, json } from './answer.ts';
import type { ApiCall } from './route.ts';

const DEFAULT_PER_PAGE = 20;
const MAXIMUM_PER_PAGE = 100;

interface PagingParams {
  readonly page?: number | null | undefined;
  readonly per_page?: number | null | undefined;
}

/** One page of the records, with GitLab's paging headers. Only the page itself is presented. */
export function paginated<R>(
  call: ApiCall<PagingParams>,
  records: readonly R[],
  present: (record: R) => unknown,
): ApiAnswer {
  const page = Math.max(1, call.params.page ?? 1);
  const perPage = sizeOf(call.params.per_page);
  const start = (page - 1) * perPage;
  const lastPage = Math.max(1, Math.ceil(records.length / perPage));
  // GitLab does not count beyond this: total headers and the link to the last page are then left out.
  const counted = records.length <= call.instance.settings.countedRecords;
  const next = page < lastPage ? page + 1 : undefined;
  const previous = page > 1 ? page - 1 : undefined;
  const links: [string, number | undefined][] = [
    ['prev', previous],
    ['next', next],
    ['first', 1],
    ['last', counted ? lastPage : undefined],
  ];
  const headers: Record<string, string> = {
    Link: links.flatMap(([rel, target]) => (target ? [pageLink(call, rel, target, perPage)] : [])).join(', '),
    'X-Next-Page': String(next ?? ''),
    'X-Page': String(page),
    'X-Per-Page': String(perPage),
    'X-Prev-Page': String(previous ?? ''),
  };
  if (counted) {
    headers['X-Total'] = String(records.length);
    headers['X-Total-Pages'] = String(lastPage);
  }
  return json(200, records.slice(start, start + perPage).map(present), headers);
}

/** A negative size is as good as none. */
function sizeOf(perPage: number | null | undefined): number {
  return Math.min(perPage && perPage > 0 ? perPage : DEFAULT_PER_PAGE, MAXIMUM_PER_PAGE);
}

function pageLink(call: ApiCall, rel: string, page: number, perPage: number): string {
  const query = new URLSearchParams(call.query);
  query.set('page', String(page));
  query.set('per_page', String(perPage));
  return `<${call.instance.url}${call.rawPath}?${query}>; rel="${rel}"`;
}
