import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  ExecutionDoesNotExist,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { beforeAll, describe, expect, it } from 'vitest';
import { awsClientSettings } from '../../lambdas/platform/aws-clients.ts';
import { ExecutionStore } from '../../lib/local/executions.ts';
import { LocalFunctions } from '../../lib/local/functions.ts';
import { LOCAL_STATE_MACHINE_ARN, serveStepFunctions } from '../../lib/local/local-step-functions.ts';
import { WorkflowEngine } from '../../lib/local/workflow-engine.ts';
import { until } from '../support/service/bulk-imports-client.ts';
import { temporaryFolder } from '../support/service/service.ts';
import { setWorkflowEnvironment } from '../support/service/workflow-table.ts';
import { storeImport } from '../support/table/stored-records.ts';
import { useTestTable } from '../support/table/test-table.ts';

useTestTable();

let client: SFNClient;
let engine: WorkflowEngine;
let folder: string;
beforeAll(async () => {
  setWorkflowEnvironment();
  folder = join(await temporaryFolder(), 'executions');
  engine = new WorkflowEngine(await ExecutionStore.open(folder), await LocalFunctions.load());
  const withdraw = serveStepFunctions(engine);
  client = new SFNClient(awsClientSettings());
  return () => {
    engine.halt();
    client.destroy();
    withdraw();
  };
});

const arnOf = (name: string) => `arn:aws:states:us-east-1:000000000000:execution:import:${name}`;

function start(name: string, importId: number) {
  const input = JSON.stringify({ importId });
  return client.send(new StartExecutionCommand({ stateMachineArn: LOCAL_STATE_MACHINE_ARN, name, input }));
}

const describeExecution = (name: string) =>
  client.send(new DescribeExecutionCommand({ executionArn: arnOf(name) }));

/** The first step fails for an import that does not exist and is tried again after seconds, so it runs for a while. */
const NO_SUCH_IMPORT = 999;

describe('an execution', () => {
  it('that is started is described as running, with its input', async () => {
    const started = await start('running', NO_SUCH_IMPORT);

    expect(started).toMatchObject({ executionArn: arnOf('running'), startDate: expect.any(Date) });
    expect(await describeExecution('running')).toMatchObject({
      name: 'running',
      status: 'RUNNING',
      stateMachineArn: LOCAL_STATE_MACHINE_ARN,
      input: `{"importId":${NO_SUCH_IMPORT}}`,
      startDate: started.startDate,
    });
  });

  it('can be started again with the same input while it runs, which starts nothing', async () => {
    const first = await start('twice', NO_SUCH_IMPORT);
    const second = await start('twice', NO_SUCH_IMPORT);

    expect(second).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
  });

  it('cannot be started with another input while it runs', async () => {
    await start('other-input', NO_SUCH_IMPORT);

    await expect(start('other-input', NO_SUCH_IMPORT + 1)).rejects.toThrow(ExecutionAlreadyExists);
  });

  it('that is stopped says why, and cannot be started again', async () => {
    await start('stopped', NO_SUCH_IMPORT);

    const { stopDate } = await client.send(
      new StopExecutionCommand({
        executionArn: arnOf('stopped'),
        error: 'Canceled',
        cause: 'Nobody wants it.',
      }),
    );

    expect(stopDate).toBeInstanceOf(Date);
    expect(await describeExecution('stopped')).toMatchObject({
      status: 'ABORTED',
      error: 'Canceled',
      cause: 'Nobody wants it.',
      stopDate,
    });
    await expect(start('stopped', NO_SUCH_IMPORT)).rejects.toThrow(ExecutionAlreadyExists);
  });

  it('that has come to its end has succeeded, is not changed by a stop and cannot be started again', async () => {
    const { id } = await storeImport(7);
    await start('ended', id);
    await until('the end', async () =>
      (await describeExecution('ended')).status === 'RUNNING' ? undefined : true,
    );

    await client.send(new StopExecutionCommand({ executionArn: arnOf('ended') }));

    expect(await describeExecution('ended')).toMatchObject({ status: 'SUCCEEDED' });
    await expect(start('ended', id)).rejects.toThrow(ExecutionAlreadyExists);
  });

  it('that nobody started does not exist', async () => {
    await expect(describeExecution('unknown')).rejects.toThrow(ExecutionDoesNotExist);
    await expect(client.send(new StopExecutionCommand({ executionArn: arnOf('unknown') }))).rejects.toThrow(
      ExecutionDoesNotExist,
    );
  });
});

it('an operation that the service does not need is refused by name', async () => {
  const command = new ListExecutionsCommand({ stateMachineArn: LOCAL_STATE_MACHINE_ARN });

  await expect(client.send(command)).rejects.toThrow("This machine does not know 'ListExecutions'.");
});

it('executions are on disk, one whole file each', async () => {
  await start('on-disk', NO_SUCH_IMPORT);

  const files = await readdir(folder);
  const stored = JSON.parse(await readFile(join(folder, 'on-disk.json'), 'utf8'));

  // Another execution's file may be just being written.
  expect(files.filter(file => !/\.json(\.new)?$/.test(file))).toEqual([]);
  expect(stored).toMatchObject({ name: 'on-disk', status: 'RUNNING' });
  expect((await ExecutionStore.open(folder)).running().map(({ name }) => name)).toContain('on-disk');
});

it('a halt leaves executions running on disk, and a resume runs them again', async () => {
  const { id } = await storeImport(7);
  const states: string[] = [];
  await start('halted', id);
  engine.halt();
  expect((await describeExecution('halted')).status).toBe('RUNNING');

  engine.observer = state => states.push(state);
  engine.resume();
  await until('the end', async () =>
    (await describeExecution('halted')).status === 'RUNNING' ? undefined : true,
  );

  expect((await describeExecution('halted')).status).toBe('SUCCEEDED');
  expect(states).toEqual(expect.arrayContaining(['Start import', 'Choose entities', 'Finish import']));
});
