import { once } from 'node:events';
import { constants } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Header, type Pack, pack } from 'tar-stream';
import { type ArchiveEntry, BrokenArchiveError, entriesOf, PIECE_BYTES } from './archive-entries.ts';
import type { ArchiveStore, StoredArchive } from './archive-store.ts';
import { partsOf } from './parts.ts';

/**
 * Archives of projects in which one file is another one. They pass through as streams: no more of them is held than one
 * file that is asked for, and one part.
 */

/** Most of an archive is packed already (git, LFS, pictures), so that more effort makes it hardly smaller. */
const LEVEL = 1;
/** What tar-stream writes with content; `contiguous-file` is one that some systems store in one piece. */
const FILES: readonly Header['type'][] = ['file', 'contiguous-file'];

/** A file in an archive. */
export interface ArchivedFile {
  /** Its path: `tree/project/labels.ndjson`. */
  name: string;
  content: Buffer;
}

/**
 * Reads a file of an archive, and the archive as far as it must.
 *
 * @param most bytes that the file may have
 * @param until epoch ms, when it is given up
 * @returns its content; `undefined` when it is not in the archive
 * @throws BrokenArchiveError when the archive is none, or the file larger; OutOfTimeError; what the archive's stream does
 */
export async function readArchivedFile(
  archive: Readable,
  name: string,
  { most, until }: { most: number; until: number },
): Promise<Buffer | undefined> {
  for await (const entry of entriesOf(archive, until)) {
    if (!isFile(entry, name)) continue;
    if (entry.header.size > most) {
      throw new BrokenArchiveError(`its file '${name}' has ${entry.header.size} bytes`);
    }
    return await buffer(entry.content);
  }
  return undefined;
}

/**
 * Stores an archive anew with another content of one of its files. All else in it has the same name, type, rights, times,
 * links and content as before, in the same order.
 *
 * @param key under which it is stored; whatever was begun there before is left alone
 * @param until epoch ms, when it is given up
 * @param partBytes as the store takes them, where these are not the usual ones
 * @throws BrokenArchiveError when it is no archive, or does not have the file just once; OutOfTimeError; StoreError
 */
export async function storeWithFile(
  store: ArchiveStore,
  archive: StoredArchive,
  { key, file, until, partBytes }: { key: string; file: ArchivedFile; until: number; partBytes?: number },
): Promise<StoredArchive> {
  const upload = await store.begin(key);
  const from = await store.read(archive);
  const tar = pack();
  const gzip = createGzip({ level: LEVEL, chunkSize: PIECE_BYTES });
  // Its failure is that of the tar file, and so of all that comes after it.
  const copied = copy(entriesOf(from, until), file, tar, gzip).catch(error => tar.destroy(error as Error));
  try {
    await pipeline(tar, gzip, async (changed: AsyncIterable<Buffer>) => {
      let parts = 0;
      for await (const part of partsOf(changed, partBytes)) await store.append(key, upload, ++parts, part);
    });
  } finally {
    from.destroy();
    await copied;
  }
  return store.complete(key, upload);
}

/** Writes a tar file of these entries, with another content of one file. @param packed what it goes to */
async function copy(
  entries: AsyncIterable<ArchiveEntry>,
  { name, content }: ArchivedFile,
  tar: Pack,
  packed: Writable,
): Promise<void> {
  let isThere = false;
  for await (const entry of entries) {
    // tar-stream itself waits with the content of files only, and there may be any number of folders.
    if (packed.writableNeedDrain) await once(packed, 'drain');
    const header = writable(entry.header);
    if (!isFile(entry, name)) {
      if (FILES.includes(header.type)) await pipeline(entry.content, tar.entry(header));
      else tar.entry(header).end(null);
      continue;
    }
    // The one that comes last is the one that is unpacked.
    if (isThere) throw new BrokenArchiveError(`it has two files '${name}'`);
    isThere = true;
    await pipeline([content], tar.entry({ ...header, size: content.length }));
  }
  if (!isThere) throw new BrokenArchiveError(`it has no file '${name}'`);
  tar.finalize();
}

/** @throws BrokenArchiveError for what has the name and is no file */
function isFile({ path, header }: ArchiveEntry, name: string): boolean {
  if (path !== name) return false;
  if (FILES.includes(header.type)) return true;
  throw new BrokenArchiveError(`its '${name}' is no file`);
}

/**
 * A header as tar-stream writes it without loss.
 *
 * @throws BrokenArchiveError for what it cannot write, and GitLab does not export
 */
function writable({ pax, ...header }: Header): Header {
  const { name, linkname, mode, type, size } = header;
  // Files with holes, say, have no type here.
  if (type === null || (size > 0 && !FILES.includes(type))) {
    throw new BrokenArchiveError('it has something that is neither a file nor a folder nor a link');
  }
  if (`${name}${linkname ?? ''}`.includes('\ufffd')) {
    throw new BrokenArchiveError('a name in it is not in UTF-8');
  }
  // tar-stream says these by itself.
  const { path: _path, linkpath: _linkpath, size: _size, ...others } = (pax ?? {}) as Record<string, string>;
  return {
    ...header,
    // Without any rights it would take them as not said. It writes only the twelve bits below this one.
    mode: constants.S_IFREG | mode,
    pax: pax && others,
  };
}
