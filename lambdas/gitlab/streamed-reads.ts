import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { time, type Watch } from '../platform/time.ts';
import { beginRequest, timer } from './outgoing-requests.ts';
import { ClosedError, flatten, follow, type HttpRequest } from './transport.ts';
import type { NetworkPolicy } from './url-guard.ts';

/** Without a byte for so long a connection is lost, however much has come. */
export const IDLE_MS = 60_000;

/** A response whose body nobody has read yet. */
export interface OpenResponse {
  status: number;
  headers: Record<string, string>;
  message: IncomingMessage;
  /** Ends it when nothing comes; it stands still until somebody waits for the body. */
  idle: Watch;
  discard: () => void;
}

/** Sends a read, follows its redirects as `send` does, and returns the response before its body has come. */
export function openStream(
  wanted: HttpRequest,
  policy: NetworkPolicy,
  redirectPolicy: NetworkPolicy,
): Promise<OpenResponse & { isForeign: boolean }> {
  return follow(wanted, policy, redirectPolicy, openOnce);
}

function openOnce(wanted: HttpRequest, policy: NetworkPolicy): Promise<OpenResponse> {
  const { url, method, headers } = wanted;
  return new Promise((resolve, reject) => {
    const idle = time.watch(Math.min(IDLE_MS, wanted.timeoutMs ?? IDLE_MS));
    const outgoing = beginRequest({ url, method, headers, signal: idle.signal }, policy);
    const giveUp = () => {
      const error = new Error('timeout');
      // A request that has no socket yet does not tell that it was ended.
      reject(error);
      outgoing.destroy(error);
    };
    if (idle.signal.aborted) giveUp();
    idle.signal.addEventListener('abort', giveUp, { once: true });
    // For the whole body, however steadily it comes.
    const end = timer(giveUp, wanted.timeoutMs);
    outgoing.on('error', reject);
    outgoing.once('upgrade', (_, socket) => socket.destroy());
    outgoing.once('close', () => {
      idle.stop();
      clearTimeout(end);
      reject(new ClosedError());
    });
    outgoing.once('response', message => {
      idle.stop();
      message.on('error', () => undefined);
      resolve({
        status: message.statusCode ?? 0,
        headers: flatten(message.headers),
        message,
        idle,
        discard: () => void outgoing.destroy(),
      });
    });
    outgoing.end();
  });
}

/**
 * The body as it comes, byte for byte: what is an archive stays compressed, whatever encoding a proxy names.
 *
 * @param lost makes the error of a body that breaks off
 */
export function bodyOf(opened: OpenResponse, lost: (error: unknown) => Error): Readable {
  const { message } = opened;
  const body = Readable.from(chunksOf(opened, lost), { objectMode: false });
  body.once('close', () => message.destroy());
  return body;
}

async function* chunksOf(
  { message, idle }: OpenResponse,
  lost: (error: unknown) => Error,
): AsyncGenerator<Buffer> {
  idle.signal.addEventListener('abort', () => message.destroy(new Error('timeout')), { once: true });
  const chunks = message[Symbol.asyncIterator]();
  for (;;) {
    // Only while we wait: whoever reads may take as long as it likes with what has come.
    idle.refresh();
    let next: IteratorResult<Buffer>;
    try {
      next = await chunks.next();
    } catch (error) {
      throw lost(idle.signal.aborted ? idle.signal.reason : error);
    } finally {
      idle.stop();
    }
    if (next.done) return;
    yield next.value;
  }
}
