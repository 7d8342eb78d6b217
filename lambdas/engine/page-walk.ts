import { createHash } from 'node:crypto';
import { budgetExceeded, LIST } from '../gitlab/budgets.ts';
import type { Page } from '../gitlab/client.ts';
import { PagingError } from '../gitlab/errors.ts';

/** The error for a list at the source that does not end. */
function endless(what: string): PagingError {
  return new PagingError(
    `The list at the source does not end: ${what}. Check what stands before the source (a proxy or cache that ignores the query), and import again.`,
    { instance: 'source', method: 'GET', reason: what },
  );
}

/**
 * The pages of a list as a run reads them. A list that goes in circles would be read until somebody notices; whoever
 * reads it stops at the first page that leads nowhere.
 */
export class PageWalk {
  readonly #operation: string;
  readonly #seen = new Set<string | null>();
  /** Digests of the keys of the pages that are done. */
  readonly #done = new Set<string>();
  #last: string | undefined;
  #empty = 0;

  /** @param relation what is read, in the plural */
  constructor(relation: string) {
    this.#operation = `list the ${relation}`;
  }

  /**
   * To be called with each page that is read on, with the key of each of its records.
   *
   * @param fetched records that were read before, by earlier runs too
   * @throws PagingError, and BudgetExceededError when these are too many
   */
  check(cursor: string | null, keys: string[], fetched = 0): void {
    this.#seen.add(cursor);
    const digest = keys.length === 0 ? undefined : digestOf(keys);
    if (digest !== undefined && digest === this.#last)
      throw endless('a page has the same records as the page before it');
    if (digest !== undefined && this.#done.has(digest))
      throw endless('a page has the same records as one that was read before');
    if (fetched + keys.length > LIST.records()) {
      const what = `its list has more than ${LIST.records()} records`;
      throw budgetExceeded({ instance: 'source', operation: this.#operation, what, setting: 'pagesPerList' });
    }
  }

  /** To be called when a page is done. @throws PagingError when the one after it leads nowhere */
  turn({ next }: Pick<Page<unknown>, 'next'>, keys: string[]): void {
    this.#empty = keys.length === 0 ? this.#empty + 1 : 0;
    if (keys.length > 0) this.#last = digestOf(keys);
    if (this.#last !== undefined) this.#done.add(this.#last);
    if (next === null) return;
    if (this.#seen.has(next)) throw endless('the page after a page is one that was read before');
    if (this.#empty > LIST.emptyPages)
      throw endless(`${this.#empty} pages in a row are empty, and each says that there is another`);
  }
}

/**
 * The pages of a list, one after the other, for whoever reads them in one run. Whoever has read enough stops.
 *
 * @param relation what is read, in the plural
 * @param keyOf by what a record is told from others
 * @param read reads the page at a cursor; `null` is the first one
 * @throws PagingError, BudgetExceededError as `PageWalk` does
 */
export async function* pagesOf<Record>(
  relation: string,
  keyOf: (record: Record) => string,
  read: (cursor: string | null) => Promise<Page<Record>>,
): AsyncGenerator<Page<Record>> {
  const walk = new PageWalk(relation);
  let fetched = 0;
  let cursor: string | null = null;
  do {
    const page: Page<Record> = await read(cursor);
    const keys = page.records.map(keyOf);
    walk.check(cursor, keys, fetched);
    walk.turn(page, keys);
    yield page;
    fetched += keys.length;
    cursor = page.next;
  } while (cursor !== null);
}

function digestOf(keys: string[]): string {
  return createHash('sha256').update(JSON.stringify(keys)).digest('base64');
}
