interface Snapshot<R, K> {
  /** How many records of the array the map covers. */
  covered: number;
  byKey: Map<K, R>;
}

/**
 * Finds a record of an array by a unique key without scanning it, so that thousands of "is this title taken?"
 * questions stay cheap. The map follows an array that grows or shrinks; after a change of a key, or after a
 * removal followed by an addition, the caller has to `forget` the array.
 */
export class RecordIndex<R, K> {
  readonly #keyOf: (record: R) => K;
  readonly #snapshots = new WeakMap<readonly R[], Snapshot<R, K>>();

  constructor(keyOf: (record: R) => K) {
    this.#keyOf = keyOf;
  }

  find(records: readonly R[], key: K): R | undefined {
    let snapshot = this.#snapshots.get(records);
    if (!snapshot || snapshot.covered > records.length) {
      snapshot = { covered: 0, byKey: new Map() };
      this.#snapshots.set(records, snapshot);
    }
    for (const record of records.slice(snapshot.covered)) {
      snapshot.byKey.set(this.#keyOf(record), record);
    }
    snapshot.covered = records.length;
    return snapshot.byKey.get(key);
  }

  forget(records: readonly R[]): void {
    this.#snapshots.delete(records);
  }
}
