import { Transform, type TransformCallback } from 'node:stream';
import { crc32 } from 'node:zlib';

/** The most that one block of this kind can have. */
const BLOCK_BYTES = 0xffff;
/** Signature, deflate, no flags, no time, no hints, Unix. */
const HEADER = Buffer.from('1f8b0800000000000003', 'hex');

/**
 * Packs without making anything smaller: a gzip file of stored blocks (RFC 1951, 3.2.4). zlib can do that, too, and
 * takes several times as long, which counts for gigabytes.
 */
export class StoredGzip extends Transform {
  #checksum = 0;
  #size = 0;

  constructor() {
    super();
    this.push(HEADER);
  }

  override _transform(piece: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#checksum = crc32(piece, this.#checksum);
    this.#size += piece.length;
    done(null, Buffer.concat(blocksOf(piece)));
  }

  override _flush(done: TransformCallback): void {
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.#checksum);
    trailer.writeUInt32LE(this.#size % 2 ** 32, 4);
    done(null, Buffer.concat([blockHeader(0, true), trailer]));
  }
}

function blocksOf(piece: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let from = 0; from < piece.length; from += BLOCK_BYTES) {
    const block = piece.subarray(from, from + BLOCK_BYTES);
    blocks.push(blockHeader(block.length, false), block);
  }
  return blocks;
}

function blockHeader(bytes: number, last: boolean): Buffer {
  const header = Buffer.alloc(5);
  header[0] = last ? 1 : 0;
  header.writeUInt16LE(bytes, 1);
  header.writeUInt16LE(bytes ^ BLOCK_BYTES, 3);
  return header;
}
