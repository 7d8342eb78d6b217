import {
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockedClient } from '../test-run/mocked-client.ts';

/** Step Functions as far as it is asked whether an execution runs: none of them does anything. */
export class ExecutionsStandIn {
  /** By name. */
  readonly statuses = new Map<string, 'RUNNING' | 'ABORTED'>();
  readonly #stepFunctions = mockedClient(SFNClient);

  constructor() {
    const nameOf = (arn = '') => arn.slice(arn.lastIndexOf(':') + 1);
    this.#stepFunctions.on(StartExecutionCommand).callsFake(({ name }) => {
      this.statuses.set(name, this.statuses.get(name) ?? 'RUNNING');
      return {};
    });
    this.#stepFunctions.on(DescribeExecutionCommand).callsFake(({ executionArn }) => {
      const status = this.statuses.get(nameOf(executionArn));
      if (status !== undefined) return { status };
      throw Object.assign(new Error('Execution Does Not Exist'), { name: 'ExecutionDoesNotExist' });
    });
    this.#stepFunctions.on(StopExecutionCommand).callsFake(({ executionArn }) => {
      const name = nameOf(executionArn);
      if (this.statuses.has(name)) this.statuses.set(name, 'ABORTED');
      return {};
    });
  }

  restore(): void {
    this.#stepFunctions.restore();
  }
}
