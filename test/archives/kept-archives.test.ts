import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { appendFile, readdir, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from 'vitest';
import { FolderArchiveStore } from '../../lambdas/archives/folder-archive-store.ts';
import { S3ArchiveStore } from '../../lambdas/archives/s3-archive-store.ts';
import { StoreBusyError, StoreError } from '../../lambdas/domain/store-errors.ts';
import { startBucket } from '../support/archives/s3-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'kept-archives-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Bytes of a part here, so that there are many. */
const SMALL = 2 ** 16;
const KEY = 'archives/1/2/an-attempt.tar.gz';
const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

/** A program that stores small parts, each of its number, until it is killed. */
const WRITER = `
  import { FolderArchiveStore } from ${JSON.stringify(new URL('../../lambdas/archives/folder-archive-store.ts', import.meta.url).href)};
  const [folder, key, upload] = process.argv.slice(1);
  const store = new FolderArchiveStore(folder, { partBytes: ${SMALL} });
  const { parts } = await store.stored(key, upload);
  console.log('begins behind', parts);
  for (let number = parts + 1; ; number++) await store.append(key, upload, number, Buffer.alloc(${SMALL}, number % 251));
`;

describe('an archive in a folder', () => {
  it('goes on behind what is whole, whenever the process is killed', async () => {
    const own = join(folder, 'killed');
    const store = new FolderArchiveStore(own, { partBytes: 2 ** 16 });
    const upload = await store.begin(KEY);
    let before = 0;
    for (let kills = 0; kills < 3; kills++) {
      const writer = spawn(process.execPath, ['--input-type=module', '-e', WRITER, own, KEY, upload]);
      await once(writer.stdout, 'data');
      let parts = before;
      while (parts < before + 3) parts = (await store.stored(KEY, upload))?.parts ?? 0;
      writer.kill('SIGKILL');
      await once(writer, 'exit');
      const stored = await store.stored(KEY, upload);
      expect(stored?.bytes).toBe((stored?.parts ?? 0) * SMALL);
      before = stored?.parts ?? 0;
    }
    const bytes = await buffer(await store.read(await store.complete(KEY, upload)));

    expect(bytes.length).toBe(before * SMALL);
    for (let part = 0; part < before; part++) {
      expect(bytes.subarray(part * SMALL, (part + 1) * SMALL).every(byte => byte === (part + 1) % 251)).toBe(
        true,
      );
    }
  });

  it('takes no half a line for a part', async () => {
    const store = new FolderArchiveStore(join(folder, 'torn'), { partBytes: 10 });
    const upload = await store.begin(KEY);
    await store.append(KEY, upload, 1, Buffer.alloc(10, 'a'));
    await appendFile(join(folder, 'torn', `${KEY}.${upload}.parts`), '\n2 1');
    expect(await store.stored(KEY, upload)).toEqual({ parts: 1, bytes: 10 });

    await store.append(KEY, upload, 2, Buffer.alloc(10, 'b'));
    expect(await store.stored(KEY, upload)).toEqual({ parts: 2, bytes: 20 });
  });

  it('is there for its owner only, from the first byte on, and leaves no folder behind', async () => {
    const own = join(folder, 'modes');
    const store = new FolderArchiveStore(own, { partBytes: 10 });
    const upload = await store.begin(KEY);
    await store.append(KEY, upload, 1, Buffer.from('a'));
    const files = dirname(join(own, KEY));
    for (const name of await readdir(files)) expect(await modeOf(join(files, name))).toBe('600');
    for (const path of [own, join(own, 'archives'), files]) expect(await modeOf(path)).toBe('700');
    await store.complete(KEY, upload);
    expect(await modeOf(join(own, KEY))).toBe('600');
    expect(await readdir(files)).toEqual(['an-attempt.tar.gz']);

    await store.remove(KEY);
    expect(await readdir(own)).toEqual([]);
  });

  it.each(['../secret', 'archives/../../secret', '/etc/passwd', 'archives//x', '.hidden', 'a\0b', ''])(
    'is never under the key %j, which leads out of the folder',
    async key => {
      const store = new FolderArchiveStore(join(folder, 'keys'));

      await expect(store.begin(key)).rejects.toThrow(StoreError);
      await expect(store.find(key)).rejects.toThrow(StoreError);
      await expect(store.remove(key)).rejects.toThrow(StoreError);
      await expect(store.read({ key, version: null, bytes: 1 })).rejects.toThrow(StoreError);
    },
  );

  it('takes no part that is larger than its place', async () => {
    const store = new FolderArchiveStore(join(folder, 'large'), { partBytes: 10 });
    const upload = await store.begin(KEY);

    await expect(store.append(KEY, upload, 1, Buffer.alloc(11))).rejects.toThrow(StoreError);
    expect((await readFile(join(folder, 'large', `${KEY}.${upload}.part`))).length).toBe(0);
  });
});

describe('an archive in a bucket', () => {
  it('has to wait when S3 is busy, and not when it refuses', async () => {
    const { bucket, client } = await startBucket();
    const store = new S3ArchiveStore('archives', client);

    bucket.fail(503, 'SlowDown');
    await expect(store.begin(KEY)).rejects.toThrow(StoreBusyError);
    bucket.fail(403, 'AccessDenied');
    const refused = store.begin(KEY);
    await expect(refused).rejects.toThrow(StoreError);
    await expect(refused).rejects.not.toBeInstanceOf(StoreBusyError);
    bucket.fail(403, 'AccessDenied');
    await expect(store.find(KEY)).rejects.toThrow(StoreError);
  });

  it('that breaks off while it is read is trouble of the store, not of whoever it is sent to', async () => {
    const { bucket, client } = await startBucket();
    const store = new S3ArchiveStore('archives', client);
    const upload = await store.begin(KEY);
    await store.append(KEY, upload, 1, Buffer.alloc(2 ** 20));
    const archive = await store.complete(KEY, upload);
    bucket.troubles.push('cut');

    await expect(buffer(await store.read(archive))).rejects.toThrow(StoreBusyError);
  });

  it('is read in the version that was completed, whatever came after it', async () => {
    const { client } = await startBucket();
    const store = new S3ArchiveStore('archives', client);
    const archives = [];
    for (const text of ['first', 'second']) {
      const upload = await store.begin(KEY);
      await store.append(KEY, upload, 1, Buffer.from(text));
      archives.push(await store.complete(KEY, upload));
    }

    const [first, second] = archives;
    if (first === undefined || second === undefined) throw new Error('They were completed.');
    expect((await buffer(await store.read(first))).toString()).toBe('first');
    expect(await store.find(KEY)).toEqual(second);
  });

  it('is complete when its answer was lost', async () => {
    const { bucket, client } = await startBucket();
    const store = new S3ArchiveStore('archives', client);
    const upload = await store.begin(KEY);
    await store.append(KEY, upload, 1, Buffer.from('a'));
    // The list of its parts is answered, its completion is done and not answered.
    bucket.troubles.push('none', 'cut');
    await expect(store.complete(KEY, upload)).rejects.toThrow(StoreBusyError);

    const archive = await store.complete(KEY, upload);
    expect(archive).toMatchObject({ bytes: 1, version: bucket.objects.get(KEY)?.[0]?.id });
    expect(bucket.objects.get(KEY)).toHaveLength(1);
  });
});
