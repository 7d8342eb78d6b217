import { AsyncLocalStorage } from 'node:async_hooks';
import type { Interceptor } from '../support/table-in-memory.ts';
import type { Sender } from './request-turns.ts';

/** Where the service is killed: at its nth write to the table, or at its nth request to a GitLab, counted from 1. */
export interface CrashPoint {
  at: 'before-write' | 'after-write' | 'after-request';
  nth: number;
  /** What dies: the function that was at this point, or the process with everything that runs in it. */
  victim: 'function' | 'process';
  /** Hours until the process is started again, during which the machine sleeps; at once without it. */
  pausedHours?: number;
  /** Whether the records of the running executions are damaged when the process is started again. */
  losesExecutions?: boolean;
}

/** How Step Functions learns that a function is gone. */
class FunctionCrashedError extends Error {
  override readonly name = 'Lambda.Unknown';
}

interface Invocation extends Sender {
  /** Dies at its next step: what it has sent takes effect, and it never learns of it. */
  isDying: boolean;
  die: (error: Error) => void;
}

/**
 * Runs functions so that they can be killed. A killed function does nothing more: its next read, write or request
 * never comes back, and whoever has called it sees an error at once.
 */
export class Crashes {
  readonly #current = new AsyncLocalStorage<Invocation>();
  readonly #running = new Set<Invocation>();
  readonly #points: CrashPoint[];
  #writes = 0;
  #requests = 0;
  /** The crash at which the process is dying. */
  #processDiesAt: CrashPoint | undefined;
  /** Told when the whole process dies. */
  onProcessCrash: ((point: CrashPoint) => void) | undefined;
  /** Calls, requests and operations of the table so far. */
  steps = 0;
  /** Told of each request to a GitLab, counted from 1. */
  onRequest: ((nth: number) => void) | undefined;

  constructor(points: readonly CrashPoint[]) {
    this.#points = [...points];
  }

  /** Calls a function. @throws FunctionCrashedError when it is killed, and what it throws */
  call<T>(name: string, act: () => Promise<T>): Promise<T> {
    this.steps += 1;
    return new Promise<T>((resolve, reject) => {
      const invocation: Invocation = { name, isDying: false, isDead: false, die: reject };
      this.#running.add(invocation);
      this.#current
        .run(invocation, act)
        .then(resolve, reject)
        .finally(() => this.#running.delete(invocation));
    });
  }

  /** The call of a function in which this is asked. */
  get current(): Sender | undefined {
    return this.#current.getStore();
  }

  /** Goes before every operation of the table. */
  readonly intercept: Interceptor = async ({ kind, sk }, act) => {
    this.steps += 1;
    const invocation = this.#current.getStore();
    // A look-up that functions of one process share: in AWS no function waits for one of another that was killed.
    const isShared = sk.startsWith('PERSON#');
    if (this.#isGone(invocation)) return isShared ? act() : never();
    if (kind === 'read') return act();
    this.#writes += 1;
    if (this.#crashes('before-write', this.#writes, invocation)) return isShared ? act() : never();
    const result = act();
    return this.#crashes('after-write', this.#writes, invocation) && !isShared ? never() : result;
  };

  /** Goes before every request to a GitLab. @returns whether it may be sent */
  request(): boolean {
    const invocation = this.#current.getStore();
    if (this.#isGone(invocation)) return false;
    this.steps += 1;
    this.#requests += 1;
    this.onRequest?.(this.#requests);
    const point = this.#take('after-request', this.#requests);
    if (point?.victim === 'process') for (const running of this.#running) running.isDying = true;
    else if (point !== undefined) invocation.isDying = true;
    if (point?.victim === 'process') this.#processDiesAt ??= point;
    return true;
  }

  /** Whether this step is of a killed function, or of one that a service before this one has left behind. */
  #isGone(invocation: Invocation | undefined): invocation is undefined {
    if (invocation === undefined || invocation.isDead) return true;
    if (!invocation.isDying) return false;
    if (this.#processDiesAt !== undefined) this.#killProcess(this.#processDiesAt);
    else this.#kill(invocation);
    return true;
  }

  #crashes(at: CrashPoint['at'], number: number, invocation: Invocation): boolean {
    const point = this.#take(at, number);
    if (point === undefined) return false;
    if (point.victim === 'process') this.#killProcess(point);
    else this.#kill(invocation);
    return true;
  }

  #take(at: CrashPoint['at'], number: number): CrashPoint | undefined {
    const index = this.#points.findIndex(point => point.at === at && point.nth === number);
    return index < 0 ? undefined : this.#points.splice(index, 1)[0];
  }

  #kill(invocation: Invocation): void {
    invocation.isDead = true;
    this.#running.delete(invocation);
    invocation.die(new FunctionCrashedError('The function was killed.'));
  }

  #killProcess(point: CrashPoint): void {
    this.#processDiesAt = undefined;
    // Nobody is left to hear of it: what called the functions is gone too.
    for (const invocation of this.#running) invocation.isDead = true;
    this.#running.clear();
    this.onProcessCrash?.(point);
  }
}

const never = () => new Promise<never>(() => undefined);
