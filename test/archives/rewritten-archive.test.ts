import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { BrokenArchiveError, OutOfTimeError } from '../../lambdas/archives/archive-entries.ts';
import type { StoredArchive } from '../../lambdas/archives/archive-store.ts';
import { FolderArchiveStore } from '../../lambdas/archives/folder-archive-store.ts';
import { readArchivedFile, storeWithFile } from '../../lambdas/archives/rewritten-archive.ts';
import { StoreError } from '../../lambdas/domain/store-errors.ts';
import { edited, gnuHeader, joined, manyFolders } from '../support/archives/odd-archives.ts';
import { type EntryHeader, entriesIn, type TarFile, tarOf } from '../support/archives/tar-files.ts';

const MEMBERS = 'tree/project/project_members.ndjson';
const [FROM, TO] = ['archives/1/2/an-attempt.tar.gz', 'archives/1/2/an-attempt.members.tar.gz'];
const NEVER = Number.POSITIVE_INFINITY;
const folder = mkdtempSync(join(tmpdir(), 'rewritten-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Smaller than those of the service. */
const PART = 256 * 1024;

let number = 0;
async function stored(bytes: Buffer): Promise<{ store: FolderArchiveStore; archive: StoredArchive }> {
  const store = new FolderArchiveStore(join(folder, String(number++)), { partBytes: PART });
  const upload = await store.begin(FROM);
  let part = 0;
  for (let from = 0; from < bytes.length; from += PART)
    await store.append(FROM, upload, ++part, bytes.subarray(from, from + PART));
  return { store, archive: await store.complete(FROM, upload) };
}

/** An archive with other members. */
async function rewritten(bytes: Buffer, content: Buffer | string, until = NEVER): Promise<Buffer> {
  const { store, archive } = await stored(bytes);
  const file = { name: MEMBERS, content: Buffer.from(content) };
  return buffer(
    await store.read(await storeWithFile(store, archive, { key: TO, file, until, partBytes: PART })),
  );
}

const members = (content = 'old\n', header: Partial<EntryHeader> = {}) => ({
  header: { name: `./${MEMBERS}`, ...header },
  content,
});
const when = new Date('2026-03-01T12:34:56Z');
const LONG = `./uploads/${'very-long/'.repeat(30)}name.png`;

describe('an archive with other members', () => {
  it('has all else as it was, and where it was: names, types, times, rights, links and content', async () => {
    const archive = await tarOf([
      { header: { name: './', type: 'directory', mode: 0o2755, mtime: when, uname: 'git', gname: 'git' } },
      { header: { name: './VERSION', mode: 0o4600, mtime: when, uid: 998, gid: 998 }, content: '0.2.4' },
      { header: { name: LONG, mtime: when }, content: 'picture' },
      { header: { name: './uploads/ünï <b>.txt', pax: { comment: 'kept' } }, content: 'x'.repeat(512) },
      { header: { name: `./${'f'.repeat(120)}/`, type: 'directory' } },
      members('old\n'.repeat(1000), { mode: 0o640, mtime: when, uname: 'git' }),
      { header: { name: './link', type: 'symlink', linkname: LONG } },
      { header: { name: './hard', type: 'link', linkname: './uploads/ünï <b>.txt' } },
      { header: { name: './pipe', type: 'fifo' } },
      { header: { name: './terminal', type: 'character-device', devmajor: 4, devminor: 1 } },
      { header: { name: './in-one-piece', type: 'contiguous-file' }, content: 'piece' },
      { header: { name: './empty' } },
      { header: { name: './project.bundle', mtime: when }, content: randomBytes(100_000) },
    ]);

    const before = await entriesIn(archive);
    const after = await entriesIn(await rewritten(archive, 'new\n'));

    const expected = before.map(entry =>
      entry.header.name === `./${MEMBERS}`
        ? { header: { ...entry.header, size: 4 }, content: Buffer.from('new\n') }
        : entry,
    );
    expect(after.map(withoutPlace)).toEqual(expected.map(withoutPlace));
  });

  it('keeps what other programs write: names of GNU, sizes said before, no rights at all, folders with a size', async () => {
    const name = `./${'long/'.repeat(60)}file`;
    const said = { name: './said', pax: { size: '3', 'SCHILY.fflags': 'nodump' } };
    const archive = await joined(
      await gnuHeader('L', name),
      await gnuHeader('K', LONG),
      await tarOf([{ header: { name: 'x', type: 'symlink', linkname: 'y' } }]),
      await tarOf([{ header: said, content: 'yes' }, members('old\n', { pax: { size: '4' } })]),
      edited(await tarOf([{ header: { name: './secret' }, content: 'it' }]), tar =>
        tar.write('0000000', 100),
      ),
      edited(await tarOf([{ header: { name: './folder/', type: 'directory' } }]), tar =>
        tar.write('00000001000', 124),
      ),
      await tarOf([{ header: { name: './last' }, content: 'end' }]),
    );

    const after = await entriesIn(await rewritten(archive, 'newer\n'));

    expect(after.map(({ header, content }) => [header.name, header.mode, content.toString()])).toEqual([
      [name, 0o644, ''],
      ['./said', 0o644, 'yes'],
      [`./${MEMBERS}`, 0o644, 'newer\n'],
      ['./secret', 0, 'it'],
      ['./folder/', 0o755, ''],
      ['./last', 0o644, 'end'],
    ]);
    expect(after[0]?.header).toMatchObject({ type: 'symlink', linkname: LONG });
    expect(after[1]?.header.pax).toMatchObject({ 'SCHILY.fflags': 'nodump' });
  });

  it('is found under a name that only a header before its own can say, and under any spelling of its path', async () => {
    const pax = await tarOf([members('old\n', { pax: { path: `./${MEMBERS}` }, name: 'something-short' })]);
    const odd = await tarOf([members('old\n', { name: 'tree//project/./project_members.ndjson' })]);
    const short = await tarOf([members('old\n', { name: 'short' })]);
    const gnu = await joined(await gnuHeader('L', `./${MEMBERS}`), short);

    for (const archive of [pax, odd, gnu]) {
      expect((await entriesIn(await rewritten(archive, 'new\n')))[0]?.content.toString()).toBe('new\n');
      expect(await read(archive)).toBe('old\n');
    }
  });

  it('can be emptied, and grow', async () => {
    const archive = await tarOf([members(), { header: { name: 'after' }, content: 'it' }]);

    for (const content of ['', 'n'.repeat(511), 'n'.repeat(512), 'n'.repeat(513), 'n'.repeat(700_000)]) {
      const entries = await entriesIn(await rewritten(archive, content));
      expect(entries.map(one => one.content.toString())).toEqual([content, 'it']);
    }
  });

  it('comes in as many parts as it needs', async () => {
    const bundle = randomBytes(2.5 * PART);
    const archive = await tarOf([
      { header: { name: './project.bundle' }, content: bundle },
      members(),
      { header: { name: './end' }, content: 'end' },
    ]);
    const { store, archive: from } = await stored(archive);

    const file = { name: MEMBERS, content: Buffer.from('new\n') };
    const to = await storeWithFile(store, from, { key: TO, file, until: NEVER, partBytes: PART });

    expect(Math.ceil(to.bytes / PART)).toBe(3);
    const entries = await entriesIn(await buffer(await store.read(to)));
    expect(entries.map(({ content }) => content.length)).toEqual([bundle.length, 4, 3]);
    expect(entries[0]?.content.equals(bundle)).toBe(true);
    // What it was made of is as before.
    expect((await buffer(await store.read(from))).equals(archive)).toBe(true);
  });

  it('is read no faster than it is stored, whatever is in it', async () => {
    const folders = await manyFolders(20_000);
    const { store, archive } = await stored(folders);
    let taken = 0;
    let takenBefore: number | undefined;
    const watched = Object.assign(Object.create(store) as FolderArchiveStore, {
      begin: (key: string) => store.begin(key),
      read: async () => piecesOf(folders, bytes => (taken += bytes)),
      append: async (...args: Parameters<FolderArchiveStore['append']>) => {
        takenBefore ??= taken;
        await store.append(...args);
      },
    });

    const file = { name: MEMBERS, content: Buffer.from('new') };
    const attempt = storeWithFile(watched, archive, { key: TO, file, until: NEVER, partBytes: PART / 4 });

    await expect(attempt).rejects.toThrow(/has no file/);
    expect(takenBefore).toBeLessThan(folders.length / 2);
  });

  it('is not there when the store fails, whose error is told, and nothing is read on', async () => {
    const { store, archive } = await stored(await tarOf([members(), bundleOf(4 * PART)]));
    const from = await store.read(archive);
    const failing = Object.assign(Object.create(store) as FolderArchiveStore, {
      begin: (key: string) => store.begin(key),
      read: async () => from,
      append: async () => {
        throw new StoreError('The folder is full.');
      },
    });

    const file = { name: MEMBERS, content: Buffer.from('new') };
    const attempt = storeWithFile(failing, archive, { key: TO, file, until: NEVER, partBytes: PART });

    await expect(attempt).rejects.toThrow(StoreError);
    expect(from.destroyed).toBe(true);
    expect(await store.find(TO)).toBeUndefined();
  });

  it('has what gzip calls several members in one', async () => {
    const tar = gunzipSync(await tarOf([members(), { header: { name: 'after' }, content: 'it' }]));
    const twice = Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(tar.subarray(700))]);

    expect((await entriesIn(await rewritten(twice, 'new\n'))).length).toBe(2);
  });
});

