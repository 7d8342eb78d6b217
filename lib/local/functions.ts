import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { FALLBACK_HANDLER, ROUTES } from '../../lambdas/api/routes.ts';
import { LANE_NAMES, type LaneVariable, laneVariable } from '../../lambdas/platform/lanes.ts';
import { TIMEOUT_SECONDS } from '../../lambdas/platform/timeouts.ts';
import { LANES, RECONCILE, WORKFLOW_STEPS } from '../../lambdas/workflow/steps.ts';

type Handler = (event: unknown, context: Context) => Promise<unknown>;
type Kind = keyof typeof TIMEOUT_SECONDS;

interface LoadedFunction {
  handler: Handler;
  timeoutSeconds: number;
}

const FOLDERS: Record<Kind, string> = {
  api: 'api/endpoints',
  workflow: 'workflow',
  progress: 'progress',
  lane: 'workflow',
};

/** Names of all functions, as `kind/file`, from the three tables that the deployment reads too. */
export function functionNames(): string[] {
  return [
    ...[...ROUTES.map(route => route.handler), FALLBACK_HANDLER].map(file => `api/${file}`),
    ...[...Object.values(WORKFLOW_STEPS), RECONCILE].map(file => `workflow/${file}`),
    ...Object.values(LANES).map(file => `lane/${file}`),
  ];
}

/** The function of each lane, by the environment variable that names it. */
export const LANE_VARIABLES = Object.fromEntries(
  LANE_NAMES.map(name => [laneVariable(name), `lane/${LANES[name]}`]),
) as Record<LaneVariable, string>;

/** The function that runs groups. */
export const { GROUPS_LANE } = LANE_VARIABLES;

/**
 * The exported handlers of all Lambdas, in this process. Events and results go through JSON, as between Step
 * Functions and Lambda, and a function has the time that the deployment gives it.
 */
export class LocalFunctions {
  readonly #functions: Map<string, LoadedFunction>;
  readonly #running = new Set<Promise<unknown>>();

  private constructor(functions: Map<string, LoadedFunction>) {
    this.#functions = functions;
  }

  /** Loads every handler. The environment variables must be set before. */
  static async load(): Promise<LocalFunctions> {
    const loaded = await Promise.all(
      functionNames().map(async name => {
        const [kind, file] = name.split('/') as [Kind, string];
        const url = new URL(`../../lambdas/${FOLDERS[kind]}/${file}.ts`, import.meta.url);
        const module = (await import(url.href)) as { handler: Handler };
        return [name, { handler: module.handler, timeoutSeconds: TIMEOUT_SECONDS[kind] }] as const;
      }),
    );
    return new LocalFunctions(new Map(loaded));
  }

  /** Invokes a function and returns its result. @throws what the handler throws */
  async invoke(name: string, event: unknown): Promise<unknown> {
    const found = this.#functions.get(name);
    if (found === undefined) throw new Error(`There is no function '${name}'.`);
    const run = found.handler(structuredClone(event), contextOf(name, found.timeoutSeconds));
    this.#running.add(run);
    try {
      const result = await run;
      return result === undefined ? null : JSON.parse(JSON.stringify(result));
    } finally {
      this.#running.delete(run);
    }
  }

  /** Waits until no function is running, but not longer than this. @returns whether none is */
  async drain(milliseconds: number): Promise<boolean> {
    const timeout = new Promise(resolve => setTimeout(resolve, milliseconds).unref());
    await Promise.race([Promise.allSettled(this.#running), timeout]);
    return this.#running.size === 0;
  }
}

function contextOf(name: string, timeoutSeconds: number): Context {
  const deadline = Date.now() + timeoutSeconds * 1000;
  return {
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: name,
    memoryLimitInMB: '512',
    awsRequestId: randomUUID(),
    logGroupName: name,
    logStreamName: name,
    callbackWaitsForEmptyEventLoop: false,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: () => undefined,
    fail: () => undefined,
    succeed: () => undefined,
  };
}
