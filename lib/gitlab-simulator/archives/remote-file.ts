import { createWriteStream } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { pipeline } from 'node:stream/promises';
import { BrokenArchive } from './archive-reader.ts';

const REDIRECTS = new Set([301, 302, 303, 307]);
const MOST_REDIRECTS = 5;
/** GitLab's default, of `max_import_remote_file_size`. */
const LARGEST_GIBIBYTES = 10;
const TYPES = ['application/gzip', 'application/x-tar', 'application/x-gzip'];

/** The headers of a file elsewhere, asked for by HEAD. Throws when they do not come in time. */
export async function headersOf(url: string, timeoutMs: number): Promise<IncomingHttpHeaders> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    const response = await follow('HEAD', url, signal);
    response.resume();
    return response.headers;
  } catch (error) {
    throw signal.aborted ? new Error('execution expired') : error;
  }
}

/** The size of a file elsewhere, or 0 where nobody tells. */
export function bytesOf(headers: IncomingHttpHeaders): number {
  return Number(headers['content-length'] ?? 0);
}

/** What GitLab finds wrong with a file elsewhere before it imports it. It believes S3, which answers no HEAD. */
export function problemWith(headers: IncomingHttpHeaders): string | undefined {
  if (headers.server === 'AmazonS3' && headers['x-amz-request-id']) return undefined;
  const bytes = bytesOf(headers);
  if (!(bytes > 0)) return 'Content length is too small (should be at least 1 B)';
  if (bytes > LARGEST_GIBIBYTES * 1024 ** 3) {
    return `Content length is too big (should be at most ${LARGEST_GIBIBYTES} GiB)`;
  }
  const type = headers['content-type'];
  if (type !== undefined && TYPES.includes(type)) return undefined;
  return `Content type '${type ?? ''}' not allowed. (Allowed: ${TYPES.join(', ')})`;
}

/**
 * Fetches the archive of an import into a file. Throws `BrokenArchive` unless the answer is a 200 and arrives as a whole,
 * and the reason of `signal` when that is aborted.
 */
export async function fetchArchive(url: string, path: string, signal: AbortSignal): Promise<void> {
  let response: IncomingMessage;
  try {
    response = await follow('GET', url, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new BrokenArchive(messageOf(error));
  }
  if (response.statusCode !== 200) {
    response.destroy();
    throw new BrokenArchive(`unsupported response downloading fragment ${response.statusCode}`);
  }
  try {
    await pipeline(response, createWriteStream(path), { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw new BrokenArchive(messageOf(error));
  }
}

/** The answer at the end of the redirects; the method stays, also after a 303, and nothing else is sent along. */
async function follow(
  method: 'GET' | 'HEAD',
  url: string,
  signal?: AbortSignal,
  left = MOST_REDIRECTS,
): Promise<IncomingMessage> {
  const response = await ask(method, url, signal);
  const { location } = response.headers;
  if (!REDIRECTS.has(response.statusCode ?? 0) || location === undefined) return response;
  response.resume();
  if (left === 0) throw new Error('HTTP redirects too deep');
  return follow(method, new URL(location, url).href, signal, left - 1);
}

function ask(method: 'GET' | 'HEAD', url: string, signal: AbortSignal | undefined): Promise<IncomingMessage> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request(url, { method, agent: false, ...(signal && { signal }) }, resolve)
      .once('error', reject)
      .end();
  });
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
