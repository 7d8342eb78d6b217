import {
  ExecutionAlreadyExists,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { environment } from '../shared/environment.ts';

let shared: SFNClient | undefined;

/** The Step Functions client of this process, made on first use. */
function stepFunctions(): SFNClient {
  shared ??= new SFNClient({});
  return shared;
}

/** Name of an import's execution. Deterministic, so that starting twice is starting once. */
export const executionName = (importId: number): string => `import-${importId}`;

/** Starts the workflow of an import. An execution that exists already counts as started. */
export async function startExecution(importId: number, client = stepFunctions()): Promise<void> {
  try {
    await client.send(
      new StartExecutionCommand({
        stateMachineArn: environment.stateMachineArn(),
        name: executionName(importId),
        input: JSON.stringify({ importId }),
      }),
    );
  } catch (error) {
    if (!(error instanceof ExecutionAlreadyExists)) throw error;
  }
}

/** Stops the workflow of an import, so that nothing waits for hours on a canceled import. No error if it is over. */
export async function stopExecution(importId: number, client = stepFunctions()): Promise<void> {
  const executionArn = `${environment.stateMachineArn().replace(':stateMachine:', ':execution:')}:${executionName(importId)}`;
  try {
    await client.send(
      new StopExecutionCommand({ executionArn, error: 'Canceled', cause: 'The import was canceled.' }),
    );
  } catch (error) {
    if (
      (error as Error).name !== 'ExecutionDoesNotExist' &&
      (error as Error).name !== 'ValidationException'
    ) {
      throw error;
    }
  }
}
