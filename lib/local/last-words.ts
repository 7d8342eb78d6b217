import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { StoreError } from '../../lambdas/domain/store-errors.ts';
import type { InvocationIds } from '../../lambdas/platform/invocation.ts';
import type { Witness } from '../../lambdas/platform/risky-work.ts';

/** A relation that has ended the process so often does not come to do it again. */
const MOST_ENDS = 2;

/**
 * The end of a run in the place of that of the process, by the name that Lambda gives to it. Nothing that a relation
 * meets, so that none of them makes a failure row of it: it fails the run, as the end of the process would.
 */
class ProcessEndedError extends StoreError {
  override readonly name = 'Runtime.ExitError';

  constructor() {
    super('the process ended while it read a response, as it did before');
  }
}

/**
 * What a process that ends by running out of memory leaves behind: whose run it was. All runs share the process, so
 * that one of them ends all; without this it would end the next process, too, and again after each start.
 */
export class LastWords implements Witness {
  readonly #file: string;
  /** How often a relation has ended a process, by `import/entity/relation`. */
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

  /** @throws when the relation that has the work in hand has ended the process with it before */
  before(ids: InvocationIds): void {
    if ((this.#ends[keyOf(ids)] ?? 0) >= MOST_ENDS && ids.pipeline !== undefined)
      throw new ProcessEndedError();
    writeFileSync(this.#file, JSON.stringify(keyOf(ids)), { mode: 0o600 });
  }

  after(): void {
    rmSync(this.#file, { force: true });
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