describe('an archive is refused, and read no further,', () => {
  const whole = () =>
    tarOf([{ header: { name: 'a' }, content: randomBytes(5000) }, members(), members('twice')]);

  it.each<[string, (bytes: Buffer) => Buffer | Promise<Buffer>, RegExp]>([
    ['that is no gzip file', () => Buffer.from('no archive'), /no gzip file/],
    ['whose gzip ends early', bytes => bytes.subarray(0, bytes.length / 2), /no gzip file, or a damaged one/],
    ['whose gzip is damaged', bytes => damaged(bytes), /no gzip file, or a damaged one/],
    [
      'whose tar ends early',
      bytes => gzipSync(gunzipSync(bytes).subarray(0, 3000)),
      /no tar file, or a damaged one/,
    ],
    ['that is no tar', () => gzipSync(randomBytes(5000)), /no tar file, or a damaged one/],
    [
      'with a header that does not sum up',
      bytes => gzipSync(damaged(gunzipSync(bytes), 20)),
      /no tar file, or a damaged one/,
    ],
    ['with the members twice', whole, /two files/],
    [
      'whose members are a link',
      () => tarOf([{ header: { name: MEMBERS, type: 'symlink', linkname: 'a' } }]),
      /no file/,
    ],
    [
      'with a file with holes',
      async () => edited(await tarOf([{ header: { name: 'a' } }, members()]), tar => tar.write('S', 156)),
      /neither a file nor a folder nor a link/,
    ],
    [
      'with a name that would not be the same',
      bytes => edited(bytes, tar => tar.fill(0xff, 0, 1)),
      /not in UTF-8/,
    ],
    ['whose members are nowhere', () => tarOf([{ header: { name: 'other' } }]), /has no file/],
  ])('%s', async (_, make, says) => {
    const { store, archive } = await stored(await make(await whole()));

    const attempt = storeWithFile(store, archive, {
      key: TO,
      file: { name: MEMBERS, content: Buffer.from('new') },
      until: NEVER,
    });

    await expect(attempt).rejects.toThrow(says);
    await expect(attempt).rejects.toThrow(BrokenArchiveError);
    expect(await store.find(TO)).toBeUndefined();
  });

  it('that expands to more than there is time for', async () => {
    const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));

    await expect(rewritten(bomb, 'new', Date.now() - 1)).rejects.toThrow(OutOfTimeError);
  });

  it('whose store fails, with the error of the store', async () => {
    const failing = new Readable({ read() {} });
    failing.destroy(new StoreError('The folder is gone.'));

    await expect(readArchivedFile(failing, MEMBERS, { most: 10, until: NEVER })).rejects.toThrow(StoreError);
  });
});

