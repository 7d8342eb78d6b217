import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { tableDefinition } from '../../lambdas/store/table-definition.ts';

/** Requests to the table, and the units that DynamoDB bills for them. */
export interface TableWork {
  writes: number;
  reads: number;
  writeUnits: number;
  readUnits: number;
}

type Attributes = Record<string, unknown>;

interface Input {
  ReturnConsumedCapacity?: string;
  Item?: Attributes;
  UpdateExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  RequestItems?: Record<string, { PutRequest?: { Item?: Attributes } }[]>;
}

type Consumed = { CapacityUnits?: number };

interface Command {
  constructor: { name: string };
  input: Input;
}

type Send = (
  this: unknown,
  command: Command,
  ...rest: unknown[]
) => Promise<{ ConsumedCapacity?: Consumed | Consumed[] }>;

const READS = /^(Get|BatchGet|Query|Scan)(Item)?Command$/;
const WRITES = /^(Put|Update|Delete|BatchWrite)(Item)?Command$/;

/**
 * Counts what the AWS clients of this process ask the table for, from now on. The units are the table's own
 * (`ReturnConsumedCapacity`), to which those of the indexes are added, which dynalite does not count. The method is
 * that of all clients, so that it does not matter which of them the service uses.
 */
export function countTableRequests(): TableWork {
  const work = { writes: 0, reads: 0, writeUnits: 0, readUnits: 0 };
  const client = Object.getPrototypeOf(DynamoDBClient.prototype) as { send: Send };
  const { send } = client;
  client.send = async function (command, ...rest) {
    const isRead = READS.test(command.constructor.name);
    if (!isRead && !WRITES.test(command.constructor.name)) return send.call(this, command, ...rest);
    if (isRead) work.reads++;
    else work.writes++;
    command.input.ReturnConsumedCapacity = 'TOTAL';
    try {
      const output = await send.call(this, command, ...rest);
      const units = [output.ConsumedCapacity ?? []].flat().reduce(sumOf, 0);
      if (isRead) work.readUnits += units;
      else work.writeUnits += units + indexUnits(command.input);
      return output;
    } catch (error) {
      // A write whose condition fails is billed as a write.
      if (!isRead) work.writeUnits++;
      throw error;
    }
  };
  return work;
}

const sumOf = (sum: number, { CapacityUnits = 0 }: Consumed) => sum + CapacityUnits;

/** The attributes of each index that are not keys of the table. */
const INDEX_KEYS = tableDefinition.GlobalSecondaryIndexes.map(({ KeySchema }) =>
  KeySchema.map(key => key.AttributeName).filter(
    name => !tableDefinition.KeySchema.some(key => key.AttributeName === name),
  ),
);

/**
 * An item that comes into an index is one write there; one whose key in it changes is two, of the old entry and of the
 * new one. An update that sets such a key counts as a change, also where it sets what was there.
 */
function indexUnits({ Item, UpdateExpression, ExpressionAttributeNames, RequestItems }: Input): number {
  const puts = Item === undefined ? [] : [Item];
  for (const { PutRequest } of Object.values(RequestItems ?? {}).flat()) puts.push(PutRequest?.Item ?? {});
  const ofPuts = puts.reduce(
    (sum, item) => sum + INDEX_KEYS.filter(keys => keys.every(key => key in item)).length,
    0,
  );
  if (UpdateExpression === undefined) return ofPuts;
  const changed = new Set(
    Object.entries(ExpressionAttributeNames ?? {})
      .filter(([name]) => new RegExp(`${name}\\b`).test(UpdateExpression))
      .map(([, attribute]) => attribute),
  );
  return ofPuts + 2 * INDEX_KEYS.filter(keys => keys.some(key => changed.has(key))).length;
}
