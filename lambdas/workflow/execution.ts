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
import type { Import } from '../store/imports.ts';

let shared: SFNClient | undefined;

/** The Step Functions client of this process, made on first use. */
function stepFunctions(): SFNClient {
  shared ??= new SFNClient(awsClientSettings());
  return shared;
}

/** Which execution of an import is meant: each attempt has one of its own. */
export type Attempt = Pick<Import, 'id' | 'attempt'>;

/** Name of an attempt's execution: `import-42`, then `import-42-2`. Deterministic, so that starting twice is starting once. */
export const executionName = ({ id, attempt }: Attempt): string =>
  attempt === 1 ? `import-${id}` : `import-${id}-${attempt}`;

/** The input of an attempt's execution, as JSON. Deterministic, for the same reason. */
export const executionInput = ({ id, attempt }: Attempt): string => JSON.stringify({ importId: id, attempt });

/** Starts the workflow of an import. An execution that exists already counts as started. */
export async function startExecution(of: Attempt, client = stepFunctions()): Promise<void> {
  try {
    await client.send(
      new StartExecutionCommand({
        stateMachineArn: environment.stateMachineArn(),
        name: executionName(of),
        input: executionInput(of),
      }),
    );
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}

const executionArn = (of: Attempt): string =>
  `${environment.stateMachineArn().replace(':stateMachine:', ':execution:')}:${executionName(of)}`;

/** The attempt that an execution's name belongs to; `undefined` for a name of another kind. */
export function attemptOf(name: string): Attempt | undefined {
  const [, id, attempt = '1'] = /^import-(\d+)(?:-(\d+))?$/.exec(name) ?? [];
  return id === undefined ? undefined : { id: Number(id), attempt: Number(attempt) };
}

/** How the workflow of an import is doing; `undefined` when it was never started. */
export async function describeExecution(
  of: Attempt,
  client = stepFunctions(),
): Promise<{ status: ExecutionStatus; error?: string; cause?: string } | undefined> {
  try {
    const { status, error, cause } = await client.send(
      new DescribeExecutionCommand({ executionArn: executionArn(of) }),
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
  of: Attempt,
  why: { error: string; cause: string },
  client = stepFunctions(),
): Promise<void> {
  try {
    await client.send(new StopExecutionCommand({ executionArn: executionArn(of), ...why }));
  } catch (error) {
    if (
      (error as Error).name !== 'ExecutionDoesNotExist' &&
      (error as Error).name !== 'ValidationException'
    ) {
      throw error;
    }
  }
}
