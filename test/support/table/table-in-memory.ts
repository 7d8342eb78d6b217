import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConditionalCheckFailedException,
  ProvisionedThroughputExceededException,
} from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type BatchGetCommandInput,
  BatchWriteCommand,
  type BatchWriteCommandInput,
  DeleteCommand,
  type DeleteCommandInput,
  DynamoDBDocumentClient,
  GetCommand,
  type GetCommandInput,
  PutCommand,
  type PutCommandInput,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { applyUpdate, checkUse, conditionOf, project } from './expressions.ts';
import { type Attributes, copyOf, sizeOf } from './items.ts';

/** What an operation of the table is, for those who want to know of it or stand in its way. */
export interface Operation {
  kind: 'read' | 'write';
  /** Sort key of the item; empty when there are several. */
  sk: string;
  /** Name of the command: `GetCommand`. */
  command?: string;
  /** Names of the attributes that its expressions are about, and of what is inside of them. */
  attributes?: string[];
}

type Expressions = {
  ConditionExpression?: string | undefined;
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Attributes | undefined;
};

const namesOf = (input: Expressions) => ({
  names: input.ExpressionAttributeNames ?? {},
  values: input.ExpressionAttributeValues ?? {},
});

const idOf = (key: Attributes) => `${key.pk}|${key.sk}`;

/** A table of DynamoDB as a map, a hundred times as fast as a server: for suites that run whole imports by the hundred. */
export class TableInMemory {
  readonly items = new Map<string, Attributes>();
  /**
   * By how many writes the two indexes are behind the table, as DynamoDB's are at times. Nothing that is behind is ever
   * lost: it shows with the next writes, or as soon as this is 0.
   */
  indexLag = 0;
  /** Whether DynamoDB has no throughput left for an operation. Of a batch it then leaves all keys over. */
  throttles: (operation: Operation) => boolean = () => false;
  /** What was read: requests, items, and read units by the sizes of what DynamoDB has to look at for them. */
  readonly read = { requests: 0, items: 0, units: 0 };
  /** The items as the indexes have them. */
  readonly #indexed = new Map<string, Attributes>();
  readonly #behind: { id: string; item: Attributes | undefined }[] = [];

  get(key: Attributes): Attributes | undefined {
    const item = this.items.get(idOf(key));
    if (item !== undefined) this.#count([item], 1);
    return item && copyOf(item);
  }

  /** @param share of a unit that 4 KB cost: a half where the answer may be a little old */
  #count(items: Attributes[], share: number): void {
    this.read.items += items.length;
    const size = items.reduce((sum, item) => sum + 1 + sizeOf(item), 1);
    this.read.units += Math.ceil(size / 4096) * share;
  }

  getAll(keys: Attributes[]): Attributes[] {
    if (new Set(keys.map(idOf)).size < keys.length) throw new Error('A key is in the batch twice.');
    return keys.map(key => this.get(key)).filter(item => item !== undefined);
  }

  put(item: Attributes, expressions: Expressions): void {
    checkUse(expressions, expressions.ConditionExpression);
    this.#check(this.items.get(idOf(item)), expressions);
    this.#set(idOf(item), copyOf(item));
  }

  update(key: Attributes, update: string, expressions: Expressions): Attributes {
    checkUse(expressions, `${update} ${expressions.ConditionExpression ?? ''}`);
    const existing = this.items.get(idOf(key));
    this.#check(existing, expressions);
    const item = copyOf(existing ?? key);
    applyUpdate(item, update, namesOf(expressions));
    this.#set(idOf(key), item);
    return copyOf(item);
  }

  delete(key: Attributes, expressions: Expressions): void {
    checkUse(expressions, expressions.ConditionExpression);
    this.#check(this.items.get(idOf(key)), expressions);
    this.#set(idOf(key), undefined);
  }

  #set(id: string, item: Attributes | undefined): void {
    if (item === undefined) this.items.delete(id);
    else this.items.set(id, item);
    this.#behind.push({ id, item });
    this.#catchUp();
  }

  #catchUp(): void {
    while (this.#behind.length > this.indexLag) {
      const { id, item } = this.#behind.shift() ?? { id: '', item: undefined };
      if (item === undefined) this.#indexed.delete(id);
      else this.#indexed.set(id, item);
    }
  }

  /** The items of a partition of the table or of an index, in the order of its sort key, and where to go on. */
  query(input: QueryCommandInput) {
    this.#catchUp();
    const pk = input.ExpressionAttributeNames?.['#pk'] ?? 'pk';
    const sk = input.IndexName === undefined ? 'sk' : pk.replace(/Pk$/, 'Sk');
    const matches = conditionOf(input.KeyConditionExpression ?? '', namesOf(input));
    const items = input.IndexName === undefined ? this.items : this.#indexed;
    const partition = input.ExpressionAttributeValues?.[':pk'];
    const found: Attributes[] = [];
    // Most items are of another partition, which is quicker to see than what else they are.
    for (const item of items.values())
      if (item[pk] === partition && sk in item && matches(item)) found.push(item);
    found.sort((a, b) => (String(a[sk]) < String(b[sk]) ? -1 : 1));
    if (input.ScanIndexForward === false) found.reverse();
    const start = input.ExclusiveStartKey?.[sk];
    const isBehind = (item: Attributes) =>
      input.ScanIndexForward === false ? String(item[sk]) < String(start) : String(item[sk]) > String(start);
    const rest = start === undefined ? found : found.filter(isBehind);
    const page = rest.slice(0, input.Limit);
    const keyNames = `pk, sk${input.IndexName === undefined ? '' : `, ${pk}, ${sk}`}`;
    // DynamoDB does not look whether anything comes after the last item that it was asked for.
    const last = page.length === input.Limit ? page.at(-1) : undefined;
    // The indexes have the keys only.
    const shown = input.IndexName === undefined ? input.ProjectionExpression : keyNames;
    // What is left out, or only counted, has been looked at as well.
    if (input.IndexName === undefined) this.#count(page, 1);
    else
      this.#count(
        page.map(item => project(item, keyNames, namesOf(input))),
        1 / 2,
      );
    return {
      Count: page.length,
      ...(input.Select !== 'COUNT' && {
        Items: page.map(item => copyOf(project(item, shown, namesOf(input)))),
      }),
      ...(last !== undefined && {
        LastEvaluatedKey: project(last, keyNames, namesOf(input)),
      }),
    };
  }

  #check(item: Attributes | undefined, expressions: Expressions): void {
    const { ConditionExpression: condition } = expressions;
    if (condition === undefined || conditionOf(condition, namesOf(expressions))(item ?? {})) return;
    throw new ConditionalCheckFailedException({ $metadata: {}, message: 'The conditional request failed' });
  }
}

