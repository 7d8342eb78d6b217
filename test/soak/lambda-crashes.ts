import { AsyncLocalStorage } from 'node:async_hooks';
import { invocationIds } from '../../lambdas/platform/invocation.ts';
import { LANES } from '../../lambdas/workflow/steps.ts';
import type { Interceptor, Operation } from '../support/table/table-in-memory.ts';
import type { StorageOperation } from './archive-storage.ts';
import type { Sender } from './request-turns.ts';

/**
 * Where something breaks: at the nth write to the table or to the archives, at the nth of those by which runs begin and
 * save, at the nth request to a GitLab, or in the middle of the nth archive that is received or sent, counted from 1.
 */
export interface CrashPoint {
  at: 'before-write' | 'after-write' | 'before-save' | 'after-save' | 'after-request' | 'in-transfer';
  nth: number;
  /** Whose steps are counted, where it is not everybody's: of the lanes that run projects, which begin late. */
  of?: 'projects' | undefined;
  /**
   * What dies: the function that was at this point, or the process with everything that runs in it. Or nobody: the
   * workflow hears of a function that it has died, or its execution is begun anew, and what runs goes on beside that.
   */
  victim: 'function' | 'process' | 'response' | 'execution';
  /** Hours until the process is started again, during which the machine sleeps; at once without it. */
  pausedHours?: number;
  /** Whether the records of the running executions are damaged when the process is started again. */
  losesExecutions?: boolean;
}

/** A relation that kills each run at the nth of its requests. */
export interface DeadlyRelation {
  name: string;
  nth: number;
}

/** How Step Functions learns that a function is gone. */
class FunctionCrashedError extends Error {
  override readonly name = 'Lambda.Unknown';
}

interface Invocation extends Sender {
  /** Dies at its next step: what it has sent takes effect, and it never learns of it. */
  isDying: boolean;
  /** Goes on, although whoever has called it waits for it no more. */
  isForsaken: boolean;
  /** Requests of the relation that is deadly. */
  deadly: number;
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
  /** How often it has come to be at the place of a point. */
  readonly #met = new Map<CrashPoint, number>();
  #deadly: DeadlyRelation | undefined;
  #requests = 0;
  /** The crash at which the process is dying. */
  #processDiesAt: CrashPoint | undefined;
  /** Told when the whole process dies. */
  onProcessCrash: ((point: CrashPoint) => void) | undefined;
  /** Told when the executions are begun anew. */
  onReplacedExecution: (() => void) | undefined;
  /** Told of somebody dead who was about to do something. */
  onGone: ((sender: Sender) => void) | undefined;
  /** How often the deadly relation has killed a run. */
  deadlyDeaths = 0;
  /** Calls, requests and operations of the table so far. */
  steps = 0;
  /** Told of each request to a GitLab, counted from 1. */
  onRequest: ((nth: number) => void) | undefined;

  constructor(points: readonly CrashPoint[], deadly?: DeadlyRelation) {
    this.#points = [...points];
    this.#deadly = deadly;
  }

  /** From now on nothing breaks any more. */
  calm(): void {
    this.#points.length = 0;
    this.#deadly = undefined;
  }

