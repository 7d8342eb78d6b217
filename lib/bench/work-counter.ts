import { LocalKeySealer } from '../../lambdas/domain/token-sealer.ts';
import { LocalFunctions } from '../local/functions.ts';
import { countTableRequests, type TableWork } from './table-counter.ts';

/** What AWS would bill, except for the state transitions, which the engine counts. */
export interface Work extends TableWork {
  invocations: number;
  /** Durations of all invocations together, with whatever they wait for inside. */
  lambdaSeconds: number;
  /** Tokens sealed and opened: each is a request to KMS in AWS. */
  kmsRequests: number;
}

/**
 * Counts the work of the service in this process, from now on, and from outside: nothing of the service knows of it.
 *
 * @returns the work so far
 */
export function countWork(): () => Work {
  const tableWork = countTableRequests();
  const work = { invocations: 0, lambdaSeconds: 0, kmsRequests: 0 };

  const { invoke } = LocalFunctions.prototype;
  LocalFunctions.prototype.invoke = async function (...call) {
    work.invocations++;
    const start = performance.now();
    try {
      return await invoke.apply(this, call);
    } finally {
      work.lambdaSeconds += (performance.now() - start) / 1000;
    }
  };

  const { seal, open } = LocalKeySealer.prototype;
  LocalKeySealer.prototype.seal = function (...call) {
    work.kmsRequests++;
    return seal.apply(this, call);
  };
  LocalKeySealer.prototype.open = function (...call) {
    work.kmsRequests++;
    return open.apply(this, call);
  };
  return () => ({ ...work, ...tableWork() });
}

/** What was done between two counts. */
export function workBetween(before: Work, after: Work): Work {
  const names = Object.keys(after) as (keyof Work)[];
  return Object.fromEntries(names.map(name => [name, after[name] - before[name]])) as unknown as Work;
}
