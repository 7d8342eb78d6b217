import {
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Execution } from '../../../lib/local/executions.ts';
import { LANE_VARIABLES } from '../../../lib/local/functions.ts';
import { LOCAL_STATE_MACHINE_ARN } from '../../../lib/local/local-step-functions.ts';
import type { Executions, WorkflowEngine } from '../../../lib/local/workflow-engine.ts';
import { mockedClient } from '../test-run/mocked-client.ts';

/** The environment of a whole service in this process whose table is in memory, and whose GitLabs are on this machine. */
export function setServiceEnvironment(keyFile: string, others: Record<string, string> = {}): void {
  Object.assign(process.env, {
    TABLE_NAME: 'table-in-memory',
    TOKEN_KEY_FILE: keyFile,
    STATE_MACHINE_ARN: LOCAL_STATE_MACHINE_ARN,
    ALLOW_PRIVATE_NETWORKS: 'true',
    IMPORTS_PER_MINUTE: '1000',
    ...LANE_VARIABLES,
    ...others,
  });
}

/** Makes every client of Step Functions in this process use the engine. @returns how to put the clients back */
export function standInForStepFunctions(engine: () => WorkflowEngine): () => void {
  const stepFunctions = mockedClient(SFNClient);
  stepFunctions.on(StartExecutionCommand).callsFake(({ name, input }) =>
    engine()
      .start(name, input)
      .then(() => ({})),
  );
  stepFunctions.on(DescribeExecutionCommand).callsFake(({ executionArn }) => {
    const execution = engine().describe(nameOf(executionArn));
    if (execution !== undefined) return execution;
    throw Object.assign(new Error('Execution Does Not Exist'), { name: 'ExecutionDoesNotExist' });
  });
  stepFunctions.on(StopExecutionCommand).callsFake(({ executionArn, error, cause }) =>
    engine()
      .abort(nameOf(executionArn), error, cause)
      .then(() => ({})),
  );
  return () => stepFunctions.restore();
}

const nameOf = (arn: string) => arn.slice(arn.lastIndexOf(':') + 1);

/** Executions that outlive their engine, as those on disk do. */
export class ExecutionsInMemory implements Executions {
  readonly #executions = new Map<string, Execution>();

  get(name: string): Execution | undefined {
    return this.#executions.get(name);
  }

  running(): Execution[] {
    return [...this.#executions.values()].filter(({ status }) => status === 'RUNNING');
  }

  async put(execution: Execution): Promise<void> {
    this.#executions.set(execution.name, execution);
  }

  /** Forgets all that have ended, as Step Functions does after 90 days. */
  forgetEnded(): void {
    for (const { name, status } of [...this.#executions.values()])
      if (status !== 'RUNNING') this.#executions.delete(name);
  }

  /** Loses all that are running, as if their files could not be read any more. */
  lose(): void {
    for (const { name } of this.running()) this.#executions.delete(name);
  }
}
