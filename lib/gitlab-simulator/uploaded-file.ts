import { createWriteStream, readFileSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** Larger files go to the disk while they arrive. Pictures are refused long before. */
const LARGEST_IN_MEMORY = 1024 * 1024;

/** A file that came with a request. */
export interface UploadedFile {
  readonly filename: string;
  readonly contentType: string;
  /** The bytes, or where they are until the request is over. */
  readonly content: Buffer | { readonly path: string };
}

export function isUploadedFile(value: unknown): value is UploadedFile {
  return typeof value === 'object' && value !== null && 'filename' in value && 'content' in value;
}

/** All of a file that is small enough for memory. */
export function bytesOf({ content }: UploadedFile): Buffer {
  return Buffer.isBuffer(content) ? content : readFileSync(content.path);
}

/** Puts a file where it stays when the request is over. */
export async function keepFile({ content }: UploadedFile, path: string): Promise<void> {
  if (Buffer.isBuffer(content)) await writeFile(path, content);
  else await rename(content.path, path);
}

/** Takes the content of a file as it arrives; `newFile` tells where it may be put. */
export async function receiveContent(
  pieces: AsyncGenerator<Buffer>,
  newFile: () => Promise<string>,
): Promise<UploadedFile['content']> {
  const held: Buffer[] = [];
  let size = 0;
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    held.push(next.value);
    size += next.value.length;
    if (size <= LARGEST_IN_MEMORY) continue;
    const path = await newFile();
    await pipeline(async function* () {
      yield* held;
      yield* pieces;
    }, createWriteStream(path));
    return { path };
  }
  return Buffer.concat(held);
}
