import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import { entriesOf } from '../archives/archive-entries.ts';

/** What of an archive is sent for one relation, as a file of its own. */
export interface NarrowedArchive {
  bytes: number;
  /** Makes it once more, byte for byte. Whoever does not read it to its end destroys it. */
  open(): Promise<Readable>;
}

/** The format of archives, by which GitLab knows whether it can read one. */
const VERSION = 'VERSION';
/** The attributes of the project, without which GitLab reads no archive. */
const ATTRIBUTES = 'tree/project.json';
const fileOf = (relation: string) => `tree/project/${relation}.ndjson`;

/** Files have no time of their own. */
const EPOCH = new Date(0);
/** What is compressed comes in blocks of one size: the same content has the same bytes, however it arrives. */
const BLOCK_BYTES = 64 * 1024;

/**
 * The part of a project's archive that holds one relation, without the attributes of the project and without its members:
 * GitLab would set the former to what they were at the source, and give memberships to people who may have lost them. The
 * archive is gone through twice, once for the length of what is sent, and nothing of it is kept.
 *
 * @param read reads the archive from its beginning
 * @returns `undefined` when the archive has nothing of that relation
 */
export async function narrowedArchive(
  read: () => Promise<Readable>,
  relation: string,
): Promise<NarrowedArchive | undefined> {
  const first = new Narrowing(relation, await read());
  let bytes = 0;
  for await (const chunk of first.stream as AsyncIterable<Buffer>) bytes += chunk.length;
  if (!first.hasRecords) return undefined;
  return { bytes, open: async () => new Narrowing(relation, await read()).stream };
}

/** One way through an archive. */
class Narrowing {
  readonly stream: Readable;
  readonly #relation: string;
  #hasRecords = false;

  constructor(relation: string, archive: Readable) {
    this.#relation = relation;
    const packed = pack();
    const sent = createGzip();
    // An error of any of them ends the last one, whose reader hears of it.
    pipeline(packed, new Blocks(), sent).catch(() => undefined);
    this.#copy(archive, packed).catch(error => packed.destroy(error as Error));
    sent.once('close', () => archive.destroy());
    this.stream = sent;
  }

  /** Whether there was something of the relation. */
  get hasRecords(): boolean {
    return this.#hasRecords;
  }

  /** Copies what is wanted, and reads no further than it must. */
  async #copy(archive: Readable, to: Pack): Promise<void> {
    const left = new Set([VERSION, fileOf(this.#relation)]);
    to.entry({ name: ATTRIBUTES, mtime: EPOCH }, '{}');
    for await (const { path: name, header, content } of entriesOf(archive)) {
      if (left.delete(name)) {
        const { size } = header;
        this.#hasRecords ||= name !== VERSION && size > 0;
        await pipeline(content, to.entry({ name, size, mtime: EPOCH }));
      }
      if (left.size === 0) break;
    }
    to.finalize();
  }
}

/** Turns chunks of any size into blocks of one. */
class Blocks extends Transform {
  #held: Buffer[] = [];
  #length = 0;

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    this.#held.push(chunk);
    this.#length += chunk.length;
    if (this.#length >= BLOCK_BYTES) {
      const all = Buffer.concat(this.#held);
      let at = 0;
      for (; all.length - at >= BLOCK_BYTES; at += BLOCK_BYTES) this.push(all.subarray(at, at + BLOCK_BYTES));
      this.#held = [all.subarray(at)];
      this.#length = all.length - at;
    }
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.#length > 0) this.push(Buffer.concat(this.#held));
    done();
  }
}
