import { stat } from 'node:fs/promises';
import type { ApiAnswer } from '../answer.ts';
import type { ArchiveBehaviour } from './behaviour.ts';

/** What a request says of the part that it wants. */
type Wanted = Partial<Record<'range' | 'if-range', string | undefined>>;

/** A file, or the part of it that a `Range` header asks for: 200, 206 or 416; the whole where `If-Range` names another. */
export async function fileAnswer(
  path: string,
  wanted: Wanted,
  { rangesHonoured, cutDownloadAfter: cutAfter }: ArchiveBehaviour,
): Promise<ApiAnswer> {
  const { size, mtime, mtimeMs, ino } = await stat(path);
  const validators = { etag: `"${ino}-${mtimeMs}-${size}"`, 'last-modified': mtime.toUTCString() };
  const headers = {
    'content-type': 'application/octet-stream',
    ...validators,
    ...(rangesHonoured && { 'accept-ranges': 'bytes' }),
  };
  const isOther = ![undefined, ...Object.values(validators)].includes(wanted['if-range']);
  const part = rangesHonoured && !isOther ? partOf(wanted.range, size) : undefined;
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
