import { posix } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';

/** The archive is no tar file in gzip, or not one that GitLab makes. */
export class BrokenArchiveError extends Error {
  override readonly name = 'BrokenArchiveError';
}

/** A pass over an archive was given up: the archive expands to far more than it is, or the store is slow. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';
}

/** A file, folder or link in an archive. */
export interface ArchiveEntry {
  /** Where it is unpacked, without `./` before it: `tree/project/labels.ndjson`. */
  path: string;
  header: Header;
  /** What is in a file: read to its end before the next entry is asked for, or not at all. */
  content: AsyncIterable<Buffer>;
}

/** Large steps: an archive can have gigabytes. */
export const PIECE_BYTES = 256 * 1024;

/**
 * The entries of an archive of a project (tar in gzip), one after the other. It passes through as a stream, unpacked to no
 * disk; whoever stops early ends it.
 *
 * @param until epoch ms, when it is given up
 * @throws BrokenArchiveError when it is none, or damaged; OutOfTimeError; what its stream does. So does what reads `content`.
 */
export async function* entriesOf(
  archive: Readable,
  until = Number.POSITIVE_INFINITY,
): AsyncGenerator<ArchiveEntry, void> {
  const entries = extract();
  const all = pipeline(archive, createGunzip({ chunkSize: PIECE_BYTES }), inTime(until), entries);
  // Of an entry that nobody had begun to read, streams do not tell by what it was ended.
  const failure = all.then(() => undefined, asTold);
  try {
    for await (const entry of entries) {
      const { header } = entry;
      // That of a folder says nothing, and tar-stream would wait for so many bytes.
      if (header.type === 'directory') header.size = 0;
      yield { path: pathOf(header), header, content: contentOf(entry as AsyncIterable<Buffer>, failure) };
      // Ended in the middle of an entry: what follows tells by what.
      if (entries.destroyed) break;
      entry.resume();
    }
    await all;
  } catch (error) {
    throw (await failure) ?? error;
  }
}

const pathOf = ({ name }: Header): string => posix.normalize(`/${name}`).slice(1);

function inTime(until: number) {
  return async function* (pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of pieces) {
      if (Date.now() > until) throw new OutOfTimeError();
      yield piece;
    }
  };
}

async function* contentOf(entry: AsyncIterable<Buffer>, failure: Promise<unknown>): AsyncGenerator<Buffer> {
  try {
    yield* entry;
  } catch (error) {
    throw (await failure) ?? error;
  }
}

/** Only errors of the formats say that an archive is broken: zlib's have a code, tar-stream's are nothing but errors. */
function asTold(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code?.startsWith('Z_')) {
    return new BrokenArchiveError('it is no gzip file, or a damaged one', { cause: error });
  }
  if ((error as Error).constructor !== Error || code !== undefined) return error;
  return new BrokenArchiveError('it is no tar file, or a damaged one', { cause: error });
}
