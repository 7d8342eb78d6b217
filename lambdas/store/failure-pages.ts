import { type Failure, failureFromItem } from './failures.ts';
import { FAILURE_PREFIX, importPk } from './keys.ts';
import { queryItems } from './table-queries.ts';

/** Failures per page: about a megabyte, which DynamoDB reads in one request. */
const PAGE = 1_000;

/** All failures of an import, those of an entity one after the other, page by page. */
export async function* failurePages(importId: number): AsyncGenerator<Failure[]> {
  let after: string | undefined;
  for (;;) {
    const range = { beginsWith: FAILURE_PREFIX, limit: PAGE, ...(after !== undefined && { after }) };
    const items = await queryItems(importPk(importId), range);
    if (items.length > 0) yield items.map(failureFromItem);
    if (items.length < PAGE) return;
    after = String(items.at(-1)?.sk);
  }
}
