import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import { messageOf } from '../domain/errors.ts';
import { awsClientSettings } from '../platform/aws-clients.ts';
import { passesByItself } from '../platform/aws-errors.ts';
import { environment } from '../platform/environment.ts';
import { time } from '../platform/time.ts';
import { StoreBusyError, StoreError } from './errors.ts';
import type { Key } from './keys.ts';

export { StoreBusyError, StoreError } from './errors.ts';

export type Item = Record<string, unknown>;

let shared: DynamoDBDocumentClient | undefined;

/** The DocumentClient of this process, made on first use. */
export function documents(): DynamoDBDocumentClient {
  shared ??= DynamoDBDocumentClient.from(new DynamoDBClient(awsClientSettings()), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return shared;
}

/** Sends a command. A condition that fails is passed on; everything else becomes a `StoreError`. */
async function send<Output>(answer: Promise<Output>): Promise<Output> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) throw error;
    const Kind = passesByItself(error) ? StoreBusyError : StoreError;
    throw new Kind(`The table could not be used: ${messageOf(error)}`, { cause: error });
  }
}

/** Reads one item, strongly consistent. */
export async function getItem(key: Key, client = documents()): Promise<Item | undefined> {
  const answer = await send(
    client.send(new GetCommand({ TableName: environment.tableName(), Key: key, ConsistentRead: true })),
  );
  return answer.Item;
}

