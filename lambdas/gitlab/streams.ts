import { Readable } from 'node:stream';
import type { Secret } from '../domain/secret.ts';
import { RESPONSE } from './budgets.ts';
import type { Download } from './calls.ts';
import { connectionError } from './connection-errors.ts';
import { NetworkError } from './errors.ts';
import { isWebPage } from './reasons.ts';
import { readBody } from './response-body.ts';
import { type Attempted, unreadableResponse, webPage } from './response-errors.ts';
import { bodyOf, type OpenResponse } from './streamed-reads.ts';
import type { HttpResponse } from './transport.ts';

/** Types of responses that are never an archive. */
const NO_FILE = /^(text\/html|application\/json)\b/i;
/** `bytes 5-9/10`; with `*` where the size is not known. */
const CONTENT_RANGE = /^bytes (\d+)-\d+\/(\d+|\*)$/i;
/** What comes with a 416: the size of the file. */
const UNSATISFIED = /^bytes \*\/(\d+)$/i;

type Opened = OpenResponse & { isForeign: boolean };

/** The beginning of a response that is no file, and its end. */
export async function beginningOf(opened: Opened): Promise<HttpResponse> {
  const { status, headers, message, idle, isForeign } = opened;
  idle.refresh();
  try {
    const body = await readBody(message, RESPONSE.errorBytes);
    return { status, headers, body, isForeign };
  } catch {
    // The status speaks for itself.
    return { status, headers, body: Buffer.alloc(0), isForeign };
  } finally {
    idle.stop();
    opened.discard();
  }
}

/**
 * A success as a file.
 *
 * @throws NetworkError when it is something else, or begins where it was not asked to
 */
export async function downloadOf(
  attempted: Attempted,
  opened: Opened,
  from: number,
  token: Secret,
): Promise<Download> {
  const { status, headers } = opened;
  if (NO_FILE.test(headers['content-type'] ?? '')) {
    const response = await beginningOf(opened);
    if (isWebPage(response)) throw webPage(attempted, response, token);
    throw unreadableResponse(attempted, 'it is not a file', true);
  }
  const isPart = status === 206;
  const range = isPart ? CONTENT_RANGE.exec(headers['content-range'] ?? '') : null;
  const isWrong = isPart && (range === null || Number(range[1]) !== from);
  if (isWrong || (status !== 200 && !isPart)) {
    opened.discard();
    throw unreadableResponse(attempted, 'it is not the part of the file that was asked for', true);
  }
  const size = isPart ? range?.[2] : headers['content-length'];
  return {
    status: isPart ? 206 : 200,
    bytes: size !== undefined && /^\d+$/.test(size) ? Number(size) : undefined,
    headers,
    body: bodyOf(opened, error => connectionError(attempted, error)),
  };
}

/**
 * A refusal of a part that begins where the file ends, or behind it: there is nothing more to read. `bytes` is the size
 * that the response names, which whoever has read more than that has to compare. `undefined` for other errors.
 */
export function nothingMore(
  error: unknown,
  headers: Record<string, string>,
  from: number,
): Download | undefined {
  if (!(error instanceof NetworkError) || error.status !== 416 || from === 0) return undefined;
  const size = UNSATISFIED.exec(headers['content-range'] ?? '')?.[1];
  const bytes = size === undefined ? undefined : Number(size);
  return { status: 206, bytes, headers, body: Readable.from([]) };
}
