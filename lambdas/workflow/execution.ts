import {
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  type ExecutionStatus,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { awsClientSettings } from '../platform/aws-clients.ts';
import { environment } from '../platform/environment.ts';

let shared: SFNClient | undefined;

/** The Step Functions client of this process, made on first use. */
function stepFunctions(): SFNClient {
  shared ??= new SFNClient(awsClientSettings());
  return shared;
}

/** Name of an import's execution. Deterministic, so that starting twice is starting once. */
export const executionName = (importId: number): string => `import-${importId}`;

/** The input of an import's execution, as JSON. Deterministic, for the same reason. */
export const executionInput = (importId: number): string => JSON.stringify({ importId });

/** Starts the workflow of an import. An execution that exists already counts as started. */
export async function startExecution(importId: number, client = stepFunctions()): Promise<void> {
  try {
    await client.send(
      new StartExecutionCommand({
        stateMachineArn: environment.stateMachineArn(),
        name: executionName(importId),
        input: executionInput(importId),
      }),
    );
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}

const executionArn = (importId: number): string =>
  `${environment.stateMachineArn().replace(':stateMachine:', ':execution:')}:${executionName(importId)}`;

/** The import that an execution's name belongs to; `undefined` for a name of another kind. */
export function importIdOf(name: string): number | undefined {
  const id = /^import-(\d+)$/.exec(name)?.[1];
  return id === undefined ? undefined : Number(id);
}

/** How the workflow of an import is doing; `undefined` when it was never started. */
export async function describeExecution(
  importId: number,
  client = stepFunctions(),
): Promise<{ status: ExecutionStatus; error?: string; cause?: string } | undefined> {
  try {
    const { status, error, cause } = await client.send(
      new DescribeExecutionCommand({ executionArn: executionArn(importId) }),
    );
    if (status === undefined) throw new Error('Step Functions did not tell a status.');
    return { status, ...(error !== undefined && { error }), ...(cause !== undefined && { cause }) };
  } catch (error) {
    if ((error as Error).name === 'ExecutionDoesNotExist') return undefined;
    throw error;
  }
}

/** Stops the workflow of an import, so that nothing waits for hours on a canceled import. No error if it is over. */
export async function stopExecution(
  importId: number,
  why: { error: string; cause: string },
  client = stepFunctions(),
): Promise<void> {
  try {
    await client.send(new StopExecutionCommand({ executionArn: executionArn(importId), ...why }));
  } catch (error) {
    if (
      (error as Error).name !== 'ExecutionDoesNotExist' &&
      (error as Error).name !== 'ValidationException'
    ) {
      throw error;
    }
  }
}
