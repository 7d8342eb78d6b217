import { ConditionalCheckFailedException, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  BatchWriteCommand,
  DeleteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
} from '@aws-sdk/lib-dynamodb';
import { messageOf } from '../domain/errors.ts';
import { StoreBusyError, StoreError } from '../domain/store-errors.ts';
import { awsClientSettings } from '../platform/aws-clients.ts';
import { passesByItself } from '../platform/aws-errors.ts';
import { environment } from '../platform/environment.ts';
import { time } from '../platform/time.ts';
import type { Condition } from './conditions.ts';
import type { Item } from './item.ts';
import type { Key } from './keys.ts';

let shared: DynamoDBDocumentClient | undefined;

/** The DocumentClient of this process, made on first use. */
export function documents(): DynamoDBDocumentClient {
  shared ??= DynamoDBDocumentClient.from(new DynamoDBClient(awsClientSettings()), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return shared;
}

/** Sends a command. A condition that fails is passed on; everything else becomes a `StoreError`. */
export async function send<Output>(answer: Promise<Output>): Promise<Output> {
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
  return putItemWhen(item, { expression: 'attribute_not_exists(pk)' }, client);
}

/** Writes an item, if what has its key, or that there is nothing, is as the condition says. Returns whether it was written. */
export async function putItemWhen(
  item: Item,
  { expression, names, values }: Condition,
  client = documents(),
): Promise<boolean> {
  try {
    await send(
      client.send(
        new PutCommand({
          TableName: environment.tableName(),
          Item: item,
          ConditionExpression: expression,
          ExpressionAttributeNames: names,
          ExpressionAttributeValues: values,
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

/** DynamoDB's limit for one BatchWriteItem. */
const BATCH_WRITE_ITEMS = 25;

/**
 * Writes items, in place of those that have their keys, in as few requests as there can be, all at the same time. Where it
 * fails, some may have been written.
 *
 * @throws StoreBusyError when DynamoDB goes on leaving items over
 */
export async function putItems(items: Item[], client = documents()): Promise<void> {
  const batches = Array.from({ length: Math.ceil(items.length / BATCH_WRITE_ITEMS) }, (_, index) =>
    items.slice(index * BATCH_WRITE_ITEMS, (index + 1) * BATCH_WRITE_ITEMS),
  );
  await Promise.all(batches.map(batch => putBatch(batch, client)));
}

async function putBatch(items: Item[], client: DynamoDBDocumentClient): Promise<void> {
  const table = environment.tableName();
  let pending = items.map(item => ({ PutRequest: { Item: item } }));
  for (let tries = 1; pending.length > 0; tries++) {
    const answer = await send(client.send(new BatchWriteCommand({ RequestItems: { [table]: pending } })));
    pending = (answer.UnprocessedItems?.[table] ?? []) as typeof pending;
    if (pending.length === 0) return;
    if (tries === BATCH_TRIES) {
      const problem = `DynamoDB left ${pending.length} items of a batch unwritten ${tries} times`;
      throw new StoreBusyError(`The table could not be used: ${problem}.`);
    }
    await time.pause(Math.random() * FIRST_PAUSE_MS * 2 ** tries);
  }
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

/** DynamoDB's limit for one BatchGetItem. */
const BATCH_GET_KEYS = 100;
/**
 * A batch of which nothing is read, or written, is sent so often, with pauses that double and are spread, of 1.6 s together at
 * most. The SDK repeats what DynamoDB refuses and not what it leaves over.
 */
const BATCH_TRIES = 6;
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
      if (fruitless === BATCH_TRIES) {
        const problem = `DynamoDB left ${left.length} items of a batch unread ${fruitless} times`;
        throw new StoreBusyError(`The table could not be used: ${problem}.`);
      }
      if (left.length > 0) await time.pause(Math.random() * FIRST_PAUSE_MS * 2 ** fruitless);
    }
  }
  return wanted.map(key => found.get(`${key.pk}|${key.sk}`)).filter(item => item !== undefined);
}