  /** Calls a function. @throws FunctionCrashedError when it is killed, and what it throws */
  call<T>(name: string, act: () => Promise<T>): Promise<T> {
    this.steps += 1;
    return new Promise<T>((resolve, reject) => {
      const invocation: Invocation = {
        name,
        isDying: false,
        isDead: false,
        isForsaken: false,
        deadly: 0,
        die: reject,
      };
      this.#running.add(invocation);
      this.#current
        .run(invocation, act)
        .then(resolve, reject)
        .finally(() => this.#running.delete(invocation));
    });
  }

  /** Functions that go on although nobody waits for them. */
  get forsaken(): number {
    return [...this.#running].filter(({ isForsaken }) => isForsaken).length;
  }

  /** The call of a function in which this is asked. */
  get current(): Sender | undefined {
    return this.#current.getStore();
  }

  /** Goes before every operation of the table. */
  readonly intercept: Interceptor = async (operation, act) => {
    const { kind, sk } = operation;
    this.steps += 1;
    const invocation = this.#current.getStore();
    // Look-ups that functions of one process share, and what these ask first: in AWS no function waits for one of another
    // that was killed.
    const isShared = sk.startsWith('PERSON#') || sk === 'NEXT';
    if (this.#isGone(invocation)) return isShared ? act() : never();
    if (kind === 'read') return act();
    const crashes = (when: 'before' | 'after') =>
      [
        this.#crashes(`${when}-write`, invocation),
        isSave(operation) && this.#crashes(`${when}-save`, invocation),
      ].includes(true);
    if (crashes('before')) return isShared ? act() : this.#gone(invocation);
    const result = act();
    return crashes('after') && !isShared ? this.#gone(invocation) : result;
  };

  /**
   * Goes before every operation of the archives.
   *
   * @param insider who sends the request on whose connection it is done: what is read there is sent, and takes effect
   */
  async interceptArchive<T>(
    operation: StorageOperation,
    insider: Sender | undefined,
    act: () => Promise<T>,
  ): Promise<T> {
    this.steps += 1;
    const invocation = (insider as Invocation | undefined) ?? this.#current.getStore();
    if (insider === undefined && this.#isGone(invocation)) return never();
    if (invocation === undefined) return act();
    const isTransfer = operation === 'append' || insider !== undefined;
    if (isTransfer && this.#crashes('in-transfer', invocation)) return this.#gone(invocation);
    if (!WRITES.includes(operation)) return act();
    if (this.#crashes('before-write', invocation)) return this.#gone(invocation);
    const result = await act();
    return this.#crashes('after-write', invocation) ? this.#gone(invocation) : result;
  }

  /** Goes before every request to a GitLab. @returns whether it may be sent */
  request(): boolean {
    const invocation = this.#current.getStore();
    if (this.#isGone(invocation)) return false;
    this.steps += 1;
    this.#requests += 1;
    this.onRequest?.(this.#requests);
    if (this.#isKilledByRelation(invocation)) return false;
    const point = this.#take('after-request', invocation);
    if (point?.victim === 'process') {
      for (const running of this.#running) running.isDying = true;
      this.#processDiesAt ??= point;
    } else if (point?.victim === 'function') invocation.isDying = true;
    else if (point !== undefined) this.#breakOff(point, invocation);
    return true;
  }

  #isKilledByRelation(invocation: Invocation): boolean {
    if (this.#deadly === undefined || invocationIds().pipeline !== this.#deadly.name) return false;
    invocation.deadly += 1;
    if (invocation.deadly !== this.#deadly.nth) return false;
    this.deadlyDeaths += 1;
    this.#kill(invocation);
    return true;
  }

  /** Whether this step is of a killed function, or of one that a service before this one has left behind. */
  #isGone(invocation: Invocation | undefined): invocation is undefined {
    if (invocation === undefined) return true;
    if (!invocation.isDead) {
      if (!invocation.isDying) return false;
      if (this.#processDiesAt !== undefined) this.#killProcess(this.#processDiesAt);
      else this.#kill(invocation);
    }
    this.onGone?.(invocation);
    return true;
  }

  /** What somebody waits for who has just died. */
  #gone(invocation: Invocation): Promise<never> {
    this.onGone?.(invocation);
    return never();
  }

  /** @returns whether the function of this step is dead now */
  #crashes(at: CrashPoint['at'], invocation: Invocation): boolean {
    const point = this.#take(at, invocation);
    if (point === undefined) return false;
    if (point.victim === 'process') this.#killProcess(point);
    else if (point.victim === 'function') this.#kill(invocation);
    else this.#breakOff(point, invocation);
    return invocation.isDead;
  }

  /** Lets the workflow lose a function that goes on, or all of them. Who has sent a request to the API goes on waiting. */
  #breakOff({ victim }: CrashPoint, invocation: Invocation): void {
    const lost = (victim === 'response' ? [invocation] : [...this.#running]).filter(isOfWorkflow);
    for (const each of lost) each.isForsaken = true;
    if (victim === 'execution') this.onReplacedExecution?.();
    else for (const each of lost) each.die(new FunctionCrashedError('No response has come.'));
  }

  #take(at: CrashPoint['at'], { name }: Invocation): CrashPoint | undefined {
    const here = this.#points.filter(
      point => point.at === at && (point.of === undefined || OF_PROJECTS.includes(name)),
    );
    for (const point of here) this.#met.set(point, (this.#met.get(point) ?? 0) + 1);
    const index = this.#points.findIndex(point => here.includes(point) && this.#met.get(point) === point.nth);
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

/** Whether an operation is the write of a run that is refused when it is not the latest of its entity, or begins one. */
function isSave({ sk, attributes }: Operation): boolean {
  return sk.startsWith('ENTITY#') && (attributes ?? []).includes('run');
}

const isOfWorkflow = ({ name }: Sender) => /^(lane|workflow)\//.test(name);

/** The functions of the lanes that run projects. */
const OF_PROJECTS = [`lane/${LANES.projects}`, `lane/${LANES.archives}`];
/** What changes the archives. */
const WRITES: StorageOperation[] = ['begin', 'append', 'complete', 'remove'];

const never = () => new Promise<never>(() => undefined);
