import { setTimeout as pause } from 'node:timers/promises';
import type { Database as LevelDatabase, Store, Table } from 'dynalite/db/index.js';
import { messageOf } from '../../lambdas/domain/errors.ts';
import { logger } from '../../lambdas/platform/logger.ts';
import { AwsError } from './aws-in-process.ts';
import { StartError } from './start-error.ts';

/** After a write that failed the database is opened anew, at most this often. */
const REOPEN_EVERY_MS = 1_000;

/**
 * The database below the table: dynalite's, on LevelDB. What a full disk has left half written is cut off when it is
 * opened anew, and must not be written behind; so the first write that fails closes it until it can be opened again.
 */
export class Database {
  readonly #path: string | undefined;
  #store: Store;
  #openIterators = 0;
  /** What is wrong with the files, in the system's words. */
  #trouble: string | undefined;
  #reopening: Promise<void> | undefined;
  #triedAt = 0;

  private constructor(path: string | undefined, store: Store) {
    this.#path = path;
    this.#store = this.#watched(store);
  }

  /** @param path its folder; in memory without one. @throws StartError when it cannot be opened */
  static async open(path?: string): Promise<Database> {
    try {
      return new Database(path, await openStore(path));
    } catch (error) {
      throw cannotOpen(path ?? '', error);
    }
  }

  /** Reads of ranges that were begun and are not closed. */
  get openIterators(): number {
    return this.#openIterators;
  }

  /** Whether files could not be written, and nothing can be done until they can. */
  get isBlocked(): boolean {
    return this.#trouble !== undefined;
  }

  /** Does something with the database. @throws AwsError of the kind that is tried again while files cannot be written */
  async use<T>(act: (store: Store) => Promise<T>): Promise<T> {
    if (this.#trouble !== undefined) await this.#reopen();
    try {
      return await act(this.#store);
    } catch (error) {
      if (!isOfFiles(error)) throw error;
      this.#note(error);
      throw this.#unusable();
    }
  }

  async close(): Promise<void> {
    await this.#reopening?.catch(() => undefined);
    await this.#store.db.close._original();
  }

  #note(error: unknown): void {
    const words = messageOf(error);
    if (this.#trouble === undefined) {
      logger.error(
        `The table in ${this.#path} cannot be written: ${words}. Imports wait until it can; make space.`,
      );
    }
    this.#trouble = words;
  }

  #unusable(): AwsError {
    return new AwsError(
      'InternalServerError',
      `The files in ${this.#path} cannot be written: ${this.#trouble}`,
      500,
    );
  }

  /** Opens the database anew, for all who are waiting for it. */
  #reopen(): Promise<void> {
    this.#reopening ??= this.#openAgain().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #openAgain(): Promise<void> {
    await pause(Math.max(0, this.#triedAt + REOPEN_EVERY_MS - Date.now()));
    this.#triedAt = Date.now();
    try {
      await this.#store.db.close._original();
      this.#store = this.#watched(await openStore(this.#path));
    } catch (error) {
      this.#note(error);
      throw this.#unusable();
    }
    this.#trouble = undefined;
    logger.warn(`The table in ${this.#path} can be written again.`);
  }

  /** dynalite tells an iterator that it wants no more by `return`, which these do not have: they would stay open. */
  #watched(store: Store): Store {
    const values = store.db.values.bind(store.db) as LevelDatabase['values'];
    store.db.values = options => {
      const iterator = values(options);
      this.#openIterators++;
      let isOpen = true;
      iterator.return = async () => {
        if (!isOpen) return;
        isOpen = false;
        this.#openIterators--;
        await iterator.close();
      };
      return iterator;
    };
    return store;
  }
}

/**
 * Remembers a table once it is active, and nothing here changes one after that. dynalite reads and parses its description
 * before each operation, which took 5 % of the CPU of an import.
 */
function remembering(store: Store): Store {
  const { getTable } = store;
  const active = new Map<string, Table>();
  store.getTable = (name, answer, rest) => {
    const known = active.get(name);
    if (answer === false) {
      getTable(name, answer, rest);
    } else if (known !== undefined) {
      queueMicrotask(() => answer(null, known));
    } else {
      getTable(name, (error, table) => {
        if (table?.TableStatus === 'ACTIVE') active.set(name, table);
        answer(error, table);
      });
    }
  };
  return store;
}

async function openStore(path: string | undefined): Promise<Store> {
  // Not at the top: it takes its time to load, and who brings a table of his own does without it.
  const { default: dynalite } = await import('dynalite/db/index.js');
  const store = dynalite.create({ ...(path !== undefined && { path }), createTableMs: 0 });
  try {
    await store.db.open();
  } catch (error) {
    throw (error as Error).cause ?? error;
  }
  return remembering(store);
}

/** Not what was asked for is wrong, but the files, or the database is just being opened anew. */
function isOfFiles(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return code === 'LEVEL_IO_ERROR' || code === 'LEVEL_DATABASE_NOT_OPEN' || message === 'Database is closed';
}

function cannotOpen(path: string, error: unknown): StartError {
  const { code } = error as { code?: unknown };
  const words = messageOf(error);
  if (code === 'LEVEL_LOCKED') {
    return new StartError(
      `Another service is running with this DATA_DIR: ${path} is in use. Stop it, or choose another DATA_DIR.`,
    );
  }
  if (code === 'LEVEL_CORRUPTION') {
    return new StartError(
      `The table in ${path} is damaged (${words}). Restore DATA_DIR from a copy, or move it away to begin anew; what was migrated stays at the destination.`,
    );
  }
  return new StartError(
    `The table in ${path} cannot be opened (${words}). See to the space on its disk and to the permissions of its files, and start again.`,
  );
}
