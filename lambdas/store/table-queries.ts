import { type DynamoDBDocumentClient, QueryCommand, type QueryCommandOutput } from '@aws-sdk/lib-dynamodb';
import { environment } from '../platform/environment.ts';
import type { Item } from './item.ts';
import { documents, send } from './table.ts';

/** Which part of a partition is read, in key order. */
export interface QueryRange {
  /** Beginning of the sort key. */
  beginsWith?: string;
  /** Lowest and highest sort key, instead of a beginning; both are read, too. */
  between?: readonly [string, string];
  /** Sort key behind which to begin. */
  after?: string;
  /** Stop after this many items. */
  limit?: number;
}

export interface QueryOptions extends QueryRange {
  index?: { name: string; pk: string; sk: string };
  descending?: boolean;
  /** Read only these attributes. */
  attributes?: string[];
  /** Items per request, for whoever stops somewhere on the way. */
  pageSize?: number;
}

/** Reads all items of a partition (or the part with a sort key prefix), page by page, in key order. */
export async function queryItems(
  partition: string,
  options: QueryOptions = {},
  client = documents(),
): Promise<Item[]> {
  const items: Item[] = [];
  for await (const page of itemPages(partition, options, client)) items.push(...page);
  return items;
}

/** The same, page by page as they are read: whoever has enough reads no further one. */
export async function* itemPages(
  partition: string,
  options: QueryOptions = {},
  client = documents(),
): AsyncGenerator<Item[]> {
  for await (const { Items: items = [] } of pagesOf(partition, options, client)) {
    if (items.length > 0) yield items;
  }
}

/** The same, one by one: whoever has enough reads no further page. */
export async function* eachItem(
  partition: string,
  options: QueryOptions = {},
  client = documents(),
): AsyncGenerator<Item> {
  for await (const page of itemPages(partition, options, client)) yield* page;
}

/**
 * Counts items of a partition and reads none: DynamoDB sends nothing but numbers.
 *
 * @returns how many there are, at most `limit`; and the sort key of the last one of so many, if there are so many
 */
export async function countItems(
  partition: string,
  range: QueryRange & Pick<QueryOptions, 'index' | 'descending'>,
  client = documents(),
): Promise<{ count: number; last: string | undefined }> {
  let count = 0;
  let last: unknown;
  if (range.limit === 0) return { count, last: undefined };
  for await (const page of pagesOf(partition, range, client, 'COUNT')) {
    count += page.Count ?? 0;
    last = page.LastEvaluatedKey?.sk;
  }
  return { count, last: count === range.limit ? (last as string) : undefined };
}

/** DynamoDB stops after a megabyte, and goes on where it was told to. */
async function* pagesOf(
  partition: string,
  options: QueryOptions,
  client: DynamoDBDocumentClient,
  select?: 'COUNT',
): AsyncGenerator<QueryCommandOutput> {
  const { pk, sk } = options.index ?? { pk: 'pk', sk: 'sk' };
  const { pageSize = Number.POSITIVE_INFINITY } = options;
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  let start: Item | undefined =
    options.after === undefined ? undefined : { [pk]: partition, [sk]: options.after };
  const { condition, values } = rangeOf(options);
  do {
    const page: QueryCommandOutput = await send(
      client.send(
        new QueryCommand({
          TableName: environment.tableName(),
          IndexName: options.index?.name,
          KeyConditionExpression: ['#pk = :pk', ...condition].join(' AND '),
          ExpressionAttributeNames: {
            '#pk': pk,
            ...(condition.length > 0 && { '#sk': sk }),
            ...Object.fromEntries((options.attributes ?? []).map(name => [`#a_${name}`, name])),
          },
          ExpressionAttributeValues: { ':pk': partition, ...values },
          ProjectionExpression: options.attributes?.map(name => `#a_${name}`).join(', '),
          Select: select,
          ScanIndexForward: !options.descending,
          ConsistentRead: options.index === undefined,
          ExclusiveStartKey: start,
          ...(Number.isFinite(Math.min(left, pageSize)) && { Limit: Math.min(left, pageSize) }),
        }),
      ),
    );
    left -= page.Count ?? page.Items?.length ?? 0;
    start = page.LastEvaluatedKey;
    yield page;
  } while (start !== undefined && left > 0);
}

function rangeOf({ beginsWith, between }: QueryRange): { condition: string[]; values: Item } {
  if (between !== undefined) {
    const [from, to] = between;
    return { condition: ['#sk BETWEEN :from AND :to'], values: { ':from': from, ':to': to } };
  }
  if (beginsWith === undefined) return { condition: [], values: {} };
  return { condition: ['begins_with(#sk, :prefix)'], values: { ':prefix': beginsWith } };
}
