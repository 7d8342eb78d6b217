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
 * Of so many requests one is asked for its units: dynalite computes them, and to ask all of them took 10 % of the CPU of
 * the service. With the 2,800 writes of 200 groups the sum is known to some 4 %, and the costs to less than 1 %.
 */
const ONE_IN = 8;

/**
 * Counts what the AWS clients of this process ask the table for, from now on. The units are the table's own
 * (`ReturnConsumedCapacity`), by a sample, and those of the indexes, which dynalite does not count. The method is that of
 * all clients, so that it does not matter which of them the service uses.
 *
 * @returns the requests so far
 */
export function countTableRequests(oneIn = ONE_IN): () => TableWork {
  const reads = new Counter(oneIn);
  const writes = new Counter(oneIn);
  let indexWrites = 0;
  const client = Object.getPrototypeOf(DynamoDBClient.prototype) as { send: Send };
  const { send } = client;
  client.send = async function (command, ...rest) {
    const isRead = READS.test(command.constructor.name);
    if (!isRead && !WRITES.test(command.constructor.name)) return send.call(this, command, ...rest);
    const counter = isRead ? reads : writes;
    const isAsked = counter.count();
    if (isAsked) command.input.ReturnConsumedCapacity = 'TOTAL';
    try {
      const output = await send.call(this, command, ...rest);
      if (isAsked) counter.sample([output.ConsumedCapacity ?? []].flat().reduce(sumOf, 0));
      if (!isRead) indexWrites += indexUnits(command.input);
      return output;
    } catch (error) {
      // A write whose condition fails is billed as a write.
      if (isAsked) counter.sample(1);
      throw error;
    }
  };
  return () => ({
    ...{ reads: reads.requests, readUnits: reads.units },
    ...{ writes: writes.requests, writeUnits: writes.units + indexWrites },
  });
}

const sumOf = (sum: number, { CapacityUnits = 0 }: Consumed) => sum + CapacityUnits;

/** Counts requests of one kind, and estimates their units by a sample. */
class Counter {
  requests = 0;
  readonly #oneIn: number;
  #sampled = 0;
  #units = 0;

  constructor(oneIn: number) {
    this.#oneIn = oneIn;
  }

  get units(): number {
    return this.#sampled === 0 ? 0 : (this.requests * this.#units) / this.#sampled;
  }

  /** @returns whether this one is in the sample: at random, since what a group asks for repeats with each group */
  count(): boolean {
    return this.requests++ === 0 || Math.random() * this.#oneIn < 1;
  }

  sample(units: number): void {
    this.#sampled++;
    this.#units += units;
  }
}

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
  const aliases = Object.entries(ExpressionAttributeNames ?? {});
  const isSet = (key: string) =>
    aliases.some(([alias, name]) => name === key && new RegExp(`${alias}\\b`).test(UpdateExpression));
  return ofPuts + 2 * INDEX_KEYS.filter(keys => keys.some(isSet)).length;
}
