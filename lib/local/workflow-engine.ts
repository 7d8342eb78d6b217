import { setTimeout as pause } from 'node:timers/promises';
import { ExecutionAbortedError, ExecutionTimeoutError, StateMachine } from 'aws-local-stepfunctions';
import { logger } from '../../lambdas/platform/logger.ts';
import { WORKFLOW_STEPS } from '../../lambdas/workflow/steps.ts';
import { workflowDefinition } from '../workflow-definition.ts';
import type { Execution, ExecutionStore } from './executions.ts';
import type { LocalFunctions } from './functions.ts';
import { LOCAL_STATE_MACHINE_ARN } from './local-step-functions.ts';

type Definition = ConstructorParameters<typeof StateMachine>[0];
type Durations = Record<string, number>;
/** After so long an execution's file that could not be written is written again. */
const WRITE_AGAIN_MS = 2_000;

/** Where executions are kept. */
export type Executions = Pick<ExecutionStore, 'get' | 'put' | 'running'>;
type States = Record<string, { Type: string; ItemProcessor?: { States: States } }>;

/** The input of a task that calls a Lambda, and that of one that starts another execution of the machine. */
interface Invocation {
  FunctionName: string;
  Payload: unknown;
}
interface Start {
  Name: string;
  Input: unknown;
}

/** A function that is told of every state that is entered, by name. */
export type StateObserver = (state: string) => void;

/** A function that is told of every execution that ended badly, with the event that EventBridge would send. */
export type StatusObserver = (event: unknown) => void;

export interface WorkflowEngineOptions {
  /** Lets waits and pauses before retries take no time, for tests about what comes after them. */
  withoutWaits?: boolean;
}

/** The interpreter of the definition, and the names of the states that stand for something else here. */
interface Interpreter {
  machine: StateMachine;
  tasks: string[];
  waits: string[];
}

/** Made once: it has no state of its own. */
let interpreter: Interpreter | undefined;

function interpret(): Interpreter {
  const text = workflowDefinition().replaceAll(/\$\{(\w+)\}/g, (_, placeholder: string) => {
    const step = WORKFLOW_STEPS[placeholder];
    if (step === undefined) throw new Error(`The state machine has an unknown placeholder '${placeholder}'.`);
    return `workflow/${step}`;
  });
  const definition = JSON.parse(text) as Definition;
  const states = definition.States as unknown as States;
  return {
    // The tests have checked the definition; to do it again takes a third of a second of every start.
    machine: new StateMachine(definition, { validationOptions: { noValidate: true } }),
    tasks: namesOf(states, 'Task'),
    waits: namesOf(states, 'Wait'),
  };
}

/**
 * Runs the same state machine definition as the deployment, with the functions of this process. An execution that
 * was running when the service stopped is run again from its start: every step finds in the table what is done.
 */
export class WorkflowEngine {
  readonly #machine: StateMachine;
  readonly #executions: Executions;
  readonly #functions: Pick<LocalFunctions, 'invoke'>;
  readonly #tasks: string[];
  /** Milliseconds by state, where they are not those of the definition. */
  readonly #timing: { waitTimeOverrides?: Durations; retryIntervalOverrides?: Durations };
  readonly #aborts = new Map<string, () => void>();
  #isHalted = false;
  /** Told of every state that an execution enters. */
  observer: StateObserver | undefined;
  /** Told of executions that failed, timed out or were stopped. */
  onStatusChange: StatusObserver | undefined;

  constructor(
    executions: Executions,
    functions: Pick<LocalFunctions, 'invoke'>,
    options: WorkflowEngineOptions = {},
  ) {
    interpreter ??= interpret();
    const { machine, tasks, waits } = interpreter;
    this.#tasks = tasks;
    this.#timing =
      options.withoutWaits === true
        ? { waitTimeOverrides: none(waits), retryIntervalOverrides: none(tasks) }
        : {};
    this.#machine = machine;
    this.#executions = executions;
    this.#functions = functions;
  }

