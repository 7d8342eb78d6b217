import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { ArchiveStore, StoredArchive } from '../../lambdas/archives/archive-store.ts';
import { FolderArchiveStore } from '../../lambdas/archives/folder-archive-store.ts';
import { S3ArchiveStore } from '../../lambdas/archives/s3-archive-store.ts';
import { StoreError } from '../../lambdas/domain/store-errors.ts';
import { startBucket } from '../support/archives/s3-server.ts';

/** The least that S3 takes for a part that is not the last. */
const PART = 5 * 1024 * 1024;
const KEY = 'archives/1/2/an-attempt.tar.gz';
const folder = mkdtempSync(join(tmpdir(), 'archives-'));
afterAll(() => rmSync(folder, { recursive: true }));

const part = (letter: string, bytes = PART): Buffer => Buffer.alloc(bytes, letter);
const text = async (store: ArchiveStore, archive: StoredArchive): Promise<string> =>
  (await buffer(await store.read(archive)))
    .toString()
    .replaceAll(/(.)\1*/g, run => `${run[0]}${run.length} `);

let number = 0;
const makes: Record<string, () => Promise<() => ArchiveStore>> = {
  'in a bucket': async () => {
    const { client } = await startBucket();
    return () => new S3ArchiveStore('archives', client);
  },
  'in a folder': async () => {
    const own = join(folder, String(number++));
    return () => new FolderArchiveStore(own, { partBytes: PART });
  },
};

describe.each(Object.entries(makes))('archives %s', (_, make) => {
  let open: () => ArchiveStore;
  let store: ArchiveStore;
  beforeEach(async () => {
    open = await make();
    store = open();
  });

  async function archive(key: string, ...parts: Buffer[]): Promise<StoredArchive> {
    const upload = await store.begin(key);
    for (const [index, bytes] of parts.entries()) await store.append(key, upload, index + 1, bytes);
    return store.complete(key, upload);
  }

  it('are made of parts, and read as one', async () => {
    const stored = await archive(KEY, part('a'), part('b'), part('c', 3));

    expect(stored).toMatchObject({ key: KEY, bytes: 2 * PART + 3 });
    expect(await text(store, stored)).toBe(`a${PART} b${PART} c3 `);
    expect(await store.find(KEY)).toEqual(stored);
  });

  it('are resumed by another process behind the last part that is stored', async () => {
    const upload = await store.begin(KEY);
    expect(await open().stored(KEY, upload)).toEqual({ parts: 0, bytes: 0 });
    await store.append(KEY, upload, 1, part('a'));
    await store.append(KEY, upload, 2, part('b'));
    await store.append(KEY, upload, 3, part('c'));

    const other = open();
    expect(await other.stored(KEY, upload)).toEqual({ parts: 3, bytes: 3 * PART });
    await other.append(KEY, upload, 4, part('d', 1));
    expect(await text(other, await other.complete(KEY, upload))).toBe(`a${PART} b${PART} c${PART} d1 `);
  });

  it('count their parts up to the first gap, and are not completed with one', async () => {
    const upload = await store.begin(KEY);
    await store.append(KEY, upload, 1, part('a'));
    await store.append(KEY, upload, 3, part('c', 2));

    expect(await store.stored(KEY, upload)).toEqual({ parts: 1, bytes: PART });
    await expect(store.complete(KEY, upload)).rejects.toThrow(StoreError);
    await store.append(KEY, upload, 2, part('b'));
    expect(await text(store, await store.complete(KEY, upload))).toBe(`a${PART} b${PART} c2 `);
  });

  it('take a part again, in the place of the first one, also a shorter one', async () => {
    const upload = await store.begin(KEY);
    await store.append(KEY, upload, 1, part('a'));
    await store.append(KEY, upload, 2, part('x'));
    await store.append(KEY, upload, 2, part('b', 7));

    expect(await store.stored(KEY, upload)).toEqual({ parts: 2, bytes: PART + 7 });
    expect(await text(store, await store.complete(KEY, upload))).toBe(`a${PART} b7 `);
  });

  it('are not found before they are complete', async () => {
    const upload = await store.begin(KEY);
    await store.append(KEY, upload, 1, part('a'));

    expect(await store.find(KEY)).toBeUndefined();
  });

  it('are not made of nothing', async () => {
    const upload = await store.begin(KEY);

    await expect(store.complete(KEY, upload)).rejects.toThrow(StoreError);
  });

  it('are not completed with a small part before the last', async () => {
    const upload = await store.begin(KEY);
    await store.append(KEY, upload, 1, part('a', 3));
    await store.append(KEY, upload, 2, part('b', 3));

    await expect(store.complete(KEY, upload)).rejects.toThrow(StoreError);
  });

  it('are complete once, however often that is asked for', async () => {
    const upload = await store.begin(KEY);
    await store.append(KEY, upload, 1, part('a', 3));
    const stored = await store.complete(KEY, upload);

    expect(await store.complete(KEY, upload)).toEqual(stored);
    expect(await open().complete(KEY, upload)).toEqual(stored);
  });

  it('are no upload any more when they are complete', async () => {
    const upload = await store.begin(KEY);
    await store.append(KEY, upload, 1, part('a', 3));
    await store.complete(KEY, upload);

    expect(await store.stored(KEY, upload)).toBeUndefined();
    await expect(store.append(KEY, upload, 2, part('b'))).rejects.toThrow(StoreError);
  });

  it('are removed, whole or begun, and what was begun cannot go on', async () => {
    const stored = await archive(KEY, part('a', 3));
    const begun = await store.begin(KEY);
    await store.append(KEY, begun, 1, part('b', 3));
    await Promise.all([store.begin(KEY), store.begin(KEY)]);
    await store.remove(KEY);

    expect(await store.find(KEY)).toBeUndefined();
    expect(await store.stored(KEY, begun)).toBeUndefined();
    await expect(store.read(stored)).rejects.toThrow(StoreError);
    await expect(store.append(KEY, begun, 2, part('b'))).rejects.toThrow(StoreError);
    await expect(store.complete(KEY, begun)).rejects.toThrow(StoreError);
  });

  it('that are not there are removed without an error', async () => {
    await store.remove(KEY);
    await store.remove(KEY);

    expect(await store.find(KEY)).toBeUndefined();
  });

  it('are removed without their neighbours, whose keys begin alike', async () => {
    const other = await archive(`${KEY.replace('.tar.gz', '-2.tar.gz')}`, part('n', 3));
    const longer = await archive(`${KEY}x`, part('m', 3));
    await archive(KEY, part('a', 3));
    await store.remove(KEY);

    expect(await store.find(other.key)).toEqual(other);
    expect(await store.find(longer.key)).toEqual(longer);
  });

  it('are begun anew after they were removed', async () => {
    await archive(KEY, part('a', 3));
    await store.remove(KEY);

    expect(await text(store, await archive(KEY, part('b', 4)))).toBe('b4 ');
  });

  it('that nobody knows are no upload, and are not read', async () => {
    expect(await store.stored(KEY, 'unknown')).toBeUndefined();
    await expect(store.read({ key: KEY, version: null, bytes: 1 })).rejects.toThrow(StoreError);
  });

  it('can be given up by whoever reads them', async () => {
    const stream = await store.read(await archive(KEY, part('a')));
    for await (const _ of stream) break;

    expect(stream.destroyed).toBe(true);
  });
});