/** Writes an item unless one with its key exists. Returns whether it was written. */
export async function putNewItem(item: Item, client = documents()): Promise<boolean> {
  try {
    await send(
      client.send(
        new PutCommand({
          TableName: environment.tableName(),
          Item: item,
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      ),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** Writes an item, in place of one that has its key. */
export async function putItem(item: Item, client = documents()): Promise<void> {
  await send(client.send(new PutCommand({ TableName: environment.tableName(), Item: item })));
}

/** Removes an item, if it exists and is as the condition says. */
export async function deleteItem(key: Key, when?: Condition, client = documents()): Promise<void> {
  const { expression, names, values } = when ?? {};
  try {
    await send(
      client.send(
        new DeleteCommand({
          TableName: environment.tableName(),
          Key: key,
          ConditionExpression: expression,
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: values,
        }),
      ),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
}

/** A condition on the item as it is before the write; `values` hold what the expression calls `:name`. */
export interface Condition {
  expression: string;
  names?: Record<string, string>;
  values?: Item;
  /** Whether it can hold only of an item that is there, so that this is not asked for as well. */
  needsItem?: true;
}

export interface Update {
  /** Attributes to set, by path: `status`, or `stats.labels` for a key of a map. */
  set?: Item;
  /** Amounts to add to numbers; an absent number counts as 0. */
  add?: Record<string, number>;
  remove?: string[];
  /** Conditions that must all hold. The item must exist in any case, unless `create` is given. */
  when?: Condition[];
  /** Whether an absent item is made. */
  create?: boolean;
}

/** The result of a conditional write: whether it was done, and the item after it. */
export type UpdateResult = { applied: true; item: Item } | { applied: false };

/** Changes one item in one conditional write. A condition that fails is a result, not an error. */
export async function updateItem(key: Key, update: Update, client = documents()): Promise<UpdateResult> {
  return sendUpdate(key, update, 'ALL_NEW', client);
}

/** The same for whoever does not look at the item, which is not sent back then. Returns whether it was written. */
export async function changeItem(key: Key, update: Update, client = documents()): Promise<boolean> {
  return (await sendUpdate(key, update, 'NONE', client)).applied;
}

async function sendUpdate(
  key: Key,
  update: Update,
  returned: 'ALL_NEW' | 'NONE',
  client: DynamoDBDocumentClient,
): Promise<UpdateResult> {
  const names: Record<string, string> = {};
  const values: Item = {};
  const nameOf = (path: string): string =>
    path
      .split('.')
      .map(part => {
        const name = `#${part.replaceAll(/\W/g, '_')}`;
        names[name] = part;
        return name;
      })
      .join('.');
  const clause = (keyword: string, parts: string[]) =>
    parts.length > 0 ? [`${keyword} ${parts.join(', ')}`] : [];

  const set = Object.entries(update.set ?? {}).map(([path, value], index) => {
    values[`:set${index}`] = value;
    return `${nameOf(path)} = :set${index}`;
  });
  const add = Object.entries(update.add ?? {}).map(([path, value], index) => {
    values[`:add${index}`] = value;
    return `${nameOf(path)} :add${index}`;
  });
  const remove = (update.remove ?? []).map(nameOf);
  const when = update.when ?? [];
  const isItemSure = update.create || when.some(({ needsItem }) => needsItem);
  const conditions: Condition[] = [...(isItemSure ? [] : [{ expression: 'attribute_exists(pk)' }]), ...when];
  for (const condition of conditions) {
    Object.assign(names, condition.names);
    Object.assign(values, condition.values);
  }

  try {
    const answer = await send(
      client.send(
        new UpdateCommand({
          TableName: environment.tableName(),
          Key: key,
          UpdateExpression: [...clause('SET', set), ...clause('ADD', add), ...clause('REMOVE', remove)].join(
            ' ',
          ),
          ConditionExpression: conditions.map(inConjunction).join(' AND ') || undefined,
          ExpressionAttributeNames: Object.keys(names).length > 0 ? names : undefined,
          ExpressionAttributeValues: Object.keys(values).length > 0 ? values : undefined,
          ReturnValues: returned,
        }),
      ),
    );
    return { applied: true, item: answer.Attributes ?? {} };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return { applied: false };
    throw error;
  }
}

/**
 * Parentheses only where they are needed: dynalite's parser goes back at each of them, and took 1.3 ms for the condition
 * of a run's save, which now takes it 0.1 ms.
 */
function inConjunction({ expression }: Condition): string {
  return / OR /i.test(expression) ? `(${expression})` : expression;
}

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
  for await (const page of pagesOf(partition, options, client)) items.push(...(page.Items ?? []));
  return items;
}

/** The same, one by one: whoever has enough reads no further page. */
export async function* eachItem(
  partition: string,
  options: QueryOptions = {},
  client = documents(),
): AsyncGenerator<Item> {
  for await (const page of pagesOf(partition, options, client)) yield* page.Items ?? [];
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

/** DynamoDB's limit for one BatchGetItem. */
const BATCH_GET_KEYS = 100;
/**
 * A batch of which nothing is read is asked for so often, with pauses that double and are spread, of 1.6 s together at
 * most. The SDK repeats what DynamoDB refuses and not what it leaves over.
 */
const BATCH_GET_TRIES = 6;
const FIRST_PAUSE_MS = 25;

/**
 * Reads items by key, in the order of the keys; items that do not exist are left out.
 *
 * @throws StoreBusyError when DynamoDB goes on leaving keys over
 */
export async function getItems(wanted: Key[], client = documents()): Promise<Item[]> {
  const found = new Map<string, Item>();
  for (let start = 0; start < wanted.length; start += BATCH_GET_KEYS) {
    let pending: Key[] = wanted.slice(start, start + BATCH_GET_KEYS);
    let fruitless = 0;
    while (pending.length > 0) {
      const answer = await send(
        client.send(
          new BatchGetCommand({
            RequestItems: { [environment.tableName()]: { Keys: pending, ConsistentRead: true } },
          }),
        ),
      );
      for (const item of answer.Responses?.[environment.tableName()] ?? []) {
        found.set(`${item.pk}|${item.sk}`, item);
      }
      const left = (answer.UnprocessedKeys?.[environment.tableName()]?.Keys ?? []) as Key[];
      // A batch of more than 16 MB comes in parts, also from a table that has nothing else to do.
      fruitless = left.length < pending.length ? 0 : fruitless + 1;
      pending = left;
      if (fruitless === BATCH_GET_TRIES) {
        const problem = `DynamoDB left ${left.length} items of a batch unread ${fruitless} times`;
        throw new StoreBusyError(`The table could not be used: ${problem}.`);
      }
      if (left.length > 0) await time.pause(Math.random() * FIRST_PAUSE_MS * 2 ** fruitless);
    }
  }
  return wanted.map(key => found.get(`${key.pk}|${key.sk}`)).filter(item => item !== undefined);
}

/** The item's `status` must be one of these. */
export function statusIsOneOf(statuses: readonly string[]): Condition {
  return {
    expression: `#status IN (${statuses.map((_, index) => `:from${index}`).join(', ')})`,
    names: { '#status': 'status' },
    values: Object.fromEntries(statuses.map((status, index) => [`:from${index}`, status])),
    needsItem: true,
  };
}
