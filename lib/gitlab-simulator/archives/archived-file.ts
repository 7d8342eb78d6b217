import { createHash } from 'node:crypto';
import type { LargeFile, StoredFile } from '../stored-file.ts';
import { refsOf } from './git-bundle.ts';

/** Larger uploads and LFS objects are known by size and digest. */
const LARGEST_KEPT_BYTES = 4 * 1024 * 1024;

/** One file of a tar, whose types name no class for it. Each of the functions below reads it to its end. */
export interface Entry extends AsyncIterable<unknown> {
  readonly header: {
    readonly name: string;
    readonly size?: number | undefined;
    readonly type?: string | null | undefined;
  };
}

/** All of a file that is small by its nature. */
export async function wholeOf(entry: Entry): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of piecesOf(entry)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A file of any size, under a path. */
export async function fileOf(entry: Entry, path: string): Promise<StoredFile> {
  const { size = 0 } = entry.header;
  if (size <= LARGEST_KEPT_BYTES) return { path, bytes: await wholeOf(entry) };
  const digest = createHash('sha256');
  for await (const piece of piecesOf(entry)) digest.update(piece);
  return { path, size, sha256: digest.digest('hex') } satisfies LargeFile;
}

/** The records of a file that has one on each line. Throws a `SyntaxError` for what is no JSON. */
export async function recordsOf(entry: Entry): Promise<unknown[]> {
  const records: unknown[] = [];
  const decoder = new TextDecoder();
  let rest = '';
  for await (const piece of piecesOf(entry)) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter(Boolean)) records.push(JSON.parse(line));
  }
  if (rest !== '') records.push(JSON.parse(rest));
  return records;
}

/** The refs of a bundle, which its first lines name; the objects after the empty line are not kept. */
export async function refsIn(entry: Entry): Promise<ReturnType<typeof refsOf>> {
  let header = Buffer.alloc(0);
  for await (const piece of piecesOf(entry)) {
    if (!header.includes('\n\n')) header = Buffer.concat([header, piece]);
  }
  return refsOf(header);
}

/** Reads past a file. */
export async function passOver(entry: Entry): Promise<void> {
  for await (const _ of entry);
}

function piecesOf(entry: Entry): AsyncIterable<Buffer> {
  return entry as AsyncIterable<Buffer>;
}