/** Stands between the service and the table: may delay an operation for ever, which is what a crash looks like. */
export type Interceptor = (operation: Operation, act: () => unknown) => Promise<unknown>;

type Answer = (table: TableInMemory, input: never) => unknown;

/** How each command is answered, as far as this service sends it. */
const ANSWERS = new Map<unknown, { kind: Operation['kind']; answer: Answer }>([
  [
    GetCommand,
    { kind: 'read', answer: (table, { Key }: GetCommandInput) => ({ Item: table.get(Key ?? {}) }) },
  ],
  [
    PutCommand,
    { kind: 'write', answer: (table, input: PutCommandInput) => table.put(input.Item ?? {}, input) },
  ],
  [
    UpdateCommand,
    {
      kind: 'write',
      answer: (table, input: UpdateCommandInput) => ({
        Attributes: table.update(input.Key ?? {}, input.UpdateExpression ?? '', input),
      }),
    },
  ],
  [
    DeleteCommand,
    { kind: 'write', answer: (table, input: DeleteCommandInput) => table.delete(input.Key ?? {}, input) },
  ],
  [
    BatchGetCommand,
    {
      kind: 'read',
      answer: (table, { RequestItems }: BatchGetCommandInput) => ({
        Responses: Object.fromEntries(
          Object.entries(RequestItems ?? {}).map(([name, { Keys = [] }]) => [name, table.getAll(Keys)]),
        ),
      }),
    },
  ],
  [
    BatchWriteCommand,
    {
      kind: 'write',
      answer: (table, { RequestItems }: BatchWriteCommandInput) => {
        for (const { PutRequest } of Object.values(RequestItems ?? {}).flat())
          table.put(PutRequest?.Item ?? {}, {});
      },
    },
  ],
  [QueryCommand, { kind: 'read', answer: (table, input: QueryCommandInput) => table.query(input) }],
  [ScanCommand, { kind: 'read', answer: table => ({ Items: [...table.items.values()].map(copyOf) }) }],
]);

/** What DynamoDB says when its throughput is used up, after the SDK has tried again. */
function throttled(type: unknown, input: unknown) {
  if (type === BatchGetCommand) {
    return { Responses: {}, UnprocessedKeys: (input as BatchGetCommandInput).RequestItems };
  }
  if (type === BatchWriteCommand) return { UnprocessedItems: (input as BatchWriteCommandInput).RequestItems };
  const message = 'The level of configured provisioned throughput for the table was exceeded.';
  throw new ProvisionedThroughputExceededException({ $metadata: { httpStatusCode: 400 }, message });
}

/**
 * Makes every DocumentClient of this process use a table in memory. Done by hand: aws-sdk-client-mock keeps each call
 * with its stack, which half a million calls do not fit into.
 *
 * @returns the table, and how to put the clients back
 */
export function standInForTable(intercept: Interceptor = async (_, act) => act()): {
  table: TableInMemory;
  restore: () => void;
} {
  const table = new TableInMemory();
  const client = DynamoDBDocumentClient.prototype as unknown as { send?: unknown };
  client.send = async (command: {
    constructor: unknown;
    input: Expressions & { Key?: Attributes; Item?: Attributes };
  }) => {
    const known = ANSWERS.get(command.constructor);
    if (known === undefined) throw new Error('The table in memory does not know this command.');
    const { input } = command;
    const sk = String((input.Key ?? input.Item)?.sk ?? '');
    const operation = {
      kind: known.kind,
      sk,
      command: (command.constructor as { name: string }).name,
      attributes: Object.values(input.ExpressionAttributeNames ?? {}),
    };
    if (known.kind === 'read') table.read.requests += 1;
    if (table.throttles(operation)) return throttled(command.constructor, input);
    return (await intercept(operation, () => known.answer(table, input as never))) ?? {};
  };
  return {
    table,
    restore: () => {
      // What was inherited is found again.
      delete client.send;
    },
  };
}

/**
 * Gives the test file a table in memory and a key that seals tokens. `test/store` shows that it is like DynamoDB.
 *
 * @returns gives the table, once tests are running
 */
export function useTableInMemory(): () => TableInMemory {
  let standIn: ReturnType<typeof standInForTable> | undefined;
  const folder = mkdtempSync(join(tmpdir(), 'test-key-'));

  beforeAll(() => {
    process.env.TABLE_NAME = 'table-in-memory';
    process.env.TOKEN_KEY_FILE = join(folder, 'token.key');
    writeFileSync(process.env.TOKEN_KEY_FILE, randomBytes(32));
    standIn = standInForTable();
  });

  afterAll(() => {
    standIn?.restore();
    rmSync(folder, { recursive: true });
  });

  return () => {
    if (standIn === undefined) throw new Error('There is no table before the tests are running.');
    return standIn.table;
  };
}
