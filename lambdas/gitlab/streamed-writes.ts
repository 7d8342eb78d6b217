import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type http from 'node:http';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { time } from '../platform/time.ts';
import type { Upload } from './calls.ts';
import { beginRequest, timer } from './outgoing-requests.ts';
import { readBody } from './response-body.ts';
import { IDLE_MS } from './streamed-reads.ts';
import { ClosedError, flatten, type HttpRequest, type HttpResponse } from './transport.ts';
import type { NetworkPolicy } from './url-guard.ts';

/**
 * For so long nothing follows the headers, as curl has it with large bodies: many refusals are made by them alone, and
 * one that meets a connection full of bytes that nobody reads may get lost with it.
 */
const BEFORE_BODY_MS = 1_000;

/** Names and values as they stand between quotes in the head of a part. */
const quoted = (value: string) =>
  value.replace(
    /["\r\n]/g,
    character => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );

/** What stands before and after the file in a form. */
function frameOf({ fields, file }: Upload): { boundary: string; head: Buffer; tail: Buffer } {
  const boundary = `form-${randomUUID()}`;
  const parts = Object.entries(fields).map(
    ([name, value]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${value}\r\n`,
  );
  const disposition = `form-data; name="${file.name}"; filename="${quoted(file.fileName)}"`;
  parts.push(`--${boundary}\r\nContent-Disposition: ${disposition}\r\nContent-Type: ${file.type}\r\n\r\n`);
  return { boundary, head: Buffer.from(parts.join('')), tail: Buffer.from(`\r\n--${boundary}--\r\n`) };
}

/**
 * Sends a form with a file, once, and follows no redirect. The file is opened when there is a connection to send it
 * by. A response that comes before all is sent ends the sending, and is the response.
 */
export function sendUpload(
  wanted: HttpRequest,
  upload: Upload,
  policy: NetworkPolicy,
): Promise<HttpResponse> {
  const { boundary, head, tail } = frameOf(upload);
  return new Promise((resolve, reject) => {
    const { url, method } = wanted;
    const headers = {
      ...wanted.headers,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': head.length + upload.file.bytes + tail.length,
    };
    const idle = time.watch(IDLE_MS);
    const outgoing = beginRequest({ url, method, headers, signal: idle.signal }, policy);
    const sending = new AbortController();
    const fail = (error: unknown) => {
      reject(error);
      outgoing.destroy();
    };
    const giveUp = () => fail(new Error('timeout'));
    if (idle.signal.aborted) giveUp();
    idle.signal.addEventListener('abort', giveUp, { once: true });
    const end = timer(giveUp, wanted.timeoutMs);
    let hasResponse = false;
    outgoing.on('error', error => void (hasResponse || reject(error)));
    outgoing.once('upgrade', (_, socket) => socket.destroy());
    outgoing.once('close', () => {
      idle.stop();
      clearTimeout(end);
      sending.abort();
      if (!hasResponse) reject(new ClosedError());
    });
    outgoing.once('response', response => {
      hasResponse = true;
      sending.abort();
      const isEarly = !outgoing.writableEnded;
      readBody(response, wanted.maxBytes)
        .then(body => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, headers: flatten(headers), body, isForeign: false });
        }, reject)
        // What is left of the file is not sent, and the connection is of no use to others.
        .finally(() => void (isEarly && outgoing.destroy()));
    });
    const send = async () => {
      await time.pause(BEFORE_BODY_MS);
      if (sending.signal.aborted) return;
      outgoing.write(head);
      const file = await upload.file.open();
      try {
        await pour(file, upload.file.bytes, outgoing, sending.signal, () => idle.refresh());
      } finally {
        file.destroy();
      }
      if (!sending.signal.aborted) outgoing.end(tail);
    };
    const begin = () => send().catch(error => void (sending.signal.aborted || fail(error)));
    outgoing.once('socket', socket => {
      if (socket.connecting) socket.once('connect', begin);
      else begin();
    });
    outgoing.flushHeaders();
  });
}

/** Writes a file no faster than it is taken. @throws Error when it is not as long as it was said to be */
async function pour(
  file: Readable,
  bytes: number,
  outgoing: http.ClientRequest,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> {
  let sent = 0;
  for await (const chunk of file as AsyncIterable<Buffer>) {
    // A response that has come is read before more is written: the server may have closed the connection behind it, and
    // a write that fails then would be all that is known.
    await setImmediate();
    if (signal.aborted) return;
    sent += chunk.length;
    if (sent > bytes) break;
    if (!outgoing.write(chunk)) await once(outgoing, 'drain', { signal });
    onProgress();
  }
  if (!signal.aborted && sent !== bytes)
    throw new Error(`The file does not have the ${bytes} bytes that it should have.`);
}
