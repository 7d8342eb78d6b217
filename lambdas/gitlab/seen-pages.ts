import { createHash } from 'node:crypto';
import type { Position } from './paging.ts';

/**
 * The pages that a client has seen of each list it walks. A proxy or a broken GitLab may serve one page under every
 * number; then no number says that the walk leads nowhere, but the records do.
 */
export class SeenPages {
  /** By list: where the page with a digest began. */
  readonly #lists = new Map<string, Map<string, number>>();

  /**
   * Notes a page; whether the same records were seen at another place of the list before. A page may be read again,
   * and the first page begins a new walk. Pages without records prove nothing.
   */
  isRepeated(list: string, { page, perPage }: Position, body: Buffer, count: number): boolean {
    if (page === 1) this.#lists.delete(list);
    if (count === 0) return false;
    const seen = this.#lists.get(list) ?? new Map<string, number>();
    this.#lists.set(list, seen);
    const digest = createHash('sha256').update(body).digest('base64');
    const offset = (page - 1) * perPage;
    const earlier = seen.get(digest);
    seen.set(digest, earlier ?? offset);
    return earlier !== undefined && earlier !== offset;
  }
}
