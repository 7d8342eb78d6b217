import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { messageOf } from '../domain/errors.ts';
import { StoreError } from '../domain/store-errors.ts';
import { type ArchiveStore, PART_BYTES, type StoredArchive } from './archive-store.ts';
import { readable } from './readable.ts';

/** Nobody else on the machine reads what is in an archive. */
const OWNER_ONLY = { folder: 0o700, file: 0o600 };

/** A segment of a key: nothing that leads out of a folder, or is hidden in it. */
const SEGMENT = /^[A-Za-z0-9][\w.-]*$/;

/**
 * Archives in a folder. While an archive comes there are two files next to where it will be: `.part` with the bytes,
 * each part in its place, and `.parts` with a line per part, written when its bytes are on the disk. Whoever is killed
 * leaves at most a part without its line, which is written again. The whole is then renamed, which is one step.
 */
export class FolderArchiveStore implements ArchiveStore {
  readonly #folder: string;
  readonly #partBytes: number;

  constructor(folder: string, { partBytes = PART_BYTES }: { partBytes?: number } = {}) {
    this.#folder = folder;
    this.#partBytes = partBytes;
  }

  async begin(key: string): Promise<string> {
    const upload = randomUUID();
    const { bytes } = this.#files(key, upload);
    await onDisk(async () => {
      await mkdir(dirname(bytes), { recursive: true, mode: OWNER_ONLY.folder });
      await (await open(bytes, 'wx', OWNER_ONLY.file)).close();
    });
    return upload;
  }

  async stored(key: string, upload: string): Promise<{ parts: number; bytes: number } | undefined> {
    const sizes = await this.#sizes(key, upload);
    if (sizes === undefined) return undefined;
    const first = withoutGap(sizes);
    return { parts: first.length, bytes: sum(first) };
  }

  async append(key: string, upload: string, number: number, part: Buffer): Promise<void> {
    if (part.length > this.#partBytes || number < 1) {
      throw new StoreError(`Part ${number} of the archive ${key} is too large, or has no place.`);
    }
    const { bytes, lines } = this.#files(key, upload);
    await onDisk(async () => {
      // Not made here: what was removed meanwhile stays removed.
      await written(await open(bytes, 'r+'), file => writeAll(file, part, (number - 1) * this.#partBytes));
      const flags = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY;
      // It begins a line of its own, for the one before may be torn.
      await written(await open(lines, flags, OWNER_ONLY.file), file =>
        file.appendFile(`\n${number} ${part.length}.`),
      );
    });
  }

  async complete(key: string, upload: string): Promise<StoredArchive> {
    const { bytes, lines, whole } = this.#files(key, upload);
    const sizes = await this.#sizes(key, upload);
    if (sizes !== undefined) {
      const parts = withoutGap(sizes);
      const isShort = parts.slice(0, -1).some(size => size < this.#partBytes);
      if (parts.length === 0 || parts.length < sizes.size || isShort) {
        throw new StoreError(
          `The archive ${key} cannot be completed: it has no part, or one is missing or short.`,
        );
      }
      await onDisk(async () => {
        // What a part that was replaced by a shorter one has left behind its end.
        await written(await open(bytes, 'r+'), file => file.truncate(sum(parts)));
        await unlessGone(rename(bytes, whole));
      });
    }
    const archive = await this.find(key);
    if (archive === undefined) throw new StoreError(`The archive ${key} is gone.`);
    await onDisk(() => rm(lines, { force: true }));
    return archive;
  }

  async find(key: string): Promise<StoredArchive | undefined> {
    const found = await onDisk(() => unlessGone(stat(this.#path(key))));
    return found && { key, version: null, bytes: found.size };
  }

  async read({ key }: StoredArchive): Promise<Readable> {
    const file = await onDisk(() => open(this.#path(key), 'r'));
    return readable(file.createReadStream(), asStoreError);
  }

  async remove(key: string): Promise<void> {
    const whole = this.#path(key);
    const folder = dirname(whole);
    await onDisk(async () => {
      const names = (await unlessGone(readdir(folder))) ?? [];
      const own = names.filter(name => name === basename(whole) || name.startsWith(`${basename(whole)}.`));
      for (const name of own) await rm(join(folder, name), { force: true });
    });
    await this.#removeEmpty(key);
  }

  /** Removes the folders of a key as far as nothing else is in them. */
  async #removeEmpty(key: string): Promise<void> {
    for (let part = dirname(key); part !== '.'; part = dirname(part)) {
      try {
        await rmdir(join(this.#folder, part));
      } catch {
        return;
      }
    }
  }

  /** The sizes of the parts that are on the disk, by number; `undefined` when the upload is not known. */
  async #sizes(key: string, upload: string): Promise<Map<number, number> | undefined> {
    const { bytes, lines } = this.#files(key, upload);
    return onDisk(async () => {
      if ((await unlessGone(stat(bytes))) === undefined) return undefined;
      const text = (await unlessGone(readFile(lines, 'utf8'))) ?? '';
      const whole = [...text.matchAll(/^(\d+) (\d+)\.$/gm)];
      return new Map(whole.map(([, number, size]) => [Number(number), Number(size)]));
    });
  }

  #files(key: string, upload: string) {
    const whole = this.#path(key);
    if (!SEGMENT.test(upload)) throw new StoreError(`'${upload}' is no upload.`);
    return { whole, bytes: `${whole}.${upload}.part`, lines: `${whole}.${upload}.parts` };
  }

  /** @throws StoreError for a key that leads out of the folder */
  #path(key: string): string {
    if (!key.split('/').every(segment => SEGMENT.test(segment))) {
      throw new StoreError(`'${key}' is no key of an archive.`);
    }
    return join(this.#folder, key);
  }
}

function withoutGap(sizes: Map<number, number>): number[] {
  const first: number[] = [];
  for (let size = sizes.get(1); size !== undefined; size = sizes.get(first.length + 1)) first.push(size);
  return first;
}

const sum = (sizes: number[]): number => sizes.reduce((total, size) => total + size, 0);

/** Writes a file, and does not return before it is on the disk. */
async function written(file: FileHandle, write: (file: FileHandle) => Promise<unknown>): Promise<void> {
  try {
    await write(file);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** A write can be shorter than it was asked to be. */
async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** `undefined` when what was asked for is not there. */
async function unlessGone<Result>(asked: Promise<Result>): Promise<Result | undefined> {
  try {
    return await asked;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function onDisk<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asStoreError(error);
  }
}

function asStoreError(error: unknown): StoreError {
  return new StoreError(`The folder of archives could not be used: ${messageOf(error)}`, { cause: error });
}
