import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { InvocationIds } from '../../lambdas/platform/invocation.ts';
import type { Witness } from '../../lambdas/platform/risky-work.ts';

/** A run that has ended the process so often is a failure, and not begun again. */
const MOST_ENDS = 2;

/**
 * What a process that ends by running out of memory leaves behind: whose run it was. All runs share the process, so
 * that one of them ends all; without this it would end the next process, too, and again after each start.
 */
export class LastWords implements Witness {
  readonly #file: string;
  /** How often a run has ended a process, by `import/entity/pipeline`. */
  readonly #ends: Record<string, number>;

  /** @param file beside which (`<file>.json`) is kept what earlier processes have died of */
  constructor(file: string) {
    this.#file = file;
    this.#ends = read<Record<string, number>>(`${file}.json`) ?? {};
    const last = read<string>(file);
    if (last === undefined) return;
    this.#ends[last] = (this.#ends[last] ?? 0) + 1;
    writeFileSync(`${file}.json`, JSON.stringify(this.#ends), { mode: 0o600 });
    this.after();
  }

  before(ids: InvocationIds): void {
    writeFileSync(this.#file, JSON.stringify(keyOf(ids)), { mode: 0o600 });
  }

  after(): void {
    rmSync(this.#file, { force: true });
  }

  /**
   * To be called before a run is begun, with its event.
   *
   * @throws by the name that Lambda gives to a function whose process has ended
   */
  check(event: unknown): void {
    const ends = this.#ends[keyOf((event ?? {}) as InvocationIds)] ?? 0;
    if (ends < MOST_ENDS) return;
    const error = new Error('the process ended while it read a response, as it did before');
    error.name = 'Runtime.ExitError';
    throw error;
  }
}

const keyOf = ({ importId, entityId, pipeline }: InvocationIds) => `${importId}/${entityId}/${pipeline}`;

/** What a file has, if it is there and whole: these are written in the last moment of a process. */
function read<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
