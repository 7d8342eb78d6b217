import { importPk } from './keys.ts';
import { countItems, type QueryRange } from './table-queries.ts';

/** Which items of an entity are meant, in the order of their keys: failures, audit events. */
export interface KeyedRange {
  /** How the keys begin. */
  beginsWith?: string;
  /** Key behind which to begin. */
  after?: string | undefined;
  limit?: number;
}

/** The same in the table. @param prefix that of all these items of the entity, which is no part of their keys */
export function inTable(prefix: string, { beginsWith = '', after, limit }: KeyedRange): QueryRange {
  return {
    beginsWith: prefix + beginsWith,
    ...(after !== undefined && { after: prefix + after }),
    ...(limit !== undefined && { limit }),
  };
}

/**
 * Counts such items without reading them.
 *
 * @returns how many there are, at most `limit`; and the key of the last one of so many, if there are so many
 */
export async function countKeyed(
  importId: number,
  prefix: string,
  range: KeyedRange,
): Promise<{ count: number; last: string | undefined }> {
  const { count, last } = await countItems(importPk(importId), inTable(prefix, range));
  return { count, last: last?.slice(prefix.length) };
}
