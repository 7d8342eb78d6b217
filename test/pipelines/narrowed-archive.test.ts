import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { createGunzip, createGzip } from 'node:zlib';
import { extract, pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { narrowedArchive } from '../../lambdas/pipelines/narrowed-archive.ts';

type Files = Record<string, string | Buffer>;

async function archiveOf(files: Files): Promise<Buffer> {
  const all = pack();
  for (const [name, content] of Object.entries(files)) all.entry({ name }, content);
  all.finalize();
  return buffer(all.pipe(createGzip()));
}

async function filesIn(archive: Readable): Promise<Record<string, string>> {
  const files = extract();
  archive.pipe(createGunzip()).pipe(files);
  const found: Record<string, string> = {};
  for await (const file of files) found[file.header.name] = (await buffer(file)).toString();
  return found;
}

const ISSUES = Array.from({ length: 3_000 }, (_, iid) =>
  JSON.stringify({ iid, title: randomBytes(40).toString('hex') }),
).join('\n');
const WHOLE: Files = {
  './VERSION': '0.2.4',
  './tree/project.json': '{"description":"of the source"}',
  './tree/project/project_members.ndjson': '{"access_level":50}',
  './tree/project/issues.ndjson': ISSUES,
  './tree/project/labels.ndjson': '{"title":"bug"}',
  './project.bundle': randomBytes(300_000),
};

/** Reads bytes in chunks of a size. */
const chunked = (bytes: Buffer, size: number) =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
  );

describe('the part of an archive for one relation', () => {
  it('has its records, the format, and neither attributes nor members of the project', async () => {
    const whole = await archiveOf(WHOLE);

    const narrowed = await narrowedArchive(async () => Readable.from([whole]), 'issues');

    expect(await filesIn((await narrowed?.open()) as Readable)).toEqual({
      'tree/project.json': '{}',
      VERSION: '0.2.4',
      'tree/project/issues.ndjson': ISSUES,
    });
  });

  it('has as many bytes as it says, and the same ones however it is read', async () => {
    const whole = await archiveOf(WHOLE);
    let size = 0;

    const narrowed = await narrowedArchive(async () => chunked(whole, 777 + 1_000 * size++), 'issues');

    const some = await Promise.all([1, 2, 3].map(async () => buffer((await narrowed?.open()) as Readable)));
    expect(some.map(({ length }) => length)).toEqual([1, 2, 3].map(() => narrowed?.bytes));
    expect(some[1]?.equals(some[0] as Buffer) && some[2]?.equals(some[0] as Buffer)).toBe(true);
  });

  it('reads no further than to the records', async () => {
    const whole = await archiveOf({ ...WHOLE, './lfs-objects/large': randomBytes(4_000_000) });
    const opened: Readable[] = [];
    let sent = 0;
    const read = async () => {
      sent = 0;
      const archive = chunked(whole, 10_000).on('data', (chunk: Buffer) => {
        sent += chunk.length;
      });
      archive.pause();
      opened.push(archive);
      return archive;
    };

    const narrowed = await narrowedArchive(read, 'issues');
    await buffer((await narrowed?.open()) as Readable);

    expect(sent).toBeLessThan(whole.length / 2);
    expect(opened.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });

  it.each<[string, Files]>([
    ['no such file', { VERSION: '0.2.4', 'tree/project.json': '{}' }],
    ['an empty one', { VERSION: '0.2.4', 'tree/project/issues.ndjson': '' }],
  ])('is none where the archive has %s', async (_, files) => {
    const whole = await archiveOf(files);

    expect(await narrowedArchive(async () => Readable.from([whole]), 'issues')).toBeUndefined();
  });

  it('fails where the archive breaks off', async () => {
    const whole = await archiveOf(WHOLE);
    const half = whole.subarray(0, whole.length / 10);

    await expect(narrowedArchive(async () => Readable.from([half]), 'labels')).rejects.toThrow();
  });

  it('ends the archive when nobody reads on', async () => {
    const whole = await archiveOf(WHOLE);
    const opened: Readable[] = [];
    const narrowed = await narrowedArchive(async () => {
      const archive = chunked(whole, 1_000);
      opened.push(archive);
      return archive;
    }, 'issues');

    const stream = await narrowed?.open();
    stream?.destroy();

    await expect.poll(() => opened.map(({ destroyed }) => destroyed)).toEqual([true, true]);
  });
});
