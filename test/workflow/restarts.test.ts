import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { getImport } from '../../lambdas/store/imports.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { GROUPS_LANE, LANE_VARIABLES, LocalFunctions } from '../../lib/local/functions.ts';
import { LOCAL_STATE_MACHINE_ARN } from '../../lib/local/local-step-functions.ts';
import { WorkflowEngine } from '../../lib/local/workflow-engine.ts';
import { requestsTo, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import { until } from '../support/service/bulk-imports-client.ts';
import { post } from '../support/service/posting.ts';
import { startDestination, startSource, temporaryFolder } from '../support/service/service.ts';
import { ExecutionsInMemory } from '../support/service/state-machine-in-memory.ts';
import { listTrackers } from '../support/table/entity-records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { mockedClient } from '../support/test-run/mocked-client.ts';

useTableInMemory();

const stepFunctions = mockedClient(SFNClient);
let source: SampleGitLab;
let destination: SampleGitLab;
let functions: LocalFunctions;

beforeAll(async () => {
  destination = await startDestination();
  source = await startSource();
  source.addGroup({
    name: 'Acme',
    path: 'acme',
    members: [{ username: 'sofia', accessLevel: 50 }],
    labels: [{ title: 'bug', color: '#ff0000' }],
  });
  const keyFile = join(await temporaryFolder(), 'token.key');
  writeFileSync(keyFile, randomBytes(32));
  Object.assign(process.env, {
    TOKEN_KEY_FILE: keyFile,
    STATE_MACHINE_ARN: LOCAL_STATE_MACHINE_ARN,
    DESTINATION_GITLAB_URL: destination.url,
    ALLOW_PRIVATE_NETWORKS: 'true',
    ...LANE_VARIABLES,
  });
  functions = await LocalFunctions.load();
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterAll(() => {
  vi.useRealTimers();
  stepFunctions.restore();
});

it('a service that is started ten times while a GitLab wants to be left alone asks it once more, after that', async () => {
  const executions = new ExecutionsInMemory();
  /** The calls that the present engine has made and got an answer to, in turn. */
  let answered: { name: string; status: unknown }[] = [];
  const start = (options = {}) => {
    const calls: typeof answered = [];
    answered = calls;
    const invoke = async (name: string, event: unknown) => {
      const result = await functions.invoke(name, event);
      calls.push({ name, status: (result as { status?: unknown } | undefined)?.status });
      return result;
    };
    return new WorkflowEngine(executions, { invoke }, options);
  };
  let engine = start();
  stepFunctions
    .on(StartExecutionCommand)
    .callsFake(({ name, input }) => engine.start(name, input).then(() => ({})));
  /** Until both groups of the import wait, and nothing else is left to do in their stage. */
  const untilBothWait = () =>
    until('both to wait', () => {
      const runs = answered.filter(({ name }) => name === GROUPS_LANE);
      return (runs.length === 2 && runs.every(({ status }) => status === 'wait')) || undefined;
    });
  const lists = { method: 'GET', path: '/badges' } as const;
  setFault(source, lists, throttled(600));

  const answer = await post(source.url, { call: (_, act) => act() });
  await untilBothWait();
  const importId = answer?.id ?? 0;
  const asked = requestsTo(source, lists).length;
  const all = () => source.requests.length + destination.requests.length;
  const before = all();
  for (let restart = 0; restart < 10; restart++) {
    engine.halt();
    vi.setSystemTime(Date.now() + 55_000);
    engine = start();
    engine.resume();
    await untilBothWait();
  }
  const whileWaiting = all();
  source.onRequest = undefined;
  engine.halt();
  vi.setSystemTime(Date.now() + 50_000);
  engine = start({ withoutWaits: true });
  engine.resume();
  await until('the end', async () => (await getImport(importId)).status === 'finished' || undefined);

  expect([answer?.status, asked]).toEqual([201, 2]);
  expect(whileWaiting).toBe(before);
  // One for each of the two groups.
  expect(requestsTo(source, lists)).toHaveLength(asked + 2);
  expect(destination.group('imported/one')?.labels).toHaveLength(1);
  const trackers = await listTrackers(importId, 1);
  expect(trackers.find(({ pipeline }) => pipeline === 'badges')).toMatchObject({ status: 'finished' });
});
