import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { writeWhole } from './whole-file.ts';

const executionSchema = z.object({
  name: z.string(),
  /** The input's JSON text. */
  input: z.string(),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
  /** Epoch milliseconds. */
  startDate: z.number(),
  stopDate: z.optional(z.number()),
  error: z.optional(z.string()),
  cause: z.optional(z.string()),
});

/** An execution of a state machine, as it is kept on disk. */
export type Execution = z.infer<typeof executionSchema>;

/** The executions of one state machine, one file each, so that a stop of the service forgets none. */
export class ExecutionStore {
  readonly #folder: string;
  readonly #executions = new Map<string, Execution>();
  /** Files that could not be read, by their names now. */
  readonly setAside: string[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Opens the folder, making it if needed, and reads what is there. A file that cannot be read is set aside. */
  static async open(folder: string): Promise<ExecutionStore> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const store = new ExecutionStore(folder);
    for (const file of await readdir(folder)) if (file.endsWith('.json')) await store.#read(file);
    return store;
  }

  async #read(file: string): Promise<void> {
    const path = join(this.#folder, file);
    const text = await readFile(path, 'utf8');
    try {
      const execution = executionSchema.parse(JSON.parse(text));
      if (`${execution.name}.json` !== file) throw new Error('It is the file of another execution.');
      this.#executions.set(execution.name, execution);
    } catch {
      await rename(path, `${path}.damaged`);
      this.setAside.push(`${path}.damaged`);
    }
  }

  /** The names of all, whatever became of them. */
  names(): string[] {
    return [...this.#executions.keys()];
  }

  get(name: string): Execution | undefined {
    return this.#executions.get(name);
  }

  running(): Execution[] {
    return [...this.#executions.values()].filter(({ status }) => status === 'RUNNING');
  }

  /** Writes an execution; when that fails it is as before. */
  async put(execution: Execution): Promise<void> {
    const before = this.#executions.get(execution.name);
    this.#executions.set(execution.name, execution);
    try {
      await writeWhole(join(this.#folder, `${execution.name}.json`), JSON.stringify(execution));
    } catch (error) {
      if (before === undefined) this.#executions.delete(execution.name);
      else this.#executions.set(execution.name, before);
      throw error;
    }
  }
}
