import { createHash } from 'node:crypto';
import type { Page } from '../gitlab/client.ts';
import { MOST_EMPTY_PAGES } from '../gitlab/paging.ts';
import { MigrationError } from '../shared/errors.ts';

/** A list at the source has no end. */
export class PagingError extends MigrationError {
  override name = 'BulkImports::PagingError';

  constructor(what: string) {
    super(
      `The list at the source does not end: ${what}. Check what stands before the source (a proxy or cache that ignores the query), and import again.`,
    );
  }
}

/**
 * The pages of a list as a run reads them. A list that goes in circles would be read until somebody notices; whoever
 * reads it stops at the first page that leads nowhere.
 */
export class PageWalk {
  readonly #seen = new Set<string | null>();
  #last: string | undefined;
  #empty = 0;

  /** To be called with each page that is read on, with the key of each of its records. @throws PagingError */
  check(cursor: string | null, keys: string[]): void {
    this.#seen.add(cursor);
    const digest = keys.length === 0 ? undefined : digestOf(keys);
    if (digest !== undefined && digest === this.#last)
      throw new PagingError('a page has the same records as the page before it');
  }

  /** To be called when a page is done. @throws PagingError when the one after it leads nowhere */
  turn({ next }: Pick<Page<unknown>, 'next'>, keys: string[]): void {
    this.#empty = keys.length === 0 ? this.#empty + 1 : 0;
    if (keys.length > 0) this.#last = digestOf(keys);
    if (next === null) return;
    if (this.#seen.has(next)) throw new PagingError('the page after a page is one that was read before');
    if (this.#empty > MOST_EMPTY_PAGES)
      throw new PagingError(`${this.#empty} pages in a row are empty, and each says that there is another`);
  }
}

function digestOf(keys: string[]): string {
  return createHash('sha256').update(JSON.stringify(keys)).digest('base64');
}
