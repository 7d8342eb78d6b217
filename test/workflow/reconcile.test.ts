import { DescribeExecutionCommand, type ExecutionStatus, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { describe, expect, it, vi } from 'vitest';
import type { Status } from '../../lambdas/domain/statuses.ts';
import { getEntity } from '../../lambdas/store/entities.ts';
import { listFailures } from '../../lambdas/store/failures.ts';
import { getImport } from '../../lambdas/store/imports.ts';
import { listOpenImports, putOpenImport } from '../../lambdas/store/open-imports.ts';
import { getTokens, TokensErasedError } from '../../lambdas/store/sealed-tokens.ts';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import { LOCAL_STATE_MACHINE_ARN } from '../../lib/local/local-step-functions.ts';
import { expectLastLook, HOUR, MINUTE, openImport, useOpenImports } from './open-imports.ts';

const { executionIs, stepFunctions } = useOpenImports();

const executionArn = (importId: number) =>
  `${LOCAL_STATE_MACHINE_ARN.replace(':stateMachine:', ':execution:')}:import-${importId}`;

describe('by the clock', () => {
  it.each<[string, Status, number, ExecutionStatus | undefined, Status, string]>([
    ['was never started', 'created', 6 * MINUTE, undefined, 'failed', 'before the workflow was started'],
    ['has a workflow that failed', 'started', 6 * MINUTE, 'FAILED', 'failed', 'failed'],
    [
      'has a workflow that was stopped',
      'started',
      6 * MINUTE,
      'ABORTED',
      'failed',
      'was stopped by somebody',
    ],
    ['has a workflow that timed out', 'started', 6 * MINUTE, 'TIMED_OUT', 'failed', '14 days'],
    ['is open though its workflow succeeded', 'started', 6 * MINUTE, 'SUCCEEDED', 'failed', 'ended'],
    ['has not changed for a day', 'started', 25 * HOUR, 'RUNNING', 'timeout', '24 hours'],
  ])('closes an import that %s', async (_, status, age, execution, expected, words) => {
    const { record, entity } = await openImport(status, age);
    executionIs(execution);

    const { closed } = await reconcile({});

    expect(closed).toEqual([record.id]);
    expect(await getImport(record.id)).toMatchObject({ status: expected, hasFailures: true });
    expect(await getEntity(record.id, entity.id)).toMatchObject({ status: expected, hasFailures: true });
    const [failure] = await listFailures(record.id, entity.id);
    expect(failure?.exceptionMessage).toContain(words);
    await expect(getTokens(record)).rejects.toBeInstanceOf(TokensErasedError);
    await expectLastLook();
  });

  it.each<[string, Status, number, ExecutionStatus | undefined]>([
    ['that is just being created', 'created', 4 * MINUTE, undefined],
    ['that is running', 'started', 6 * MINUTE, 'RUNNING'],
    ['that is slow, but not stale', 'started', 23 * HOUR, 'RUNNING'],
    ['that waits to be redriven', 'started', 6 * MINUTE, 'PENDING_REDRIVE'],
  ])('leaves an import %s alone', async (_, status, age, execution) => {
    const { record } = await openImport(status, age);
    executionIs(execution);

    const { closed } = await reconcile({});

    expect(closed).toEqual([]);
    expect((await getImport(record.id)).status).toBe(status);
    expect(await listOpenImports()).toHaveLength(1);
  });

  it('stops the workflow of a stale import', async () => {
    const { record } = await openImport('started', 25 * HOUR);
    executionIs('RUNNING');

    await reconcile({});

    const [stop] = stepFunctions.commandCalls(StopExecutionCommand);
    expect(stop?.args[0].input.executionArn).toMatch(new RegExp(`:import-${record.id}$`));
  });

  it('stops a stale import before it closes it, and tells the workflow why', async () => {
    const { record } = await openImport('started', 25 * HOUR);
    executionIs('RUNNING');
    let before: Status | undefined;
    stepFunctions.on(StopExecutionCommand).callsFake(async () => {
      before = (await getImport(record.id)).status;
      return {};
    });

    await reconcile({});

    const [stop] = stepFunctions.commandCalls(StopExecutionCommand);
    expect(before).toBe('started');
    expect(stop?.args[0].input).toMatchObject({ error: 'BulkImports::StaleImportError' });
  });

  it('goes on with a stale import that it had no time to close, with the same reason', async () => {
    const { record, entity } = await openImport('started', 25 * HOUR);
    executionIs('RUNNING');
    const [first, second] = [
      { getRemainingTimeInMillis: () => 0 },
      { getRemainingTimeInMillis: () => 60_000 },
    ];

    // Without time it does not even look.
    expect(await reconcile({}, first)).toEqual({ closed: [] });
    stepFunctions.on(DescribeExecutionCommand).resolves({
      status: 'ABORTED',
      error: 'BulkImports::StaleImportError',
      cause: 'Nothing has changed.',
    });
    const { closed } = await reconcile({}, second);

    expect(closed).toEqual([record.id]);
    expect((await getImport(record.id)).status).toBe('timeout');
    const [failure] = await listFailures(record.id, entity.id);
    expect(failure?.exceptionMessage).toContain('24 hours');
  });

  it.each([
    ['leaves one alone', 23 * HOUR, 'started'],
    ['closes one as failed, with both URLs,', 25 * HOUR, 'failed'],
  ] as const)('of another destination %s after %i ms', async (_, age, status) => {
    const { record, entity } = await openImport('started', age);
    vi.stubEnv('DESTINATION_GITLAB_URL', 'https://other.example');
    executionIs('RUNNING');

    const { closed } = await reconcile({});

    vi.unstubAllEnvs();
    expect(closed).toEqual(status === 'failed' ? [record.id] : []);
    expect((await getImport(record.id)).status).toBe(status);
    const failures = await listFailures(record.id, entity.id);
    expect(
      failures.map(({ exceptionClass, exceptionMessage }) => [exceptionClass, exceptionMessage]),
    ).toEqual(
      status === 'failed'
        ? [
            [
              'BulkImports::OtherDestinationError',
              'This import belongs to the destination https://new.example; for 24 hours the service served https://other.example instead. Nothing was sent to https://other.example. Start a new import, at a service for https://new.example.',
            ],
          ]
        : [],
    );
  });

  it('looks at several imports at a time', async () => {
    for (let count = 0; count < 12; count++) await openImport('started', 0);
    vi.setSystemTime(Date.now() + 6 * MINUTE);
    let now = 0;
    let most = 0;
    stepFunctions.on(DescribeExecutionCommand).callsFake(async () => {
      most = Math.max(most, ++now);
      await new Promise(resolve => setTimeout(resolve, 5));
      now--;
      return { status: 'RUNNING' };
    });

    await reconcile({});

    expect(most).toBe(8);
  });

  it('goes on with the others when one import cannot be looked at', async () => {
    const { record: first } = await openImport('started', 0);
    const { record: second } = await openImport('started', 6 * MINUTE);
    executionIs('FAILED');
    stepFunctions
      .on(DescribeExecutionCommand, { executionArn: executionArn(first.id) })
      .rejects(new Error('throttled'));

    const { closed } = await reconcile({});

    expect(closed).toEqual([second.id]);
  });

  it('forgets an import that ended, or was never written', async () => {
    const { record } = await openImport('finished', 0);
    await putOpenImport(999_999);
    vi.setSystemTime(Date.now() + HOUR);

    const { closed } = await reconcile({});

    expect(closed).toEqual([]);
    expect(await listOpenImports()).toEqual([]);
    await expect(getTokens(record)).rejects.toBeInstanceOf(TokensErasedError);
  });
});
