import { dirname } from 'node:path';
import { type ChosenBudgets, variablesOf } from '../../lambdas/gitlab/budgets.ts';
import { environment } from '../../lambdas/platform/environment.ts';
import { type ChosenRates, rateVariables } from '../../lambdas/platform/project-rates.ts';
import { witnessRiskyWork } from '../../lambdas/platform/risky-work.ts';
import { executionInput, executionName } from '../../lambdas/workflow/execution.ts';
import { RECONCILE } from '../../lambdas/workflow/steps.ts';
import { ApiServer } from './api-server.ts';
import { type DataFolder, keyFile, openDataFolder } from './data-folder.ts';
import { ExecutionStore } from './executions.ts';
import { foundImports, importWithoutRecord } from './found-imports.ts';
import { LANE_VARIABLES, LocalFunctions } from './functions.ts';
import { guarded } from './guarded-functions.ts';
import { LastWords } from './last-words.ts';
import { removeArchivesOfEnded } from './left-archives.ts';
import { LOCAL_STATE_MACHINE_ARN, serveStepFunctions } from './local-step-functions.ts';
import { LocalTable } from './local-table.ts';
import { StartError } from './start-error.ts';
import { WorkClock } from './work-clock.ts';
import { WorkflowEngine } from './workflow-engine.ts';

export interface LocalServiceOptions extends ChosenRates {
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
  projectsInParallel?: number;
  /** What a GitLab may send, as far as it is not the default. */
  budgets?: ChosenBudgets;
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
  readonly #workClock = new WorkClock();
  readonly #functions: LocalFunctions;
  readonly #table: LocalTable;

  private constructor(parts: {
    api: ApiServer;
    engine: WorkflowEngine;
    found: string[];
    functions: LocalFunctions;
    table: LocalTable;
  }) {
    this.engine = parts.engine;
    this.found = parts.found;
    this.#api = parts.api;
    this.#functions = parts.functions;
    this.#table = parts.table;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#api.port}`;
  }

  /**
   * Starts everything and goes on with the imports that a stop has interrupted.
   *
   * @throws StartError with one sentence for whoever has started it; nothing is left running or locked then
   */
  static async start(options: LocalServiceOptions): Promise<LocalService> {
    const folder = await openDataFolder(options.dataDir);
    setEnvironment(options, folder);
    const undo: (() => Promise<void>)[] = [];
    try {
      const table = await LocalTable.open(TABLE_NAME, folder.table);
      undo.push(() => table.close());
      const executions = await ExecutionStore.open(folder.executions);
      const lost = await importWithoutRecord(executions.names());
      if (lost !== undefined) throw lostTable(folder, lost);
      const found = await foundImports(environment.destinationUrl());
      await removeArchivesOfEnded(folder.archives);
      process.env.TOKEN_KEY_FILE = await keyFile(folder, found.open.length > 0);
      const functions = await LocalFunctions.load();
      witnessRiskyWork(new LastWords(folder.lastWords));
      const engine = new WorkflowEngine(executions, guarded(functions, table));
      serveStepFunctions(engine);
      const api = await ApiServer.start(functions, options.port);
      undo.push(() => api.stop());
      const sentences = [...found.sentences, ...executions.setAside.map(setAside)];
      const service = new LocalService({ api, engine, found: sentences, functions, table });
      engine.resume();
      for (const record of found.open.filter(({ status }) => status === 'started')) {
        // Its execution's file is damaged or gone; from the start every step finds in the table what is done.
        if (engine.describe(executionName(record)) === undefined) {
          await engine.start(executionName(record), executionInput(record));
        }
      }
      service.#startReconciling();
      return service;
    } catch (error) {
      for (const step of undo.reverse()) await step();
      throw error;
    }
  }

  /** The rules that EventBridge has in the deployment: after an execution that ended badly, and by the clock. */
  #startReconciling(): void {
    const reconcile = (event: unknown) => {
      this.#functions.invoke(`workflow/${RECONCILE}`, event).catch(error => {
        process.stderr.write(`${(error as Error).stack}\n`);
      });
    };
    this.engine.onStatusChange = reconcile;
    // The time in which the service was off, or the machine asleep, is no standstill of its imports.
    const tick = () => reconcile({ workedMs: this.#workClock.take() });
    tick();
    this.#clock = setInterval(tick, RECONCILE_EVERY_MS).unref();
  }

  /** Stops everything. Imports that are running go on after the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#clock);
    this.#workClock.stop();
    await this.#api.stop();
    this.engine.halt();
    const isIdle = await this.#functions.drain(DRAIN_MS);
    // A function that still runs may write; the table is not closed under it, but goes with the process.
    if (isIdle) await this.#table.close();
  }
}

function lostTable({ table, executions }: DataFolder, importId: number): StartError {
  return new StartError(
    `The table in ${table} is not the one of the workflows in ${executions}: import ${importId} is not in it. Restore the table from a newer copy; or, to begin anew without these imports, remove both folders.`,
  );
}

const setAside = (file: string) =>
  `An execution's file could not be read and was set aside as ${file}; its import goes on from what the table has.`;

function setEnvironment(options: LocalServiceOptions, { archives }: DataFolder): void {
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
    PROJECTS_IN_PARALLEL: String(options.projectsInParallel ?? ''),
    ...rateVariables(options),
    ...variablesOf(options.budgets ?? {}),
    ...LANE_VARIABLES,
    ARCHIVES_FOLDER: dirname(archives),
  });
}
