import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { mockClient } from 'aws-sdk-client-mock';
import { vi } from 'vitest';
import { forgetTokens } from '../../lambdas/api/token-checks.ts';
import { forgetPeople } from '../../lambdas/pipelines/people.ts';
import { time } from '../../lambdas/shared/time.ts';
import { RECONCILE } from '../../lambdas/workflow/steps.ts';
import { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import type { Execution } from '../../lib/local/executions.ts';
import { LocalFunctions, pipelineFunctions } from '../../lib/local/functions.ts';
import { LOCAL_STATE_MACHINE_ARN } from '../../lib/local/local-step-functions.ts';
import { type Executions, WorkflowEngine } from '../../lib/local/workflow-engine.ts';
import { standInForTable, type TableInMemory } from '../support/table-in-memory.ts';
import { Crashes } from './lambda-crashes.ts';
import { plan } from './mishaps.ts';
import { addGroups, addPeople, ROOT, TOKENS } from './sample-source.ts';
import type { Schedule } from './schedule.ts';
import { signRequests } from './signed-requests.ts';
import { type ForeignGroup, invite, STRANGER } from './strangers.ts';

/**
 * How long a request may hang before it is given up; in real time, so that a suite of hundreds gets done. A GitLab of
 * this process answers within a few milliseconds, unless the machine is very busy.
 */
const HUNG_MS = 60;
/** Where nothing hangs, no request is given up, however busy the machine is. */
const PATIENT_MS = 10_000;
/** An import of a schedule takes a tenth of a second, one whose requests all hang several seconds. */
const LONGEST_MS = 20_000;
/** Longer than an import may be open before reconciliation looks at it. */
const LATER_MS = 20 * 60_000;
/** Reconciliation runs by the clock; each crash can spoil one run. */
const MOST_SWEEPS = 8;

/** What is left after a schedule. */
export interface Aftermath {
  source: SampleGitLab;
  destination: SampleGitLab;
  table: TableInMemory;
  /** Status of the answer to the POST; absent when nobody was left to answer. */
  answer: number | undefined;
  /** Status of the answer to the cancel, if there was one. */
  canceled: number | undefined;
  /** Groups of strangers at the destination. */
  foreign: ForeignGroup[];
  /** Whatever went into functions and came out of them, as text. */
  passed: string;
  stop(): Promise<void>;
}

let functions: LocalFunctions | undefined;

/**
 * Migrates the tree of a schedule with the whole service (handlers, state machine, reconciliation) between two sample
 * GitLabs, with everything happening that the schedule says, and waits until nothing moves any more. Waiting takes no
 * time.
 */
export async function live(schedule: Schedule): Promise<Aftermath> {
  const { tree, mishaps, crashes: points, cancelAfter, stranger, destination: options } = schedule;
  const [source, destination] = await Promise.all([
    new SampleGitLab().start(),
    new SampleGitLab(options).start(),
  ]);
  addPeople(source, TOKENS.source);
  addPeople(destination, TOKENS.destination);
  addGroups(source, tree);
  destination.addUser({ username: STRANGER, name: 'Eve Else' });
  setEnvironment(source, destination);
  const crashes = new Crashes(points);
  const { table, restore } = standInForTable(crashes.intercept);
  const signature = signRequests(() => crashes.caller);
  const hangs = mishaps.some(({ kind }) => kind === 'hung' || kind === 'hung after');
  // Where only a pipeline's requests hang, those of the POST before it have time.
  const isAimed = mishaps.every(({ requests }) => typeof requests === 'function');
  const longest = () =>
    hangs && (!isAimed || crashes.caller?.startsWith('pipeline/')) ? HUNG_MS : PATIENT_MS;
  const timing = [
    vi.spyOn(time, 'pause').mockImplementation(async ms => void vi.setSystemTime(Date.now() + ms)),
    vi
      .spyOn(time, 'limit')
      .mockImplementation(() => (crashes.request() ? AbortSignal.timeout(longest()) : AbortSignal.abort())),
  ];
  vi.useFakeTimers({ toFake: ['Date'] });
  forgetTokens();
  functions ??= await LocalFunctions.load();
  const service = new Service(functions, crashes);
  for (const [gitlab, name] of [
    [source, 'source'],
    [destination, 'destination'],
  ] as const) {
    plan(
      gitlab,
      mishaps.filter(mishap => mishap.gitlab === name),
    );
  }
  const foreign = invite(destination, stranger);
  let canceled: number | undefined;
  crashes.onRequest = nth => {
    if (nth === cancelAfter) void service.cancel().then(status => (canceled = status));
  };
  let answer = await service.post(source.url);
  // Whoever gets no answer asks again, with the same key.
  answer ??= await service.post(source.url);
  await service.untilQuiet();
  for (let sweep = 0; sweep < MOST_SWEEPS && isOpen(table); sweep++) {
    vi.setSystemTime(Date.now() + LATER_MS);
    await service.reconcile({});
    await service.untilQuiet();
  }
  return {
    source,
    destination,
    table,
    answer,
    canceled,
    foreign,
    passed: service.passed.join('\n'),
    async stop() {
      for (const spy of [signature, ...timing]) spy.mockRestore();
      vi.useRealTimers();
      restore();
      service.stop();
      await Promise.all([source.stop(), destination.stop()]);
    },
  };
}

/** Whether an import is listed as not ended. */
function isOpen(table: TableInMemory): boolean {
  return [...table.items.values()].some(({ pk }) => pk === 'OPEN');
}

/** The service, which goes on in a new process when the old one is killed. */
class Service {
  /** Whatever went into functions and came out of them. */
  readonly passed: string[] = [];
  readonly #functions: LocalFunctions;
  readonly #crashes: Crashes;
  readonly #executions = new ExecutionsInMemory();
  readonly #stepFunctions = mockClient(SFNClient);
  #engine: WorkflowEngine;
  #calls = 0;
  #requests = 0;
  /** Until when those calls wait that wait. */
  #sleepers: number[] = [];
  /** Settles when the process of now is killed. */
  #death = Promise.withResolvers<undefined>();

  constructor(functions: LocalFunctions, crashes: Crashes) {
    this.#functions = functions;
    this.#crashes = crashes;
    this.#engine = this.#startEngine();
    crashes.onProcessCrash = () => this.#restart();
    this.#stepFunctions
      .on(StartExecutionCommand)
      .callsFake(({ name, input }) => this.#engine.start(name, input).then(() => ({})));
    this.#stepFunctions.on(DescribeExecutionCommand).callsFake(({ executionArn }) => {
      const execution = this.#executions.get(nameOf(executionArn));
      if (execution !== undefined) return execution;
      throw Object.assign(new Error('Execution Does Not Exist'), { name: 'ExecutionDoesNotExist' });
    });
    this.#stepFunctions
      .on(StopExecutionCommand)
      .callsFake(({ executionArn, error, cause }) =>
        this.#engine.abort(nameOf(executionArn), error, cause).then(() => ({})),
      );
  }

  /** Asks for the migration. @returns the status of the answer, `undefined` when the process died meanwhile */
  post(sourceUrl: string): Promise<number | undefined> {
    const entity = {
      source_type: 'group_entity',
      source_full_path: ROOT,
      destination_slug: ROOT,
      destination_namespace: '',
    };
    const configuration = { url: sourceUrl, access_token: TOKENS.source };
    return this.#request('api/create-import', {
      rawPath: '/api/v4/bulk_imports',
      headers: { 'idempotency-key': 'soak' },
      body: JSON.stringify({ configuration, entities: [entity] }),
    });
  }

  /** Cancels the import, as its owner does. @returns the status of the answer, like `post` */
  cancel(): Promise<number | undefined> {
    return this.#request('api/cancel-import', {
      rawPath: '/api/v4/bulk_imports/1/cancel',
      pathParameters: { import_id: '1' },
    });
  }

  async #request(
    name: string,
    { headers, ...event }: { headers?: Record<string, string>; [field: string]: unknown },
  ): Promise<number | undefined> {
    const { promise: died } = this.#death;
    const whole = {
      rawQueryString: '',
      headers: { 'private-token': TOKENS.destination, 'content-type': 'application/json', ...headers },
      requestContext: { http: { method: 'POST' }, requestId: 'soak' },
      ...event,
    };
    this.#requests += 1;
    const answered = this.#crashes
      .call(name, () => this.#functions.invoke(name, whole))
      .then(
        answer => (answer as { statusCode: number }).statusCode,
        () => undefined,
      );
    try {
      return await Promise.race([answered, died]);
    } finally {
      this.#requests -= 1;
    }
  }

  /** Lets reconciliation run, as the clock or an event does. A run that is killed is not repeated. */
  async reconcile(event: unknown): Promise<void> {
    const { promise: died } = this.#death;
    await Promise.race([this.#invoke(`workflow/${RECONCILE}`, event).catch(() => undefined), died]);
  }

  /** Waits until no execution runs and no function is called. @throws when that never comes */
  async untilQuiet(): Promise<void> {
    const start = performance.now();
    while (this.#executions.running().length + this.#calls + this.#requests > 0) {
      if (performance.now() - start > LONGEST_MS) {
        throw new Error(
          `It does not come to rest: ${this.#calls} calls, last ${this.passed.slice(-8).join(' ')}`,
        );
      }
      await new Promise(setImmediate);
    }
  }

  stop(): void {
    this.#engine.halt();
    this.#stepFunctions.restore();
  }

  #startEngine(): WorkflowEngine {
    const engine = new WorkflowEngine(
      this.#executions,
      { invoke: (name, event) => this.#invoke(name, event) },
      { withoutWaits: true },
    );
    engine.onStatusChange = event => void this.reconcile(event);
    return engine;
  }

  async #invoke(name: string, event: unknown): Promise<unknown> {
    const called = this.#engine;
    this.#calls += 1;
    this.passed.push(JSON.stringify(event));
    try {
      const result = await this.#crashes.call(name, () => this.#functions.invoke(name, event));
      this.passed.push(JSON.stringify(result));
      // The engine does not wait, but the hour must be what it would be after it.
      const { waitSeconds = 0 } = (result ?? {}) as { waitSeconds?: number };
      if (waitSeconds > 0) await this.#sleep(waitSeconds);
      return result;
    } finally {
      // The calls of a process that was killed are not counted any more.
      if (called === this.#engine) this.#calls -= 1;
    }
  }

  /** Lets time pass, when nobody works whose own time would pass with it: each run has 15 minutes. */
  async #sleep(seconds: number): Promise<void> {
    const engine = this.#engine;
    const until = Date.now() + 1000 * seconds;
    this.#sleepers.push(until);
    while (Date.now() < until && engine === this.#engine) {
      await new Promise(setImmediate);
      const isNobodyAwake = this.#calls + this.#requests <= this.#sleepers.length;
      if (isNobodyAwake && engine === this.#engine)
        vi.setSystemTime(Math.max(Date.now(), Math.min(...this.#sleepers)));
    }
    if (engine === this.#engine) this.#sleepers.splice(this.#sleepers.indexOf(until), 1);
  }

  #restart(): void {
    forgetPeople();
    this.#engine.halt();
    this.#calls = 0;
    this.#sleepers = [];
    this.#engine = this.#startEngine();
    this.#engine.resume();
    const death = this.#death;
    this.#death = Promise.withResolvers();
    death.resolve(undefined);
  }
}

const nameOf = (arn: string) => arn.slice(arn.lastIndexOf(':') + 1);

/** Executions that outlive the process, as those on disk do. */
class ExecutionsInMemory implements Executions {
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
}

let keyFile: string | undefined;

function setEnvironment(source: SampleGitLab, destination: SampleGitLab): void {
  if (keyFile === undefined) {
    keyFile = join(mkdtempSync(join(tmpdir(), 'soak-key-')), 'token.key');
    writeFileSync(keyFile, randomBytes(32));
  }
  Object.assign(process.env, {
    TABLE_NAME: 'table-in-memory',
    TOKEN_KEY_FILE: keyFile,
    STATE_MACHINE_ARN: LOCAL_STATE_MACHINE_ARN,
    DESTINATION_GITLAB_URL: destination.url,
    ALLOW_PRIVATE_NETWORKS: 'true',
    // So a redirect to any other port is one that is refused.
    SOURCE_PORTS: [source, destination].map(({ url }) => new URL(url).port).join(),
    IMPORTS_PER_MINUTE: '1000',
    PIPELINE_FUNCTIONS: pipelineFunctions(),
  });
}
