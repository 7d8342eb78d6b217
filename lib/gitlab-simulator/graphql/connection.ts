import { GraphQLError } from 'graphql';

/** Also the page size when the query names none. */
const MAXIMUM_PAGE_SIZE = 100;

export interface ConnectionArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

/**
 * One page of records which are ordered by ascending id. `first` above 100 is lowered to 100 without a word. The
 * cursor names the last record seen, so a page stays right when records are added in between.
 */
export function connection<R extends { readonly id: number }, N>(
  records: readonly R[],
  { first, after }: ConnectionArguments,
  node: (record: R) => N,
) {
  if (typeof first === 'number' && first < 0) throw new GraphQLError('first cannot be negative');
  const size = Math.min(first ?? MAXIMUM_PAGE_SIZE, MAXIMUM_PAGE_SIZE);
  const afterId = after ? idOfCursor(after) : 0;
  const remaining = records.filter(record => record.id > afterId);
  const page = remaining.slice(0, size);
  return {
    count: records.length,
    nodes: page.map(node),
    pageInfo: {
      hasNextPage: remaining.length > page.length,
      hasPreviousPage: remaining.length < records.length,
      startCursor: cursorOf(page[0]),
      endCursor: cursorOf(page.at(-1)),
    },
  };
}

function cursorOf(record: { readonly id: number } | undefined): string | null {
  return record ? Buffer.from(JSON.stringify({ id: String(record.id) })).toString('base64url') : null;
}

function idOfCursor(cursor: string): number {
  const id = /^\{"id":"(\d+)"\}$/.exec(Buffer.from(cursor, 'base64url').toString())?.[1];
  if (id === undefined) throw new GraphQLError('Please provide a valid cursor');
  return Number(id);
}
