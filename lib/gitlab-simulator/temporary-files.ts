import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders of this process that are there now. */
const folders = new Set<string>();
let removedAtExit = false;

/** What a sample GitLab keeps on the disk for a while: archives, and large files that it is sent. */
export class TemporaryFiles {
  readonly #work = new Set<Promise<unknown>>();
  #folder: Promise<string> | undefined;
  #ending = new AbortController();

  /** Aborted when the files go: what reads or writes them has to end. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Path of a new file, which is not there yet. Throws while there are to be no files. */
  async newFile(): Promise<string> {
    this.signal.throwIfAborted();
    this.#folder ??= newFolder();
    return join(await this.#folder, `${randomUUID()}.tar.gz`);
  }

  /** New files that go together: those of one request. */
  batch(): { readonly newFile: () => Promise<string>; readonly remove: () => Promise<void> } {
    const paths: string[] = [];
    return {
      newFile: async () => {
        const path = await this.newFile();
        paths.push(path);
        return path;
      },
      remove: () => this.remove(...paths),
    };
  }

  /** Waits for work on files, as `clear` does before it removes them. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    try {
      return await work;
    } finally {
      this.#work.delete(work);
    }
  }

  /** Removes files, as far as they are there. */
  async remove(...paths: readonly string[]): Promise<void> {
    await Promise.all(paths.map(path => rm(path, { force: true })));
  }

  /** Ends all work on files, removes them, and lets nobody make new ones until `open`. */
  async clear(): Promise<void> {
    this.#ending.abort();
    while (this.#work.size > 0) await Promise.allSettled(this.#work);
    const folder = await this.#folder;
    this.#folder = undefined;
    if (folder === undefined) return;
    await rm(folder, { recursive: true, force: true });
    folders.delete(folder);
  }

  /** Lets files be made again. */
  open(): void {
    if (this.signal.aborted) this.#ending = new AbortController();
  }
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sample-gitlab-'));
  folders.add(folder);
  // For processes that end without stopping their GitLabs.
  if (!removedAtExit) {
    process.once('exit', () => {
      for (const left of folders) rmSync(left, { recursive: true, force: true });
    });
  }
  removedAtExit = true;
  return folder;
}
