import {
  BLOCK_BYTES,
  BrokenArchiveError,
  EXTENSIONS,
  fillOf,
  isEnd,
  readExtension,
  readHeader,
  type TarHeader,
} from './tar-header.ts';

/** What says more of an entry than fits into its header: names, of which no file system takes longer ones. */
const LONGEST_EXTENSION_BYTES = 1024 * 1024;

/** One entry of a tar file, as it is there. What its reader has not taken of it is passed over. */
export interface TarEntry extends TarHeader {
  /** What comes before its header and belongs to it. */
  extensions: Buffer;
  header: Buffer;
  /** Whether its size is written in its header, and not in what comes before that. */
  hasOwnSize: boolean;
  /** Its content, and what fills the last block. To be asked for once. */
  blocks(): AsyncGenerator<Buffer>;
}

/** What is left of a tar file behind its last entry. */
export interface TarEnd {
  rest(): AsyncGenerator<Buffer>;
}

/**
 * The entries of a tar file, one after the other, byte by byte as they are there: whoever writes all of them again has
 * the same file. (tar-stream reads entries and writes them anew, in its own way.)
 *
 * @throws BrokenArchiveError when it is no tar file, or ends in the middle
 */
export async function* entriesOf(tar: AsyncIterable<Buffer>): AsyncGenerator<TarEntry | TarEnd> {
  const bytes = new Bytes(tar);
  let extensions: Buffer[] = [];
  let extended: ReturnType<typeof readExtension> = {};
  for (;;) {
    const header = await bytes.take(BLOCK_BYTES);
    if (header.length === 0 || isEnd(header)) {
      if (extensions.length > 0) throw cutOff();
      yield { rest: () => before(header, bytes.all()) };
      return;
    }
    if (header.length < BLOCK_BYTES) throw cutOff();
    const own = readHeader(header);
    if (EXTENSIONS.has(own.type)) {
      const whole = own.size + fillOf(own.size);
      if (whole > LONGEST_EXTENSION_BYTES) throw new BrokenArchiveError('a header in it is damaged');
      const content = await bytes.take(whole);
      if (content.length < whole) throw cutOff();
      extended = { ...extended, ...readExtension(own.type, content.subarray(0, own.size)) };
      extensions.push(header, content);
      continue;
    }
    const entry = { ...own, ...extended };
    const whole = entry.size + fillOf(entry.size);
    const end = bytes.taken + whole;
    yield {
      ...entry,
      extensions: Buffer.concat(extensions),
      header,
      hasOwnSize: extended.size === undefined,
      blocks: () => bytes.pieces(whole),
    };
    for await (const _ of bytes.pieces(end - bytes.taken));
    extensions = [];
    extended = {};
  }
}

async function* before(first: Buffer, others: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* others;
}

/** A stream of which so many bytes are taken at a time. */
class Bytes {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  /** How many bytes were taken so far. */
  taken = 0;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** So many bytes; fewer at the end. */
  async take(length: number): Promise<Buffer> {
    const taken: Buffer[] = [];
    let missing = length;
    while (missing > 0) {
      const piece = await this.#next(missing);
      if (piece === undefined) break;
      taken.push(piece);
      missing -= piece.length;
    }
    return Buffer.concat(taken);
  }

  /** So many bytes, as they come. @throws BrokenArchiveError when there are not so many */
  async *pieces(length: number): AsyncGenerator<Buffer> {
    let missing = length;
    while (missing > 0) {
      const piece = await this.#next(missing);
      if (piece === undefined) throw cutOff();
      missing -= piece.length;
      yield piece;
    }
  }

  /** All that is left. */
  all(): AsyncGenerator<Buffer> {
    const next = () => this.#next(Number.MAX_SAFE_INTEGER);
    return (async function* () {
      for (let piece = await next(); piece !== undefined; piece = await next()) yield piece;
    })();
  }

  async #next(most: number): Promise<Buffer | undefined> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#source.next();
      if (done) return undefined;
      this.#rest = value;
    }
    const piece = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(piece.length);
    this.taken += piece.length;
    return piece;
  }
}

const cutOff = () => new BrokenArchiveError('it ends in the middle');
