import { stat } from 'node:fs/promises';
import type { ApiAnswer } from '../answer.ts';
import type { ArchiveBehaviour } from './behaviour.ts';

/** A file, or the part of it that a `Range` header asks for: 200, 206 or 416. */
export async function fileAnswer(
  path: string,
  range: string | undefined,
  { rangesHonoured, cutDownloadAfter: cutAfter }: ArchiveBehaviour,
): Promise<ApiAnswer> {
  const { size } = await stat(path);
  const headers = {
    'content-type': 'application/octet-stream',
    ...(rangesHonoured && { 'accept-ranges': 'bytes' }),
  };
  const part = rangesHonoured ? partOf(range, size) : undefined;
  if (part === undefined) {
    return { status: 200, headers, body: '', file: { path, from: 0, to: size - 1, cutAfter } };
  }
  if (part === 'outside') {
    return { status: 416, headers: { ...headers, 'content-range': `bytes */${size}` }, body: '' };
  }
  const { from, to } = part;
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${from}-${to}/${size}` },
    body: '',
    file: { path, from, to, cutAfter },
  };
}

/** Of one range of bytes; whatever else is asked for gets the whole file, which is always allowed. */
function partOf(
  range: string | undefined,
  size: number,
): { from: number; to: number } | 'outside' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const from = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === '' || last === '' ? size - 1 : Math.min(size - 1, Number(last));
  return from > to ? 'outside' : { from, to };
}