  /** Runs again what a stop interrupted. */
  resume(): void {
    this.#isHalted = false;
    for (const execution of this.#executions.running()) this.#run(execution);
  }

  /** Starts an execution. @returns false when one of this name exists with another input, or has ended */
  async start(name: string, input: string): Promise<boolean> {
    const existing = this.#executions.get(name);
    if (existing !== undefined) return existing.status === 'RUNNING' && existing.input === input;
    const execution: Execution = { name, input, status: 'RUNNING', startDate: Date.now() };
    await this.#executions.put(execution);
    this.#run(execution);
    return true;
  }

  /** Does what the integration `states:startExecution` does. */
  async #startFromWithin({ Name, Input }: Start): Promise<{ Payload: null }> {
    if (await this.start(Name, JSON.stringify(Input))) return { Payload: null };
    throw Object.assign(new Error(`Execution Already Exists: '${Name}'`), {
      name: 'StepFunctions.ExecutionAlreadyExistsException',
    });
  }

  describe(name: string): Execution | undefined {
    return this.#executions.get(name);
  }

  /** Stops an execution for good. No error when it is over. */
  async abort(name: string, error?: string, cause?: string): Promise<void> {
    const execution = this.#executions.get(name);
    if (execution?.status !== 'RUNNING') return;
    await this.#end(execution, 'ABORTED', error, cause);
    this.#aborts.get(name)?.();
  }

  /** Stops all executions for now; they are still `RUNNING` on disk, and go on after the next `resume`. */
  halt(): void {
    this.#isHalted = true;
    for (const abort of this.#aborts.values()) abort();
  }

  #run(execution: Execution): void {
    let isAborted = false;
    const invoke = async (input: unknown) => {
      // The interpreter ends the states of an aborted execution as if they were done, so the Maps around them go on
      // to the next stage. Nothing may run there: its stage before is not complete. The promise goes with the rest.
      if (isAborted) return new Promise<never>(() => undefined);
      const task = input as Invocation | Start;
      if ('Name' in task) return this.#startFromWithin(task);
      return { Payload: (await this.#functions.invoke(task.FunctionName, task.Payload)) as null };
    };
    const { result, abort, eventLogs } = this.#machine.run(JSON.parse(execution.input), {
      overrides: {
        taskResourceLocalHandlers: Object.fromEntries(this.#tasks.map(task => [task, invoke])),
        ...this.#timing,
      },
      context: { StateMachine: { Id: LOCAL_STATE_MACHINE_ARN } },
    });
    this.#aborts.set(execution.name, () => {
      isAborted = true;
      abort();
    });
    void this.#observe(eventLogs);
    void result
      .then(
        () => this.#ended(execution, 'SUCCEEDED'),
        (error: Error) => {
          if (error instanceof ExecutionAbortedError) return;
          const status = error instanceof ExecutionTimeoutError ? 'TIMED_OUT' : 'FAILED';
          return this.#ended(execution, status, error.name, error.message);
        },
      )
      .finally(() => this.#aborts.delete(execution.name));
  }

  /** Writes how an execution has ended, which waits for a disk that is full. A stop before that has it run again. */
  async #ended(...end: [Execution, Execution['status'], error?: string, cause?: string]): Promise<void> {
    while (!this.#isHalted) {
      try {
        return await this.#end(...end);
      } catch (error) {
        logger.error(`The end of ${end[0].name} cannot be written, and is tried again.`, error as Error);
        await pause(WRITE_AGAIN_MS, undefined, { ref: false });
      }
    }
  }

  async #end(
    execution: Execution,
    status: Execution['status'],
    error?: string,
    cause?: string,
  ): Promise<void> {
    if (this.#executions.get(execution.name)?.status !== 'RUNNING') return;
    await this.#executions.put({
      ...execution,
      status,
      stopDate: Date.now(),
      ...(error !== undefined && { error }),
      ...(cause !== undefined && { cause }),
    });
    if (status === 'SUCCEEDED') return;
    this.onStatusChange?.({
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      detail: { name: execution.name, status, error: error ?? null, cause: cause ?? null },
    });
  }

  /** The events must be read even if nobody asks for them, or the interpreter keeps them all. */
  async #observe(events: ReturnType<StateMachine['run']>['eventLogs']): Promise<void> {
    for await (const event of events) {
      if (event.type === 'StateEntered') this.observer?.(event.state.name);
    }
  }
}

/** The states of a type, in this definition and those inside it. */
function namesOf(states: States, type: string): string[] {
  return Object.entries(states).flatMap(([name, state]) => [
    ...(state.Type === type ? [name] : []),
    ...(state.ItemProcessor === undefined ? [] : namesOf(state.ItemProcessor.States, type)),
  ]);
}

const none = (names: string[]): Durations => Object.fromEntries(names.map(name => [name, 0]));
