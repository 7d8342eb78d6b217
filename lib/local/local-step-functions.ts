import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Execution } from './executions.ts';
import type { WorkflowEngine } from './workflow-engine.ts';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';

/** ARN of the one state machine that runs here. */
export const LOCAL_STATE_MACHINE_ARN = `arn:aws:states:${REGION}:${ACCOUNT}:stateMachine:import`;

const executionArn = (name: string) => `arn:aws:states:${REGION}:${ACCOUNT}:execution:import:${name}`;

type Input = Record<string, string | undefined>;

/** An error as the AWS JSON protocol sends it. */
class ServiceError extends Error {
  readonly type: string;

  constructor(type: string, message: string) {
    super(message);
    this.type = type;
  }
}

/**
 * The part of the Step Functions API that the service uses, over the protocol that the AWS SDK speaks, so that no
 * handler knows that the workflow runs in this process.
 */
export class StepFunctionsServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Starts a server for an engine. */
  static async start(engine: WorkflowEngine): Promise<StepFunctionsServer> {
    const server = createServer(async (request, response) => {
      const action = String(request.headers['x-amz-target'] ?? '').split('.')[1] ?? '';
      let status = 200;
      let body: unknown;
      try {
        body = await act(engine, action, JSON.parse(await text(request)) as Input);
      } catch (error) {
        status = error instanceof ServiceError ? 400 : 500;
        const type = error instanceof ServiceError ? error.type : 'InternalFailure';
        body = { __type: type, message: (error as Error).message };
      }
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return new StepFunctionsServer(server);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => this.#server.close(resolve));
  }
}

async function act(engine: WorkflowEngine, action: string, input: Input): Promise<unknown> {
  switch (action) {
    case 'StartExecution': {
      const name = input.name ?? '';
      if (!(await engine.start(name, input.input ?? '{}'))) {
        throw new ServiceError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn(name)}'`);
      }
      return { executionArn: executionArn(name), startDate: seconds(engine.describe(name)?.startDate) };
    }
    case 'StopExecution': {
      const { name } = find(engine, input.executionArn);
      await engine.abort(name, input.error, input.cause);
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
      throw new ServiceError('UnknownOperationException', `This machine does not know '${action}'.`);
  }
}

function find(engine: WorkflowEngine, arn = ''): Execution {
  const execution = engine.describe(arn.slice(arn.lastIndexOf(':') + 1));
  if (execution === undefined) {
    throw new ServiceError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
  }
  return execution;
}

const seconds = (milliseconds = 0) => milliseconds / 1000;
