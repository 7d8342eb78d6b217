import { forgetTokens } from '../../lambdas/api/request/token-checks.ts';
import { StoreBusyError } from '../../lambdas/domain/store-errors.ts';
import { forgetKept } from '../../lambdas/engine/kept-per-import.ts';
import { environment } from '../../lambdas/platform/environment.ts';
import { executionInput, executionName } from '../../lambdas/workflow/execution.ts';
import { RECONCILE } from '../../lambdas/workflow/steps.ts';
import { foundImports } from '../../lib/local/found-imports.ts';
import type { LocalFunctions } from '../../lib/local/functions.ts';
import { WorkflowEngine } from '../../lib/local/workflow-engine.ts';
import { ExecutionsInMemory, standInForStepFunctions } from '../support/service/state-machine-in-memory.ts';
import type { Crashes, CrashPoint } from './lambda-crashes.ts';
import { ROOT, TOKENS, type Tokens } from './sample-source.ts';
import type { SimulatedClock } from './simulated-clock.ts';

const HOUR_MS = 3_600_000;
/** Turns of the event loop in which nothing is called, read or written: some seconds. A response takes a few turns. */
const MOST_IDLE_TURNS = 1_000_000;
/** Calls, requests and operations of the table. Most imports take some hundreds, one whose requests all fail 20,000. */
const MOST_STEPS = 200_000;

type Event = { headers?: Record<string, string>; [field: string]: unknown };

/** What is asked for besides. */
interface Sent {
  excluded?: string[];
  mappingId?: number | undefined;
  verify?: boolean | undefined;
}

/** The service, which goes on in a new process when the old one is killed. */
export class SoakedService {
  /** Whatever went into functions and came out of them. */
  readonly passed: string[] = [];
  /** What the owner of the import sends. */
  tokens: Tokens = TOKENS;
  readonly #functions: LocalFunctions;
  readonly #crashes: Crashes;
  readonly #executions = new ExecutionsInMemory();
  readonly #restoreClients: () => void;
  readonly #clock: SimulatedClock;
  readonly #isDelivered: () => boolean;
  #engine: WorkflowEngine;
  #calls = 0;
  #requests = 0;
  /** Until when those calls wait that wait. */
  #sleepers: number[] = [];
  /** Settles when the process of now is killed. */
  #death = Promise.withResolvers<undefined>();

  /** Since when the process of now has worked, and its time was not counted. */
  #uncounted = Date.now();

  /** @param isDelivered whether what a killed process has sent has arrived */
  constructor(
    functions: LocalFunctions,
    crashes: Crashes,
    clock: SimulatedClock,
    isDelivered: () => boolean,
  ) {
    this.#isDelivered = isDelivered;
    this.#functions = functions;
    this.#crashes = crashes;
    this.#clock = clock;
    this.#engine = this.#startEngine();
    crashes.onProcessCrash = point => this.#restart(point);
    crashes.onReplacedExecution = () => this.#replaceExecutions();
    this.#restoreClients = standInForStepFunctions(() => this.#engine);
  }

