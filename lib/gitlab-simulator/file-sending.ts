import { createReadStream } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { FilePart } from './answer.ts';

const PIECE_BYTES = 256 * 1024;

/** How many bytes a part has. */
export function partBytes({ from, to }: FilePart): number {
  return to - from + 1;
}

/**
 * Sends the body of a response out of a file, and ends it; or cuts the connection where the part says so, or after
 * `most` bytes calls `stopped` instead. A client that goes away is no error.
 */
export async function sendFile(
  response: ServerResponse,
  part: FilePart,
  stopped: () => void = () => response.socket?.destroy(),
  most = part.cutAfter ?? Number.POSITIVE_INFINITY,
): Promise<void> {
  const { path, from, to } = part;
  const bytes = Math.min(most, partBytes(part));
  try {
    if (bytes > 0) {
      const pieces = createReadStream(path, {
        start: from,
        end: from + bytes - 1,
        highWaterMark: PIECE_BYTES,
      });
      for await (const piece of pieces) await written(response, piece);
    }
    if (from + bytes > to) response.end();
    else stopped();
  } catch {
    response.destroy();
  }
}

/** Waits until a piece has left, so that a large file does not pile up in memory and a cut is where it should be. */
function written(response: ServerResponse, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    response.write(piece, error => (error ? reject(error) : resolve()));
  });
}
