import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { environment } from '../../lambdas/shared/environment.ts';
import { RECONCILE } from '../../lambdas/workflow/steps.ts';
import { ApiServer } from './api-server.ts';
import { ExecutionStore } from './executions.ts';
import { foundImports } from './found-imports.ts';
import { LocalFunctions, pipelineFunctions } from './functions.ts';
import { LOCAL_STATE_MACHINE_ARN, StepFunctionsServer } from './step-functions-server.ts';
import { TableServer } from './table-server.ts';
import { WorkflowEngine } from './workflow-engine.ts';

export interface LocalServiceOptions {
  /** Base URL of the GitLab that receives the groups. */
  destinationUrl: string;
  /** 0 for any port that is free. */
  port: number;
  /** Folder for the table, the executions and the token key; made if needed. */
  dataDir: string;
  allowPrivateNetworks: boolean;
  /** Whether the source must have direct transfer switched on. */
  requireDirectTransfer?: boolean;
  /** The only ports that source URLs may have. */
  sourcePorts?: number[];
  importsPerMinute?: number;
  entitiesInParallel?: number;
}

const TABLE_NAME = 'gitlab-bulk-imports';
/** As in the deployment. */
const RECONCILE_EVERY_MS = 15 * 60_000;
/** Time for running functions to end after a stop. What does not end in time is found unfinished and done again. */
const DRAIN_MS = 3_000;

/**
 * The whole service in this process: table, workflow, functions and HTTP API. Handlers find them through the same
 * environment variables as in AWS, so there is one service per process.
 */
export class LocalService {
  readonly engine: WorkflowEngine;
  /** What this start has found of earlier ones, in sentences. */
  readonly found: readonly string[];
  readonly #api: ApiServer;
  #clock: NodeJS.Timeout | undefined;
  readonly #functions: LocalFunctions;
  readonly #stepFunctions: StepFunctionsServer;
  readonly #table: TableServer;

  private constructor(parts: {
    api: ApiServer;
    engine: WorkflowEngine;
    found: string[];
    functions: LocalFunctions;
    stepFunctions: StepFunctionsServer;
    table: TableServer;
  }) {
    this.engine = parts.engine;
    this.found = parts.found;
    this.#api = parts.api;
    this.#functions = parts.functions;
    this.#stepFunctions = parts.stepFunctions;
    this.#table = parts.table;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#api.port}`;
  }

  /** Endpoint of the table, for those who want to look into it. */
  get tableEndpoint(): string {
    return this.#table.endpoint;
  }

  /** Starts everything and goes on with the imports that a stop has interrupted. */
  static async start(options: LocalServiceOptions): Promise<LocalService> {
    await mkdir(options.dataDir, { recursive: true });
    setEnvironment(options);
    const table = await TableServer.start(TABLE_NAME, join(options.dataDir, 'table'));
    process.env.AWS_ENDPOINT_URL_DYNAMODB = table.endpoint;
    process.env.TOKEN_KEY_FILE = await keyFile(options.dataDir);
    const functions = await LocalFunctions.load();
    const engine = new WorkflowEngine(
      await ExecutionStore.open(join(options.dataDir, 'executions')),
      functions,
    );
    const stepFunctions = await StepFunctionsServer.start(engine);
    process.env.AWS_ENDPOINT_URL_SFN = stepFunctions.endpoint;
    const api = await ApiServer.start(functions, options.port);
    const found = await foundImports(environment.destinationUrl());
    const service = new LocalService({ api, engine, found, functions, stepFunctions, table });
    engine.resume();
    service.#startReconciling();
    return service;
  }

  /** The rules that EventBridge has in the deployment: after an execution that ended badly, and by the clock. */
  #startReconciling(): void {
    const reconcile = (event: unknown) => {
      this.#functions.invoke(`workflow/${RECONCILE}`, event).catch(error => {
        process.stderr.write(`${(error as Error).stack}\n`);
      });
    };
    this.engine.onStatusChange = reconcile;
    // The time that the service was off is no standstill of its imports.
    const tick = { runningSince: new Date().toISOString() };
    reconcile(tick);
    this.#clock = setInterval(() => reconcile(tick), RECONCILE_EVERY_MS).unref();
  }

  /** Stops everything. Imports that are running go on after the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#clock);
    await this.#api.stop();
    this.engine.halt();
    const isIdle = await this.#functions.drain(DRAIN_MS);
    await this.#stepFunctions.stop();
    // A function that still runs may write; the table is not closed under it, but goes with the process.
    if (isIdle) await this.#table.stop();
    else this.#table.abandon();
  }
}

function setEnvironment(options: LocalServiceOptions): void {
  Object.assign(process.env, {
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    TABLE_NAME,
    STATE_MACHINE_ARN: LOCAL_STATE_MACHINE_ARN,
    DESTINATION_GITLAB_URL: options.destinationUrl,
    ALLOW_PRIVATE_NETWORKS: String(options.allowPrivateNetworks),
    REQUIRE_DIRECT_TRANSFER: String(options.requireDirectTransfer ?? false),
    SOURCE_PORTS: options.sourcePorts?.join(',') ?? '',
    IMPORTS_PER_MINUTE: String(options.importsPerMinute ?? ''),
    ENTITIES_IN_PARALLEL: String(options.entitiesInParallel ?? ''),
    PIPELINE_FUNCTIONS: pipelineFunctions(),
  });
}

/** The key that seals tokens: made once, readable by the user of this process only. */
async function keyFile(dataDir: string): Promise<string> {
  const file = join(dataDir, 'token.key');
  try {
    await readFile(file);
  } catch {
    await writeFile(file, randomBytes(32), { mode: 0o600, flag: 'wx' });
  }
  return file;
}
