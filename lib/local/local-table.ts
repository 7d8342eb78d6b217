import { setTimeout as pause } from 'node:timers/promises';
import { CreateTableCommand, DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Store } from 'dynalite/db/index.js';
import { awsClientSettings } from '../../lambdas/platform/aws-clients.ts';
import { tableDefinition } from '../../lambdas/store/table-definition.ts';
import { AwsError, serveInProcess } from './aws-in-process.ts';
import { Database } from './database.ts';
import { StartError } from './start-error.ts';

/** The operations that the service and its tests use. */
const ACTIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DescribeTable',
  'GetItem',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
] as const;

type Operation = (store: Store, input: object) => Promise<unknown>;

/** An error of dynalite that is a response of DynamoDB. */
interface Refusal extends Error {
  statusCode?: number;
  body?: { __type: string; message?: string; Message?: string };
}

/**
 * DynamoDB on this machine: dynalite without its HTTP server, which answers anybody on this machine and any page in a
 * browser, and ends the process when a connection breaks off. The clients of this process reach it, and nobody else.
 */
export class LocalTable {
  readonly #database: Database;
  readonly #withdraw: () => void;

  private constructor(database: Database, withdraw: () => void) {
    this.#database = database;
    this.#withdraw = withdraw;
  }

  /** How many reads of ranges the database keeps open; 0 whenever nothing is being read. */
  get openIterators(): number {
    return this.#database.openIterators;
  }

  /**
   * Opens the table, makes it unless it is there, and has the AWS clients of this process use it.
   *
   * @param path folder of the data; in memory without one
   * @throws StartError when it cannot be opened
   */
  static async open(tableName: string, path?: string): Promise<LocalTable> {
    const [database, operations] = await Promise.all([Database.open(path), loadOperations()]);
    const withdraw = serveInProcess('DynamoDB_20120810', async (action, input) => {
      const operation = operations.get(action);
      if (operation === undefined) {
        throw new AwsError('UnknownOperationException', `This machine does not know '${action}'.`);
      }
      return database.use(store => operation(store, input));
    });
    try {
      await makeTable(tableName, path);
      return new LocalTable(database, withdraw);
    } catch (error) {
      withdraw();
      await database.close();
      throw error;
    }
  }

  /** Whether files could not be written, a full disk as a rule, and nothing can be done until they can. */
  get isBlocked(): boolean {
    return this.#database.isBlocked;
  }

  /** Closes the table and its files. */
  async close(): Promise<void> {
    this.#withdraw();
    await this.#database.close();
  }
}

/** A table is made in no time. One that is not had its start killed in that moment, and holds nothing. */
const MAKING_MS = 3_000;

async function makeTable(tableName: string, path = ''): Promise<void> {
  const client = new DynamoDBClient(awsClientSettings());
  try {
    await client.send(new CreateTableCommand({ TableName: tableName, ...tableDefinition }));
  } catch (error) {
    if ((error as Error).name !== 'ResourceInUseException') throw error;
  }
  for (const giveUp = Date.now() + MAKING_MS; ; await pause(5)) {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
    if (Table?.TableStatus === 'ACTIVE') return;
    if (Date.now() > giveUp) {
      throw new StartError(
        `The table in ${path} was never completed and is empty. Remove ${path}, and start again.`,
      );
    }
  }
}

async function loadOperations(): Promise<Map<string, Operation>> {
  const { default: validations } = await import('dynalite/validations/index.js');
  const loaded = ACTIONS.map(async name => {
    const file = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
    const [{ default: rules }, { default: act }] = await Promise.all([
      import(`dynalite/validations/${file}.js`),
      import(`dynalite/actions/${file}.js`),
    ]);
    const operation: Operation = (store, input) =>
      new Promise((resolve, reject) => {
        const data = validations.checkTypes(input, rules.types);
        validations.checkValidations(data, rules.types, rules.custom, store);
        act(store, data, (error: Error | null, output: unknown) => (error ? reject(error) : resolve(output)));
      });
    return [name, async (store: Store, input: object) => operation(store, input).catch(passOn)] as const;
  });
  return new Map(await Promise.all(loaded));
}

function passOn(error: Refusal): never {
  const { body } = error;
  if (error.statusCode === undefined || body === undefined) throw error;
  throw new AwsError(body.__type, body.message ?? body.Message ?? '');
}
