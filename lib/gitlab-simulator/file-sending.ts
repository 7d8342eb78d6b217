import { open } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { FilePart } from './answer.ts';

const PIECE_BYTES = 256 * 1024;

/** How many bytes a part has. */
export function partBytes({ from, to }: FilePart): number {
  return to - from + 1;
}

/**
 * Sends the body of a response out of a file, and ends it; or cuts the connection where the part says so, or after
 * `most` bytes calls `stopped` instead. A client that goes away is no error. Resolves once the file is closed.
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
    if (bytes > 0) await send(response, path, from, from + bytes - 1);
    if (from + bytes > to) response.end();
    else stopped();
  } catch {
    response.destroy();
  }
}

async function send(response: ServerResponse, path: string, start: number, end: number): Promise<void> {
  const file = await open(path);
  try {
    const pieces = file.createReadStream({ start, end, highWaterMark: PIECE_BYTES, autoClose: false });
    for await (const piece of pieces) await written(response, piece);
  } finally {
    await file.close();
  }
}

/** Waits until a piece has left, so that a large file does not pile up in memory and a cut is where it should be. */
function written(response: ServerResponse, piece: Buffer): Promise<void> {
  // Of the request: a response whose turn has not come yet has none, and never hears that the connection is over.
  const { socket } = response.req;
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the client has gone away'));
    if (socket.destroyed) {
      gone();
      return;
    }
    socket.once('close', gone);
    response.write(piece, error => {
      socket.off('close', gone);
      if (error) reject(error);
      else resolve();
    });
  });
}
