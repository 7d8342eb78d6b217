import { existsSync } from 'node:fs';
import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError, runCommand } from './commands.ts';

const OLDEST_PYTHON = '3.10';
/** Kept between runs. `npm ci` removes it with everything else in there. */
const CACHE = fileURLToPath(new URL('../../../node_modules/.cache', import.meta.url));
/** Packages are small; the time is for a slow network. */
const LONGEST_INSTALLATION_MS = 180_000;

/** Python programs at exact versions, in a virtual environment of their own. */
export class PythonEnvironment {
  readonly #folder: string;
  readonly #requirements: string;
  readonly #purpose: string;

  /**
   * @param name of the folder in the cache
   * @param requirements file with the exact version of every package
   * @param purpose begins the sentence for those who have no Python, e.g. `The deployment test`
   */
  constructor(name: string, requirements: URL, purpose: string) {
    this.#folder = join(CACHE, name);
    this.#requirements = fileURLToPath(requirements);
    this.#purpose = purpose;
  }

  /** Path of a program in the environment. */
  program(name: string): string {
    return join(this.#folder, 'bin', name);
  }

  /** Installs the pinned versions, unless they are there. @returns whether it had to */
  async install(signal: AbortSignal): Promise<boolean> {
    const marker = join(this.#folder, 'installed-requirements.txt');
    const wanted = await readFile(this.#requirements, 'utf8');
    const installed = await readFile(marker, 'utf8').catch(() => undefined);
    if (installed === wanted && existsSync(this.program('python'))) return false;
    await rm(this.#folder, { recursive: true, force: true });
    await this.#requirePython(signal);
    const command = { signal, timeoutMs: LONGEST_INSTALLATION_MS };
    await runCommand('python3', ['-m', 'venv', this.#folder], command);
    const options = ['--quiet', '--disable-pip-version-check', '--no-input'];
    await runCommand(this.program('pip'), ['install', ...options, '-r', this.#requirements], command);
    // Last, so that an installation which was interrupted is not taken for a whole one.
    await copyFile(this.#requirements, marker);
    return true;
  }

  async #requirePython(signal: AbortSignal): Promise<void> {
    const test = `import sys, venv, ensurepip; sys.exit(sys.version_info < (${OLDEST_PYTHON.replace('.', ', ')}))`;
    try {
      await runCommand('python3', ['-c', test], { signal, timeoutMs: 20_000 });
    } catch (error) {
      if (!(error instanceof CommandError) || signal.aborted) throw error;
      throw new Error(
        `${this.#purpose} needs python3, ${OLDEST_PYTHON} or newer, with its modules venv and ensurepip (apt-get install python3 python3-venv).`,
      );
    }
  }
}