  /** Asks for the migration. @returns the status of the answer, `undefined` when the process died meanwhile */
  post(sourceUrl: string, isPlan = false, wishes: Sent = {}): Promise<number | undefined> {
    const entity = {
      source_type: 'group_entity',
      source_full_path: ROOT,
      destination_slug: ROOT,
      destination_namespace: '',
      ...(wishes.excluded && { excluded_relations: wishes.excluded }),
    };
    const configuration = { url: sourceUrl, access_token: TOKENS.source };
    return this.#request(isPlan ? 'api/create-plan' : 'api/create-import', {
      rawPath: `/api/v4/bulk_imports${isPlan ? '/plans' : ''}`,
      headers: { 'idempotency-key': 'soak' },
      body: JSON.stringify({
        configuration,
        entities: [entity],
        user_mapping_id: wishes.mappingId,
        verify: wishes.verify,
      }),
    });
  }

  /** Has the import tried again, as its owner does. @returns the answer, `undefined` when the process died meanwhile */
  async retry(
    importId: number,
    body: Record<string, unknown>,
    { source, destination }: Tokens = this.tokens,
  ): Promise<{ status: number; body: unknown } | undefined> {
    const configuration = { access_token: source };
    const answer = await this.#answer('api/retry-import', {
      headers: { 'private-token': destination },
      rawPath: `/api/v4/bulk_imports/${importId}/retry`,
      pathParameters: { import_id: String(importId) },
      body: JSON.stringify({ configuration, ...body }),
    });
    return answer && { status: answer.statusCode, body: JSON.parse(answer.body) };
  }

  /** Sends a user mapping. @returns its id; `undefined` when nobody was left to answer, or it was refused */
  async map(sourceUrl: string, users: object[]): Promise<number | undefined> {
    const answer = await this.#answer('api/create-user-mapping', {
      rawPath: '/api/v4/bulk_imports/user_mappings',
      body: JSON.stringify({ source_hostname: sourceUrl, users }),
    });
    return answer?.statusCode === 201 ? (JSON.parse(answer.body) as { id: number }).id : undefined;
  }

  /** Cancels the import, as its owner does. @returns the status of the answer, like `post` */
  cancel(isPlan = false): Promise<number | undefined> {
    return this.#request(isPlan ? 'api/cancel-plan' : 'api/cancel-import', {
      rawPath: `/api/v4/bulk_imports${isPlan ? '/plans' : ''}/1/cancel`,
      pathParameters: { [isPlan ? 'plan_id' : 'import_id']: '1' },
    });
  }

  /** Lists the owner's imports or entities that have a status. @returns the statuses that are shown, `undefined` like `post` */
  async list(what: 'imports' | 'user-entities', status: string): Promise<string[] | undefined> {
    const path = what === 'imports' ? '' : '/entities';
    const response = await this.#answer(`api/list-${what}`, {
      rawPath: `/api/v4/bulk_imports${path}`,
      rawQueryString: `status=${status}`,
      queryStringParameters: { status },
      requestContext: { http: { method: 'GET' }, requestId: 'soak' },
    });
    if (response?.statusCode !== 200) return undefined;
    return (JSON.parse(response.body) as { status: string }[]).map(one => one.status);
  }

  async #request(name: string, event: Event): Promise<number | undefined> {
    return (await this.#answer(name, event))?.statusCode;
  }

  async #answer(
    name: string,
    { headers, ...event }: Event,
  ): Promise<{ statusCode: number; body: string } | undefined> {
    const { promise: died } = this.#death;
    const whole = {
      rawQueryString: '',
      headers: { 'private-token': this.tokens.destination, 'content-type': 'application/json', ...headers },
      requestContext: { http: { method: 'POST' }, requestId: 'soak' },
      ...event,
    };
    this.#requests += 1;
    const answered = this.#crashes
      .call(name, () => this.#functions.invoke(name, whole))
      .then(
        answer => answer as { statusCode: number; body: string },
        () => undefined,
      );
    try {
      return await Promise.race([answered, died]);
    } finally {
      this.#requests -= 1;
    }
  }

  /** Lets reconciliation run, as the clock does, or an event. A run that is killed is not repeated. */
  async reconcile(event: unknown = { workedMs: this.#takeWorkedMs() }): Promise<void> {
    const { promise: died } = this.#death;
    await Promise.race([this.#invoke(`workflow/${RECONCILE}`, event).catch(() => undefined), died]);
  }

  #takeWorkedMs(): number {
    const now = Date.now();
    const worked = now - this.#uncounted;
    this.#uncounted = now;
    return worked;
  }

  /** Waits until no execution runs and no function is called. @throws when that never comes */
  async untilQuiet(): Promise<void> {
    const start = this.#crashes.steps;
    let last = start;
    const works = () => this.#executions.running().length + this.#awake;
    for (let idle = 0; works() > 0; idle++) {
      const { steps } = this.#crashes;
      if (steps > last) idle = 0;
      last = steps;
      const where = () => `${this.#calls} calls, last ${this.passed.slice(-8).join(' ')}`;
      if (idle > MOST_IDLE_TURNS) throw new Error(`It does not come to rest: ${where()}`);
      if (steps - start > MOST_STEPS) throw new Error(`It goes on for ever: ${where()}`);
      await new Promise(setImmediate);
    }
  }

  /** Functions that are called by somebody, or go on although nobody waits for them. */
  get #awake(): number {
    return this.#calls + this.#requests + this.#crashes.forsaken;
  }

  /** Goes on in a new process, by when Step Functions has forgotten the executions that have ended. */
  renew(): void {
    this.#forget();
    this.#executions.forgetEnded();
  }

  stop(): void {
    this.#engine.halt();
    this.#restoreClients();
  }

  /** A new process knows nothing of what the one before it has read. */
  #forget(): void {
    forgetKept();
    forgetTokens();
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
      const isNobodyAwake = this.#awake <= this.#sleepers.length;
      if (isNobodyAwake && engine === this.#engine) this.#clock.passTo(Math.min(...this.#sleepers));
    }
    if (engine === this.#engine) this.#sleepers.splice(this.#sleepers.indexOf(until), 1);
  }

  #restart(point: CrashPoint): void {
    this.#replaceEngine();
    void this.#startAgain(point);
  }

  /** Begins the executions anew, beside the functions that those before them have called. */
  #replaceExecutions(): void {
    this.#replaceEngine();
    this.#engine.resume();
  }

  #replaceEngine(): void {
    this.#engine.halt();
    this.#engine = this.#startEngine();
    this.#calls = 0;
    this.#sleepers = [];
  }

  async #startAgain({ pausedHours = 0, losesExecutions = false }: CrashPoint): Promise<void> {
    this.#requests += 1;
    // What was sent takes effect within minutes, however long the sender is gone.
    while (pausedHours > 0 && !this.#isDelivered()) await new Promise(setImmediate);
    this.#forget();
    this.#clock.sleep(HOUR_MS * pausedHours);
    this.#uncounted = Date.now();
    if (losesExecutions) this.#executions.lose();
    this.#engine.resume();
    const death = this.#death;
    this.#death = Promise.withResolvers();
    death.resolve(undefined);
    await this.#goOn();
    this.#requests -= 1;
  }

  /** Whoever starts the service and sees it fail, because the table has trouble, starts it again. */
  async #findImports(): Promise<Awaited<ReturnType<typeof foundImports>>> {
    for (;;) {
      try {
        return await this.#crashes.call('local/start', () => foundImports(environment.destinationUrl()));
      } catch (error) {
        if (!(error instanceof StoreBusyError)) throw error;
      }
    }
  }

  /** What a start does with the imports that it finds, after `resume`. */
  async #goOn(): Promise<void> {
    const { promise: died } = this.#death;
    const engine = this.#engine;
    const finding = this.#findImports();
    const found = await Promise.race([finding, died]);
    if (engine !== this.#engine) return;
    for (const record of found?.open ?? []) {
      const name = executionName(record);
      if (record.status === 'started' && engine.describe(name) === undefined)
        await engine.start(name, executionInput(record));
    }
    await this.reconcile();
  }
}
