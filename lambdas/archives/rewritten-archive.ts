import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { ArchiveStore, StoredArchive } from './archive-store.ts';
import { partsOf } from './parts.ts';
import { entriesOf, type TarEntry } from './tar-entries.ts';
import { BrokenArchiveError, fillOf, withSize } from './tar-header.ts';

/**
 * Archives of projects (tar in gzip) in which one file is another one. They pass through as streams: nothing is unpacked to
 * a disk, and no more of them is held than one file that is asked for, and one part.
 */

/** Large steps: an archive can have gigabytes. */
const PIECE_BYTES = 256 * 1024;
/** Most of an archive is packed already (git, LFS, pictures), so that more effort makes it hardly smaller. */
const LEVEL = 1;
/** `7` is a file that some systems store in one piece. */
const FILE_TYPES = ['0', '7'];

/** A pass over an archive was given up: the archive expands to far more than it is, or the store is slow. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}

/** A file in an archive. */
export interface ArchivedFile {
  /** Its path: `tree/project/labels.ndjson`. */
  name: string;
  content: Buffer;
}

/**
 * Reads a file of an archive, and the archive as far as it must.
 *
 * @param most bytes that the file may have
 * @param until epoch ms, when it is given up
 * @returns its content; `undefined` when it is not in the archive
 * @throws BrokenArchiveError when the archive is none, or the file larger; OutOfTimeError; what the archive's stream does
 */
export async function readArchivedFile(
  archive: Readable,
  name: string,
  { most, until }: { most: number; until: number },
): Promise<Buffer | undefined> {
  for await (const entry of entriesOf(unpacked(archive, until))) {
    if ('rest' in entry) return undefined;
    if (!isFile(entry, name)) continue;
    if (entry.size > most) throw new BrokenArchiveError(`its file '${name}' has ${entry.size} bytes`);
    const pieces: Buffer[] = [];
    for await (const piece of entry.blocks()) pieces.push(piece);
    return Buffer.concat(pieces).subarray(0, entry.size);
  }
  return undefined;
}

/**
 * Stores an archive anew with another content of one of its files. All else in it is the same, byte by byte.
 *
 * @param key under which it is stored; whatever was begun there before is left alone
 * @param until epoch ms, when it is given up
 * @param partBytes as the store takes them, where these are not the usual ones
 * @throws BrokenArchiveError when it is no archive, or does not have the file just once; OutOfTimeError; StoreError
 */
export async function storeWithFile(
  store: ArchiveStore,
  archive: StoredArchive,
  { key, file, until, partBytes }: { key: string; file: ArchivedFile; until: number; partBytes?: number },
): Promise<StoredArchive> {
  const upload = await store.begin(key);
  const changed = packed(withFile(unpacked(await store.read(archive), until), file));
  let parts = 0;
  for await (const part of partsOf(changed, partBytes)) await store.append(key, upload, ++parts, part);
  return store.complete(key, upload);
}

/** A tar file with another content of one of its files. */
async function* withFile(
  tar: AsyncIterable<Buffer>,
  { name, content }: ArchivedFile,
): AsyncGenerator<Buffer> {
  let isThere = false;
  for await (const entry of entriesOf(tar)) {
    if ('rest' in entry) {
      yield* entry.rest();
      continue;
    }
    if (entry.extensions.length > 0) yield entry.extensions;
    if (!isFile(entry, name)) {
      yield entry.header;
      yield* entry.blocks();
      continue;
    }
    // The one that comes last is the one that is unpacked.
    if (isThere) throw new BrokenArchiveError(`it has two files '${name}'`);
    isThere = true;
    yield withSize(entry.header, content.length);
    yield content;
    yield Buffer.alloc(fillOf(content.length));
  }
  if (!isThere) throw new BrokenArchiveError(`it has no file '${name}'`);
}

/** @throws BrokenArchiveError for what has the name and is no file, or one of more than 8 GiB */
function isFile(entry: TarEntry, name: string): boolean {
  if (entry.name !== name) return false;
  if (FILE_TYPES.includes(entry.type) && entry.hasOwnSize) return true;
  throw new BrokenArchiveError(`its '${name}' is no file`);
}

async function* unpacked(archive: Readable, until: number): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: PIECE_BYTES });
  const all = pipeline(archive, gunzip);
  // Whoever stops early ends the stream, and what goes wrong with it is met below.
  all.catch(() => undefined);
  try {
    for await (const piece of gunzip) {
      if (Date.now() > until) throw new OutOfTimeError();
      yield piece;
    }
  } catch (error) {
    throw isOfGzip(error) ? new BrokenArchiveError('it is no gzip file, or a damaged one') : error;
  } finally {
    archive.destroy();
  }
}

async function* packed(tar: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gzip = createGzip({ level: LEVEL, chunkSize: PIECE_BYTES });
  const all = pipeline(tar, gzip);
  all.catch(() => undefined);
  yield* gzip;
  await all;
}

/** What zlib says begins so. */
const isOfGzip = (error: unknown): boolean =>
  String((error as NodeJS.ErrnoException).code ?? '').startsWith('Z_');
