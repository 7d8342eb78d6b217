/* The parts of dynalite that its HTTP server is made of. They are CommonJS: `default` is what they export. */

declare module 'dynalite/db/index.js' {
  /** Reads values of a range; it holds on to memory of the database until it is closed. */
  export interface ValueIterator {
    close(): Promise<void>;
    /** dynalite calls this when it wants no more, and the iterators of its database do not have it. */
    return?: () => Promise<void>;
  }

  /** A LevelDB. */
  export interface Database {
    open(): Promise<void>;
    values(options?: object): ValueIterator;
    close: { _original: () => Promise<void> };
  }

  export interface Table {
    TableStatus: string;
  }

  export type TableAnswer = (error: Error | null, table?: Table) => void;

  export interface Store {
    db: Database;
    /** Reads the description of a table, with `false` also that of one that is being made. */
    getTable(name: string, answerOrFalse: TableAnswer | false, answer?: TableAnswer): void;
  }

  const db: {
    /**
     * Makes a database, in memory without a `path`, and begins to open it.
     *
     * @param options `createTableMs`: milliseconds that a table stays in CREATING
     */
    create(options?: { path?: string; createTableMs?: number }): Store;
  };
  export default db;
}

declare module 'dynalite/validations/index.js' {
  type Types = Record<string, unknown>;
  type Custom = ((data: object, store: unknown) => unknown) | undefined;

  const validations: {
    /** @throws with `statusCode` and `body`, which are the response */
    checkTypes(data: object, types: Types): object;
    checkValidations(data: object, types: Types, custom: Custom, store: unknown): void;
  };
  export default validations;
}

declare module 'dynalite/validations/*.js' {
  const rules: { types: Record<string, unknown>; custom?: (data: object, store: unknown) => unknown };
  export default rules;
}

declare module 'dynalite/actions/*.js' {
  const action: (
    store: unknown,
    data: object,
    callback: (error: Error | null, output?: unknown) => void,
  ) => void;
  export default action;
}
