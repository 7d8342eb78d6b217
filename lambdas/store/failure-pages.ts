import { type Failure, failureFromItem } from './failures.ts';
import { FAILURE_PREFIX, importPk } from './keys.ts';
import { itemPages } from './table-queries.ts';

/** Failures per page: about a megabyte, which DynamoDB reads in one request. */
const PAGE = 1_000;

/** All failures of an import, those of an entity one after the other, page by page. */
export async function* failurePages(importId: number): AsyncGenerator<Failure[]> {
  const pages = itemPages(importPk(importId), { beginsWith: FAILURE_PREFIX, pageSize: PAGE });
  for await (const items of pages) yield items.map(failureFromItem);
}
