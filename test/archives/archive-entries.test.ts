import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BrokenArchiveError, entriesOf } from '../../lambdas/archives/archive-entries.ts';
import { StoreError } from '../../lambdas/domain/store-errors.ts';
import { tarOf } from '../support/archives/tar-files.ts';

const file = (name: string) => ({ header: { name }, content: randomBytes(2_000) });
const archiveOf = (...names: string[]) => tarOf(names.map(file));

/** A stream of bytes, in pieces, that fails at its end where it is told to. */
function streamOf(bytes: Buffer, failure?: Error): Readable {
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += 100) yield bytes.subarray(at, at + 100);
    if (failure !== undefined) throw failure;
  };
  return Readable.from(pieces());
}

type Fault = [
  what: string,
  make: (archive: Buffer) => Readable,
  told: typeof BrokenArchiveError | typeof StoreError,
];
const FAULTS: Fault[] = [
  ['ends early', archive => streamOf(archive.subarray(0, -500)), BrokenArchiveError],
  [
    'has a tar file that ends early',
    archive => streamOf(gzipSync(gunzipSync(archive).subarray(0, -2_000))),
    BrokenArchiveError,
  ],
  [
    'cannot be read to its end',
    archive => streamOf(archive.subarray(0, -500), new StoreError('It is gone.')),
    StoreError,
  ],
];

describe('the entries of an archive', () => {
  it('have their path without what comes before it, and their content', async () => {
    const archive = await tarOf([
      { header: { name: './', type: 'directory' } },
      { header: { name: './tree//project/./labels.ndjson' }, content: 'one' },
    ]);

    const found: [string, string][] = [];
    for await (const { path, content } of entriesOf(streamOf(archive)))
      found.push([path, (await buffer(content)).toString()]);

    expect(found).toEqual([
      ['', ''],
      ['tree/project/labels.ndjson', 'one'],
    ]);
  });

  describe.each(FAULTS)('of one that %s', (_, make, told) => {
    it.each<[string, (archive: Readable) => Promise<void>]>([
      ['reads files', archive => readAll(archive)],
      // By then its stream has ended, and with it the file.
      ['begins to read a file late', archive => readAll(archive, closed(archive))],
      [
        'passes over them',
        async archive => {
          for await (const _ of entriesOf(archive));
        },
      ],
    ])('tell that to whoever %s', async (_, read) => {
      const archive = make(await archiveOf('a', 'b'));

      await expect(read(archive)).rejects.toThrow(told);
      expect(archive.destroyed).toBe(true);
    });
  });

  it('do not seem to be all of them to whoever stops in the middle of a file', async () => {
    const readABit = async () => {
      for await (const { content } of entriesOf(streamOf(await archiveOf('a', 'b')))) {
        for await (const _ of content) break;
      }
    };

    await expect(readABit()).rejects.toThrow();
  });

  it('end the stream of the archive when nobody reads on', async () => {
    const archive = streamOf(await archiveOf('a', 'b'));

    for await (const { path } of entriesOf(archive)) if (path === 'a') break;

    expect(archive.destroyed).toBe(true);
  });
});

const closed = (stream: Readable) => new Promise<void>(resolve => stream.once('close', resolve));

async function readAll(archive: Readable, begin: Promise<void> = Promise.resolve()): Promise<void> {
  for await (const { content } of entriesOf(archive)) {
    await begin;
    await buffer(content);
  }
}
