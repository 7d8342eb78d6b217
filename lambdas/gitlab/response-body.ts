import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import { RESPONSE } from './budgets.ts';

/** The response was more than the request allowed. The message says how, as part of a sentence. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/**
 * Reads a response's body. Compressed ones are decompressed, although none are asked for: proxies compress unasked.
 * Of a response that is no success only the beginning is read.
 *
 * @param maxBytes largest body, after decompression: a small one may unfold to gigabytes
 * @throws BodyTooLargeError, and Node's errors when the body is cut off or damaged
 */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const status = response.statusCode ?? 0;
  const isCut = status < 200 || status > 299;
  const most = isCut ? Math.min(maxBytes, RESPONSE.errorBytes) : maxBytes;
  const encodings = (response.headers['content-encoding'] ?? '')
    .split(',')
    .map(encoding => encoding.trim().toLowerCase())
    .filter(encoding => encoding !== '' && encoding !== 'identity');
  if (encodings.length > RESPONSE.encodings) {
    throw new BodyTooLargeError(`its response was compressed ${encodings.length} times`);
  }
  let body: Buffer = await collect(response, most, isCut);
  // The last encoding that was applied is named last. A response without a body is not compressed, whatever it says.
  for (const encoding of encodings.reverse()) {
    const decoder = body.length === 0 ? undefined : decoderOf(encoding, body);
    if (decoder !== undefined) body = await decode(body, decoder, most, isCut);
  }
  return body;
}

/** `undefined` for an encoding that is not known: the body then is what it is. */
function decoderOf(encoding: string, body: Buffer): Transform | undefined {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip();
  if (encoding === 'br') return createBrotliDecompress();
  if (encoding !== 'deflate') return undefined;
  // Some servers leave out the wrapper, whose first byte ends in 8.
  return ((body[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
}

async function decode(body: Buffer, decoder: Transform, maxBytes: number, isCut: boolean): Promise<Buffer> {
  // Errors end the iteration below; the callback is for the stream's own sake.
  pipeline([body], decoder, () => undefined);
  try {
    return await collect(decoder, maxBytes, isCut);
  } catch (error) {
    // What was cut cannot be decompressed to its end. The status speaks for itself.
    if (isCut) return Buffer.alloc(0);
    throw error;
  }
}

async function collect(stream: Readable, maxBytes: number, isCut: boolean): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    chunks.push(chunk);
    if (size <= maxBytes) continue;
    if (isCut) return Buffer.concat(chunks).subarray(0, maxBytes);
    throw new BodyTooLargeError(`its response is larger than ${maxBytes} bytes`);
  }
  return Buffer.concat(chunks);
}
