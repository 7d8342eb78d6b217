import { posix } from 'node:path';

/** Everything in a tar file is a multiple of this. */
export const BLOCK_BYTES = 512;

/** The file is no tar, or not one that GitLab makes. */
export class BrokenArchiveError extends Error {
  override readonly name = 'BrokenArchiveError';
}

/** What the header of an entry says. */
export interface TarHeader {
  /** The path without `./` before it. */
  name: string;
  /** Bytes that come after it, without what fills their last block. */
  size: number;
  /** One letter; `0` is a file. */
  type: string;
}

/** Where the fields of a header are (POSIX.1-1988, `ustar`). */
const NAME = [0, 100] as const;
const SIZE = [124, 136] as const;
const CHECKSUM = [148, 156] as const;
const TYPE = 156;
const MAGIC = [257, 263] as const;
const PREFIX = [345, 500] as const;
/** The first bit of a number that is not written in octal digits. */
const BINARY = 0x80;
const SPACE = 0x20;
const DIRECTORY = '5';

/** Reads a header. @throws BrokenArchiveError when it is none */
export function readHeader(block: Buffer): TarHeader {
  if (numberIn(block, CHECKSUM) !== checksumOf(block))
    throw new BrokenArchiveError('a header in it is damaged');
  const prefix = textIn(block, MAGIC) === 'ustar' ? textIn(block, PREFIX) : '';
  const type = String.fromCharCode(block[TYPE] || '0'.charCodeAt(0));
  return {
    name: normal(`${prefix}/${textIn(block, NAME)}`),
    size: type === DIRECTORY ? 0 : numberIn(block, SIZE),
    type,
  };
}

/** The same header for a file of another size. */
export function withSize(block: Buffer, size: number): Buffer {
  const changed = Buffer.from(block);
  changed.write(`${size.toString(8).padStart(11, '0')}\0`, SIZE[0], 'latin1');
  changed.write(`${checksumOf(changed).toString(8).padStart(6, '0')}\0 `, CHECKSUM[0], 'latin1');
  return changed;
}

/** What fills the last block of so many bytes. */
export const fillOf = (size: number): number => (BLOCK_BYTES - (size % BLOCK_BYTES)) % BLOCK_BYTES;

/** Whether a block is one of those that end a tar file. */
export const isEnd = (block: Buffer): boolean => block.every(byte => byte === 0);

/** A path as it is unpacked, wherever that is. */
export const normal = (path: string): string => posix.normalize(`/${path}`).slice(1);

/**
 * What comes before a header to say more of its entry than fits into it: `x` is that of POSIX.1-2001 (pax), `L` a long
 * name of GNU's. Others say nothing that is asked for here.
 *
 * @returns the name and size that hold in place of those of the header
 */
export function readExtension(type: string, content: Buffer): Partial<Pick<TarHeader, 'name' | 'size'>> {
  if (type === 'L') return { name: normal(textIn(content, [0, content.length])) };
  if (type !== 'x') return {};
  const { path, size } = recordsIn(content);
  return {
    ...(path !== undefined && { name: normal(path) }),
    ...(size !== undefined && { size: Number(size) }),
  };
}

/** Types of entries that say something of the next one. */
export const EXTENSIONS: ReadonlySet<string> = new Set(['x', 'g', 'L', 'K']);

/** The records of a pax header, each `<length> <key>=<value>` with a new line at its end. */
function recordsIn(content: Buffer): Record<string, string> {
  const records: [string, string][] = [];
  for (let at = 0; at < content.length && content[at] !== 0; ) {
    const space = content.indexOf(SPACE, at);
    const length = Number(content.toString('latin1', at, space));
    const equals = content.indexOf('=', space);
    if (!(space > at && length > 0 && equals > space && equals < at + length)) {
      throw new BrokenArchiveError('a header in it is damaged');
    }
    const value = content.toString('utf8', equals + 1, at + length - 1);
    records.push([content.toString('utf8', space + 1, equals), value]);
    at += length;
  }
  return Object.fromEntries(records);
}

type Range = readonly [from: number, to: number];

/** A text, which ends where its field does, or before that with a zero. */
function textIn(block: Buffer, [from, to]: Range): string {
  const zero = block.subarray(from, to).indexOf(0);
  return block.toString('utf8', from, zero === -1 ? to : from + zero);
}

function numberIn(block: Buffer, [from, to]: Range): number {
  const first = block[from] ?? 0;
  // GNU's way to write what has too many digits.
  if ((first & BINARY) !== 0) return Number(BigInt(`0x${block.toString('hex', from + 4, to)}`));
  const digits = textIn(block, [from, to]).trim();
  const number = Number.parseInt(digits || '0', 8);
  if (!/^[0-7]*$/.test(digits)) throw new BrokenArchiveError('a header in it is damaged');
  return number;
}

/** The sum of all bytes, with spaces for the sum itself. */
function checksumOf(block: Buffer): number {
  let sum = SPACE * (CHECKSUM[1] - CHECKSUM[0]);
  for (let at = 0; at < BLOCK_BYTES; at++) {
    if (at < CHECKSUM[0] || at >= CHECKSUM[1]) sum += block[at] ?? 0;
  }
  return sum;
}
