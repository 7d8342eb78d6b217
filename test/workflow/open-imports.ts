import {
  DescribeExecutionCommand,
  type ExecutionStatus,
  SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import type { Status } from '../../lambdas/domain/statuses.ts';
import { deleteOpenImport, listOpenImports, putOpenImport } from '../../lambdas/store/open-imports.ts';
import { putTokens } from '../../lambdas/store/sealed-tokens.ts';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import { useWorkflowTable } from '../support/service/workflow-table.ts';
import { storeEntity, storeImport } from '../support/table/stored-records.ts';
import { mockedClient } from '../support/test-run/mocked-client.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A table whose open imports are gone after each test, and a Step Functions that stops whatever it is told to. */
export function useOpenImports() {
  const stepFunctions = mockedClient(SFNClient);
  useWorkflowTable();

  beforeEach(() => {
    stepFunctions.reset();
    stepFunctions.on(StopExecutionCommand).resolves({});
    vi.useFakeTimers({ toFake: ['Date'] });
  });

  afterEach(async () => {
    for (const open of await listOpenImports()) {
      await deleteOpenImport(open);
    }
    vi.useRealTimers();
  });

  /** What Step Functions says of every execution: its status, or that there is none. */
  function executionIs(status: ExecutionStatus | undefined): void {
    const missing = Object.assign(new Error('none'), { name: 'ExecutionDoesNotExist' });
    if (status === undefined) stepFunctions.on(DescribeExecutionCommand).rejects(missing);
    else stepFunctions.on(DescribeExecutionCommand).resolves({ status });
  }

  return { stepFunctions, executionIs };
}

/** An open import with one open entity and tokens, as it is this long after it was created. */
export async function openImport(status: Status, age: number) {
  const record = await storeImport(7, { status });
  const entity = await storeEntity(record, { status: status === 'created' ? 'created' : 'started' });
  await putTokens(record, { source: new Secret('sample-source'), destination: new Secret('sample') });
  await putOpenImport(record.id);
  vi.setSystemTime(Date.now() + age);
  return { record, entity };
}

/** What has ended is listed until nobody can write in it any more. */
export async function expectLastLook(): Promise<void> {
  expect(await listOpenImports()).toHaveLength(1);
  vi.setSystemTime(Date.now() + 20 * MINUTE);
  expect(await reconcile({})).toEqual({ closed: [] });
  expect(await listOpenImports()).toEqual([]);
}
