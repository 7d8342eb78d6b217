import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { FolderArchiveStore } from '../../lambdas/archives/folder-archive-store.ts';

/** What is done with archives. */
const OPERATIONS = ['begin', 'stored', 'append', 'complete', 'find', 'read', 'remove'] as const;
export type StorageOperation = (typeof OPERATIONS)[number];

/** Stands in the way of an operation, and lets it happen or not. */
export type StorageInterceptor = <T>(operation: StorageOperation, act: () => Promise<T>) => Promise<T>;

type Operation = (...parameters: unknown[]) => Promise<unknown>;

/** The archives of a schedule: a folder of their own, which tells when something is under way in it. */
export class ArchiveStorage {
  readonly folder = mkdtempSync(join(tmpdir(), 'soak-archives-'));
  readonly #spies: { mockRestore(): void }[];
  #busy = 0;

  constructor(intercept: StorageInterceptor) {
    const store = FolderArchiveStore.prototype as unknown as Record<StorageOperation, Operation>;
    this.#spies = OPERATIONS.map(name => {
      const original = store[name];
      const stand = this;
      return vi.spyOn(store, name).mockImplementation(function (this: unknown, ...parameters: unknown[]) {
        return intercept(name, () => stand.#work(() => original.apply(this, parameters)));
      });
    });
  }

  /** Whether a disk is at work: how long it takes is the machine's, and nobody else goes on meanwhile. */
  get isBusy(): boolean {
    return this.#busy > 0;
  }

  /** The names of all files in it. */
  files(): string[] {
    const all = readdirSync(this.folder, { recursive: true, withFileTypes: true });
    return all.filter(entry => entry.isFile()).map(({ name }) => name);
  }

  stop(): void {
    for (const spy of this.#spies) spy.mockRestore();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #work(act: () => Promise<unknown>): Promise<unknown> {
    this.#busy += 1;
    try {
      return await act();
    } finally {
      this.#busy -= 1;
    }
  }
}
