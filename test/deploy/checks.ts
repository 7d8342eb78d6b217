import { inspect } from 'node:util';

/** Counts and shows what was checked: one line per check as it goes, and a summary that people and scripts read alike. */
export class Checks {
  #passed = 0;
  #failed = 0;
  readonly #signal: AbortSignal;
  readonly #write: (text: string) => void;

  constructor(signal: AbortSignal, write: (text: string) => void) {
    this.#signal = signal;
    this.#write = write;
  }

  /** Runs a check. When it fails, the others still run. @returns whether it passed */
  async check(title: string, body: () => Promise<void>): Promise<boolean> {
    this.#signal.throwIfAborted();
    const start = Date.now();
    try {
      await body();
      this.#passed++;
      this.#write(`  passed  ${title} (${seconds(start)})\n`);
      return true;
    } catch (error) {
      this.#signal.throwIfAborted();
      this.fail(`${title} (${seconds(start)})`, error);
      return false;
    }
  }

  /** Counts and shows a failure. */
  fail(what: string, error: unknown): void {
    this.#failed++;
    this.#write(`  FAILED  ${what}\n${indent(describe(error))}\n`);
  }

  /** Runs a check that the following ones cannot do without. @throws CannotContinueError when it fails */
  async require(title: string, body: () => Promise<void>): Promise<void> {
    if (!(await this.check(title, body))) throw new CannotContinueError(title);
  }

  /** Shows what is being done. */
  progress(text: string): void {
    this.#write(`${text}\n`);
  }

  get good(): boolean {
    return this.#failed === 0 && this.#passed > 0;
  }

  get summary(): string {
    return `${this.#passed} passed, ${this.#failed} failed`;
  }
}

/** A check failed without which the following ones make no sense. */
export class CannotContinueError extends Error {
  override readonly name = 'CannotContinueError';

  constructor(title: string) {
    super(`The other checks were left out, since they need this one: ${title}.`);
  }
}

const seconds = (start: number) => `${((Date.now() - start) / 1000).toFixed(1)} s`;

/** With its cause, which is all that `fetch failed` tells. */
const describe = (error: unknown) => (error instanceof Error ? inspect(error) : String(error));

const indent = (text: string) => text.replaceAll(/^/gm, '          ');
