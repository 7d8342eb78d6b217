import * as z from 'zod/mini';
import { budgetExceeded, LIST } from './budgets.ts';
import type { ListCall, RestCall } from './calls.ts';
import { isTooLarge } from './client-errors.ts';
import type { BudgetExceededError } from './errors.ts';
import type { JsonRequests } from './json-requests.ts';
import {
  cursorOf,
  nextPage,
  type Page,
  type Position,
  pagingError,
  positionOf,
  smallerPages,
  totalOf,
} from './paging.ts';
import { list } from './schemas.ts';
import { SeenPages } from './seen-pages.ts';

/** Where a list is counted, and what comes of it. */
const SHORTEST: Position = { page: 1, perPage: 1 };
const RECORDS = list(z.unknown());

/** The lists of the REST API of one GitLab, page by page or as a whole. */
export class RestLists {
  readonly #requests: JsonRequests;
  readonly #seen = new SeenPages();

  constructor(requests: JsonRequests) {
    this.#requests = requests;
  }

  /** See `GitLabClient.page`. */
  async page<T>(call: RestCall<T[]>, cursor: string | null): Promise<Page<T>> {
    return (await this.#largestPage(call, cursor)).page;
  }

  /** See `GitLabClient.all`. */
  async all<T>(call: RestCall<T[]>): Promise<T[]> {
    const records: T[] = [];
    const list = { instance: this.#requests.instance, operation: call.operation };
    let cursor: string | null = null;
    let empty = 0;
    let bytes = 0;
    for (;;) {
      const { page, bytes: ofPage }: { page: Page<T>; bytes: number } = await this.#largestPage(call, cursor);
      records.push(...page.records);
      bytes += ofPage;
      if (bytes > LIST.wholeBytes) {
        const what = `its list, which has to be kept as a whole, has more than ${LIST.wholeBytes} bytes`;
        throw budgetExceeded({ ...list, what });
      }
      cursor = page.next;
      if (cursor === null) return records;
      empty = page.records.length === 0 ? empty + 1 : 0;
      if (empty > LIST.emptyPages) throw pagingError(list, `sent ${empty} empty pages in a row`);
    }
  }

  /** See `GitLabClient.count`. */
  async count(call: ListCall): Promise<number | undefined> {
    const query = { ...call.query, per_page: SHORTEST.perPage, page: SHORTEST.page };
    const request = this.#requests.prepare('GET', { path: call.path, query });
    const { body, response } = await this.#requests.json(call.operation, request, RECORDS);
    const total = totalOf(response.headers);
    if (total !== undefined && total >= body.length) return total;
    return nextPage(response.headers, SHORTEST, body.length) === undefined ? body.length : undefined;
  }

  async #largestPage<T>(
    call: RestCall<T[]>,
    cursor: string | null,
  ): Promise<{ page: Page<T>; bytes: number }> {
    let position: Position = positionOf(cursor);
    if ((position.page - 1) * position.perPage >= LIST.records()) throw this.#endless(call);
    for (;;) {
      try {
        return await this.#page(call, position);
      } catch (error) {
        const smaller = isTooLarge(error) ? smallerPages(position) : undefined;
        if (smaller === undefined) throw error;
        position = smaller;
      }
    }
  }

  async #page<T>(call: RestCall<T[]>, position: Position): Promise<{ page: Page<T>; bytes: number }> {
    const query = { ...call.query, per_page: position.perPage, page: position.page };
    const request = this.#requests.prepare('GET', { ...call, query });
    const { body, response } = await this.#requests.json(call.operation, request, call.schema);
    if (body.length > position.perPage) {
      const what = `its page has ${body.length} records, and ${position.perPage} were asked for`;
      throw budgetExceeded({ instance: this.#requests.instance, operation: call.operation, what });
    }
    const list = { instance: this.#requests.instance, operation: call.operation };
    const name = `${call.path} ${JSON.stringify(call.query ?? {})}`;
    if (this.#seen.isRepeated(name, position, response.body, body.length)) {
      throw pagingError(list, 'sent the same records twice');
    }
    const next = nextPage(response.headers, position, body.length);
    if (next !== undefined && !(Number.isSafeInteger(next) && next > position.page)) {
      throw pagingError(list, 'did not get past the same page');
    }
    const total = totalOf(response.headers);
    const page = {
      records: body,
      next: next === undefined ? null : cursorOf({ ...position, page: next }),
      ...(total !== undefined && { total }),
    };
    return { page, bytes: response.body.length };
  }

  #endless({ operation }: Pick<RestCall<unknown>, 'operation'>): BudgetExceededError {
    const what = `its list has more than ${LIST.pages()} pages`;
    return budgetExceeded({ instance: this.#requests.instance, operation, what, setting: 'pagesPerList' });
  }
}
