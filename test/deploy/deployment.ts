import { DescribeTableCommand, DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { BulkImportsClient, type EntityAnswer, type ImportAnswer } from '../../lib/demo/api-client.ts';
import { DESTINATION_TOKEN } from '../../lib/demo/sample-people.ts';
import { ArchiveBucket } from './archive-bucket.ts';
import { ACCOUNT, REGION, type StackOutputs } from './operator.ts';
import { waitUntil } from './wait-until.ts';

/** Far more than an import of the sample groups takes. */
const LONGEST_IMPORT_MS = 120_000;

const runSchema = z.object({ Payload: z.object({ functionName: z.string().optional() }) });

/** The deployed service, as clients see it and as operators do. */
export class Deployment {
  /** Base URL of the HTTP API. */
  readonly endpoint: string;
  readonly client: BulkImportsClient;
  readonly archives: ArchiveBucket;
  readonly #outputs: StackOutputs;
  readonly #signal: AbortSignal;
  readonly #table: DynamoDBClient;
  readonly #stepFunctions: SFNClient;

  constructor(awsUrl: string, outputs: StackOutputs, signal: AbortSignal) {
    this.#outputs = outputs;
    this.#signal = signal;
    this.endpoint = reachable(outputs.Endpoint, awsUrl);
    this.client = new BulkImportsClient(this.endpoint, DESTINATION_TOKEN);
    this.archives = new ArchiveBucket(awsUrl, outputs.ArchivesBucket);
    const options = {
      endpoint: awsUrl,
      region: REGION,
      credentials: { accessKeyId: ACCOUNT, secretAccessKey: 'emulator' },
    };
    this.#table = new DynamoDBClient(options);
    this.#stepFunctions = new SFNClient(options);
  }

  async waitForEnd(importId: number): Promise<ImportAnswer> {
    return waitUntil(
      `import ${importId} to end`,
      async () => {
        const answer = await this.client.getImport(importId);
        return answer.status === 'created' || answer.status === 'started' ? undefined : answer;
      },
      { signal: this.#signal, timeoutMs: LONGEST_IMPORT_MS },
    );
  }

  /** The only entity of an import of one group without subgroups. */
  async onlyEntity(importId: number): Promise<EntityAnswer> {
    const [entity, ...others] = await this.client.listEntities(importId);
    if (entity === undefined || others.length > 0) throw new Error('The import has not exactly one entity.');
    return entity;
  }

  /** Every item of the table, as text that would show a token that is in it, encoded or not. */
  async itemsAsText(): Promise<string> {
    const pages = paginateScan({ client: this.#table }, { TableName: this.#outputs.TableName });
    const texts: string[] = [];
    for await (const { Items = [] } of pages) texts.push(...Items.map(item => JSON.stringify(item)));
    const text = texts.join('\n');
    const decoded = [...text.matchAll(/[\w+/-]{12,}={0,2}/g)].map(([part]) =>
      Buffer.from(part, 'base64').toString('latin1'),
    );
    return [text, ...decoded].join('\n');
  }

  async tableExists(): Promise<boolean> {
    try {
      await this.#table.send(new DescribeTableCommand({ TableName: this.#outputs.TableName }));
      return true;
    } catch (error) {
      if ((error as Error).name === 'ResourceNotFoundException') return false;
      throw error;
    }
  }

  async executionStatus(importId: number): Promise<string | undefined> {
    const executionArn = this.#executionArn(importId);
    return (await this.#stepFunctions.send(new DescribeExecutionCommand({ executionArn }))).status;
  }

  /** Waits, for the API tells the end of an import a moment before its execution has ended. */
  async waitForExecution(importId: number, wanted: string): Promise<void> {
    await waitUntil(
      `the execution of import ${importId} to be ${wanted}`,
      async () => ((await this.executionStatus(importId)) === wanted ? true : undefined),
      { signal: this.#signal },
    );
  }

  /** The execution's input, output and events. */
  async executionAsText(importId: number): Promise<string> {
    const executionArn = this.#executionArn(importId);
    const execution = await this.#stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    const history = await this.#stepFunctions.send(new GetExecutionHistoryCommand({ executionArn }));
    return JSON.stringify([execution, history.events]);
  }

  /** The functions that the executions of an import's entities have called, by their ARNs. */
  async functionsCalled(importId: number): Promise<Set<string>> {
    const sfn = this.#stepFunctions;
    const called = new Set<string>();
    const { mapRuns = [] } = await sfn.send(
      new ListMapRunsCommand({ executionArn: this.#executionArn(importId) }),
    );
    for (const { mapRunArn } of mapRuns) {
      const { executions = [] } = await sfn.send(new ListExecutionsCommand({ mapRunArn }));
      for (const { executionArn } of executions) {
        const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
        for (const { taskSucceededEventDetails: task } of events) {
          if (task?.output === undefined) continue;
          // Each run names who goes on, or itself when there is nothing left.
          const { functionName } = runSchema.parse(JSON.parse(task.output)).Payload;
          if (functionName !== undefined) called.add(functionName);
        }
      }
    }
    return called;
  }

  /** Cancels an import, as its owner does. */
  async cancel(importId: number): Promise<Response> {
    return fetch(`${this.endpoint}/api/v4/bulk_imports/${importId}/cancel`, {
      method: 'POST',
      headers: { 'private-token': DESTINATION_TOKEN },
    });
  }

  /** Does what somebody does who presses "Stop execution" in the console. */
  async stopExecution(importId: number): Promise<void> {
    const executionArn = this.#executionArn(importId);
    await this.#stepFunctions.send(
      new StopExecutionCommand({ executionArn, error: 'Maintenance', cause: 'Stopped by hand' }),
    );
  }

  #executionArn(importId: number): string {
    const machine = this.#outputs.StateMachineArn;
    return `${machine.replace(':stateMachine:', ':execution:')}:import-${importId}`;
  }
}

/**
 * The emulator's address of the API that has no name of its own: `<id>.execute-api.localhost`, as the stack tells it,
 * is resolved by few machines.
 */
function reachable(endpoint: string, awsUrl: string): string {
  const id = /^https?:\/\/(\w+)\.execute-api\./.exec(endpoint)?.[1];
  if (id === undefined) throw new Error(`The output Endpoint is not an HTTP API's: ${endpoint}`);
  return `${awsUrl}/_aws/execute-api/${id}`;
}
