import type { IncomingMessage } from 'node:http';
import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';

/** The response was larger than the request allowed. */
export class BodyTooLargeError extends Error {
  override readonly name = 'BodyTooLargeError';
}

/**
 * Reads a response's body. Compressed ones are decompressed, although none are asked for: proxies compress unasked.
 *
 * @param maxBytes largest body, after decompression: a small one may unfold to gigabytes
 * @throws BodyTooLargeError, and Node's errors when the body is cut off or damaged
 */
export async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const encodings = (response.headers['content-encoding'] ?? '')
    .split(',')
    .map(encoding => encoding.trim().toLowerCase())
    .filter(encoding => encoding !== '' && encoding !== 'identity');
  let body: Buffer = await collect(response, maxBytes);
  // The last encoding that was applied is named last. A response without a body is not compressed, whatever it says.
  for (const encoding of encodings.reverse()) {
    const decoder = body.length === 0 ? undefined : decoderOf(encoding, body);
    if (decoder !== undefined) body = await decode(body, decoder, maxBytes);
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

async function decode(body: Buffer, decoder: Transform, maxBytes: number): Promise<Buffer> {
  // Errors end the iteration below; the callback is for the stream's own sake.
  pipeline([body], decoder, () => undefined);
  return collect(decoder, maxBytes);
}

async function collect(stream: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new BodyTooLargeError(`The response is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