describe('a file of an archive', () => {
  it('is read, and nothing behind it', async () => {
    const archive = await tarOf([{ header: { name: 'a' }, content: randomBytes(5000) }, members('one\ntwo')]);

    expect(await read(archive)).toBe('one\ntwo');
    const behind = [gunzipSync(archive).subarray(0, -1024), randomBytes(1024)];
    expect(await read(gzipSync(Buffer.concat(behind)))).toBe('one\ntwo');
    expect(await read(await tarOf([{ header: { name: 'a' } }]))).toBeUndefined();
  });

  it('is refused when it is larger than it may be', async () => {
    const archive = Readable.from([await tarOf([members('12345678901')])]);

    await expect(readArchivedFile(archive, MEMBERS, { most: 10, until: NEVER })).rejects.toThrow(
      /has 11 bytes/,
    );
  });
});

const read = async (archive: Buffer) =>
  (await readArchivedFile(Readable.from([archive]), MEMBERS, { most: 1000, until: NEVER }))?.toString();

function damaged(bytes: Buffer, at = Math.floor(bytes.length / 2)): Buffer {
  const copy = Buffer.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

/** An entry without what says where in its tar file it is. */
const withoutPlace = ({ header, content }: TarFile) => ({ ...header, byteOffset: 0, content });

const bundleOf = (bytes: number) => ({ header: { name: './project.bundle' }, content: randomBytes(bytes) });

function piecesOf(bytes: Buffer, taken: (bytes: number) => void): Readable {
  const pieces = function* () {
    for (let at = 0; at < bytes.length; at += 4096) {
      taken(4096);
      yield bytes.subarray(at, at + 4096);
    }
  };
  return Readable.from(pieces());
}
