import { AwsError, serveInProcess } from './aws-in-process.ts';
import type { Execution } from './executions.ts';
import type { WorkflowEngine } from './workflow-engine.ts';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';

/** ARN of the one state machine that runs here. */
export const LOCAL_STATE_MACHINE_ARN = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:import`;

const executionArn = (name: string) => `arn:aws:states:${REGION}:${ACCOUNT}:execution:import:${name}`;

type Input = Record<string, unknown>;

/**
 * The part of the Step Functions API that the service uses, for the clients of this process. Nobody else on this machine
 * can start, stop or read an execution.
 *
 * @returns takes it back
 */
export function serveStepFunctions(engine: WorkflowEngine): () => void {
  return serveInProcess('AWSStepFunctions', (action, input) => act(engine, action, input));
}

async function act(engine: WorkflowEngine, action: string, input: Input): Promise<unknown> {
  switch (action) {
    case 'StartExecution': {
      const name = String(input.name);
      if (!(await engine.start(name, String(input.input ?? '{}')))) {
        throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn(name)}'`);
      }
      return { executionArn: executionArn(name), startDate: seconds(engine.describe(name)?.startDate) };
    }
    case 'StopExecution': {
      const { name } = find(engine, input.executionArn);
      await engine.abort(name, textOf(input.error), textOf(input.cause));
      return { stopDate: seconds(engine.describe(name)?.stopDate) };
    }
    case 'DescribeExecution': {
      const { startDate, stopDate, ...execution } = find(engine, input.executionArn);
      return {
        ...execution,
        executionArn: executionArn(execution.name),
        stateMachineArn: LOCAL_STATE_MACHINE_ARN,
        startDate: seconds(startDate),
        ...(stopDate !== undefined && { stopDate: seconds(stopDate) }),
      };
    }
    default:
      throw new AwsError('UnknownOperationException', `This machine does not know '${action}'.`);
  }
}

function find(engine: WorkflowEngine, executionArn: unknown): Execution {
  const arn = String(executionArn);
  const execution = engine.describe(arn.slice(arn.lastIndexOf(':') + 1));
  if (execution === undefined) {
    throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }
  return execution;
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

const seconds = (milliseconds = 0) => milliseconds / 1000;
