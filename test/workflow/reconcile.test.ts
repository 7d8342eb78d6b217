import {
  DescribeExecutionCommand,
  type ExecutionStatus,
  SFNClient,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import type { Status } from '../../lambdas/domain/statuses.ts';
import { NOTHING_COUNTED } from '../../lambdas/store/counts.ts';
import { getEntity } from '../../lambdas/store/entities.ts';
import { listFailures } from '../../lambdas/store/failures.ts';
import { getImport } from '../../lambdas/store/imports.ts';
import { deleteOpenImport, listOpenImports, putOpenImport } from '../../lambdas/store/open-imports.ts';
import { getTokens, putTokens, TokensErasedError } from '../../lambdas/store/sealed-tokens.ts';
import { handler as reconcile } from '../../lambdas/workflow/reconcile.ts';
import { LOCAL_STATE_MACHINE_ARN } from '../../lib/local/local-step-functions.ts';
import { collectMetrics, readable } from '../support/service/emitted-metrics.ts';
import { useWorkflowTable } from '../support/service/workflow-table.ts';
import { showProgress } from '../support/table/entity-records.ts';
import { storeEntity, storeImport } from '../support/table/stored-records.ts';
import { mockedClient } from '../support/test-run/mocked-client.ts';

const stepFunctions = mockedClient(SFNClient);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

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

/** An open import with one open entity and tokens, as it is this long after it was created. */
async function openImport(status: Status, age: number) {
  const record = await storeImport(7, { status });
  const entity = await storeEntity(record, { status: status === 'created' ? 'created' : 'started' });
  await putTokens(record, { source: new Secret('sample-source'), destination: new Secret('sample') });
  await putOpenImport(record.id);
  vi.setSystemTime(Date.now() + age);
  return { record, entity };
}

/** What has ended is listed until nobody can write in it any more. */
async function expectLastLook(): Promise<void> {
  expect(await listOpenImports()).toHaveLength(1);
  vi.setSystemTime(Date.now() + 20 * MINUTE);
  expect(await reconcile({})).toEqual({ closed: [] });
  expect(await listOpenImports()).toEqual([]);
}

function executionIs(status: ExecutionStatus | undefined): void {
  const missing = Object.assign(new Error('none'), { name: 'ExecutionDoesNotExist' });
  if (status === undefined) stepFunctions.on(DescribeExecutionCommand).rejects(missing);
  else stepFunctions.on(DescribeExecutionCommand).resolves({ status });
}

const executionArn = (importId: number) =>
  `${LOCAL_STATE_MACHINE_ARN.replace(':stateMachine:', ':execution:')}:import-${importId}`;

function statusChange(name: string, status: string, details = {}) {
  return {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    detail: { name, status, ...details },
  };
}

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

  describe('an import that waits as it was told', () => {
    const lines = collectMetrics('imports');

    /** Its first page was never read: only its tracker and what it waits for were written. */
    async function openWaiting(seconds: number) {
      const open = await openImport('started', 0);
      const now = Date.now();
      await showProgress(open.entity, 'labels', {
        counts: NOTHING_COUNTED,
        waiting: {
          waitsFor: 'limit',
          instance: 'destination',
          reason: '429 Retry later',
          since: new Date(now).toISOString(),
          until: new Date(now + 1000 * seconds).toISOString(),
        },
      });
      executionIs('RUNNING');
      return open;
    }

    /** What the alarm is told after this time. */
    async function standstillAfter(age: number) {
      vi.setSystemTime(Date.now() + age);
      lines.length = 0;
      await reconcile({});
      return readable(lines).filter(metric => metric.startsWith('LongestStandstill'));
    }

    it('does not stand still before its time, and does from then on', async () => {
      await openWaiting(2 * 3600);

      expect(await standstillAfter(HOUR)).toEqual(['LongestStandstill{}: 0']);
      expect(await standstillAfter(90 * MINUTE)).toEqual(['LongestStandstill{}: 1800']);
    });

    it('is stale a day after its time, and not a day after its last change', async () => {
      const { record } = await openWaiting(6 * 3600);
      vi.setSystemTime(Date.now() + 25 * HOUR);

      expect(await reconcile({})).toEqual({ closed: [] });
      vi.setSystemTime(Date.now() + 5 * HOUR);
      expect(await reconcile({})).toEqual({ closed: [record.id] });
    });
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

  describe('at a service that is not always on', () => {
    /** Lets time pass in which the service works, looking at its imports each quarter of an hour. */
    async function work(hours: number): Promise<number[]> {
      const closed: number[] = [];
      for (let quarter = 0; quarter < 4 * hours; quarter++) {
        vi.setSystemTime(Date.now() + 15 * MINUTE);
        closed.push(...(await reconcile({ workedMs: 15 * MINUTE })).closed);
      }
      return closed;
    }

    it('does not give up an import for which nobody could work for 25 hours', async () => {
      const { record } = await openImport('started', 25 * HOUR);
      executionIs('RUNNING');

      // The first look after a start or after a sleep.
      expect(await reconcile({ workedMs: 0 })).toEqual({ closed: [] });

      expect(await work(23)).toEqual([]);
      expect((await getImport(record.id)).status).toBe('started');
    });

    it('adds up what it worked between its pauses, so that what stands still ends', async () => {
      const { record } = await openImport('started', 0);
      executionIs('RUNNING');
      const closed: number[] = [];
      for (let day = 0; day < 4; day++) {
        expect(closed).toEqual([]);
        closed.push(...(await work(7)));
        vi.setSystemTime(Date.now() + 17 * HOUR);
        closed.push(...(await reconcile({ workedMs: 0 })).closed);
      }

      expect(closed).toEqual([record.id]);
      expect((await getImport(record.id)).status).toBe('timeout');
    });

    it('begins anew with each change', async () => {
      const { record, entity } = await openImport('started', 0);
      executionIs('RUNNING');
      await work(23);
      await showProgress(entity, 'labels', { counts: { ...NOTHING_COUNTED, source: 1 }, waiting: null });

      expect(await work(23)).toEqual([]);
      expect(await work(2)).toEqual([record.id]);
    });
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

describe('after an execution that ended', () => {
  it.each([
    ['FAILED', 'failed'],
    ['TIMED_OUT', '14 days'],
    ['ABORTED', 'stopped by somebody'],
  ])('%s closes its import at once, with the cause', async (status, words) => {
    const { record, entity } = await openImport('started', 0);

    const { closed } = await reconcile(
      statusChange(`import-${record.id}`, status, { error: 'States.Runtime', cause: 'too many events' }),
    );

    expect(closed).toEqual([record.id]);
    expect((await getImport(record.id)).status).toBe('failed');
    const [failure] = await listFailures(record.id, entity.id);
    expect(failure?.exceptionMessage).toContain(words);
    expect(failure?.exceptionMessage).toContain('States.Runtime: too many events');
  });

  it('leaves a canceled import canceled', async () => {
    const { record } = await openImport('canceled', 0);

    const { closed } = await reconcile(statusChange(`import-${record.id}`, 'ABORTED'));

    expect(closed).toEqual([]);
    expect((await getImport(record.id)).status).toBe('canceled');
    await expectLastLook();
  });

  it('that was stopped because its import was stale ends it as such', async () => {
    const { record } = await openImport('started', 0);
    const details = { error: 'BulkImports::StaleImportError', cause: 'Nothing has changed.' };

    await reconcile(statusChange(`import-${record.id}`, 'ABORTED', details));

    expect((await getImport(record.id)).status).toBe('timeout');
  });

  it('that was stopped because of another destination says so', async () => {
    const { record, entity } = await openImport('started', 0);
    const details = { error: 'BulkImports::OtherDestinationError', cause: 'It belongs to another.' };

    await reconcile(statusChange(`import-${record.id}`, 'ABORTED', details));

    expect((await getImport(record.id)).status).toBe('failed');
    expect(await listFailures(record.id, entity.id)).toMatchObject([
      { exceptionClass: details.error, exceptionMessage: details.cause },
    ]);
  });

  it.each(['import-999999', 'something-else', 'import-x'])('ignores the execution %s', async name => {
    expect(await reconcile(statusChange(name, 'FAILED'))).toEqual({ closed: [] });
  });
});
