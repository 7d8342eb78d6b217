import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An execution of a state machine, as it is kept on disk. */
export interface Execution {
  name: string;
  /** The input's JSON text. */
  input: string;
  status: 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  /** Epoch milliseconds. */
  startDate: number;
  stopDate?: number;
  error?: string;
  cause?: string;
}

/** The executions of one state machine, one file each, so that a stop of the service forgets none. */
export class ExecutionStore {
  readonly #folder: string;
  readonly #executions = new Map<string, Execution>();

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Opens the folder, making it if needed, and reads what is there. */
  static async open(folder: string): Promise<ExecutionStore> {
    await mkdir(folder, { recursive: true });
    const store = new ExecutionStore(folder);
    for (const file of await readdir(folder)) {
      if (!file.endsWith('.json')) continue;
      const execution = JSON.parse(await readFile(join(folder, file), 'utf8')) as Execution;
      store.#executions.set(execution.name, execution);
    }
    return store;
  }

  get(name: string): Execution | undefined {
    return this.#executions.get(name);
  }

  running(): Execution[] {
    return [...this.#executions.values()].filter(({ status }) => status === 'RUNNING');
  }

  /** Writes an execution: to a new file first, so that a crash leaves the old one or the new one. */
  async put(execution: Execution): Promise<void> {
    this.#executions.set(execution.name, execution);
    const file = join(this.#folder, `${execution.name}.json`);
    await writeFile(`${file}.new`, JSON.stringify(execution));
    await rename(`${file}.new`, file);
  }
}
