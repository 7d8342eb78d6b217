import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { type Extract, extract } from 'tar-stream';
import type { SampleFile, StoredFile } from '../stored-file.ts';
import type { ProjectJson, RelationRecords } from './archive-records.ts';
import { type Entry, fileOf, passOver, recordsOf, refsIn, wholeOf } from './archived-file.ts';
import type { refsOf } from './git-bundle.ts';

const FORMAT = '0.2.4';
const UNREADABLE = 'command exited with error code 2: tar: Error is not recoverable: exiting now';
/** Large steps, so that an archive of gigabytes is read in time. */
const PIECE_BYTES = 1024 * 1024;

/** The text of a failure, as `import_error` shows it. */
export class BrokenArchive extends Error {
  override readonly name = 'BrokenArchive';
}

/** What an archive says of its project. */
export interface ArchiveContents {
  readonly project: ProjectJson;
  readonly relations: Partial<RelationRecords>;
  readonly refs: ReturnType<typeof refsOf>;
  readonly wikiPages: SampleFile[];
  readonly lfsObjects: StoredFile[];
  readonly uploads: StoredFile[];
  readonly avatar: SampleFile | undefined;
}

/** What was found in an archive so far. */
interface Found {
  version: string | undefined;
  project: ProjectJson | undefined;
  refs: ArchiveContents['refs'];
  readonly relations: Record<string, unknown[]>;
  readonly wikiPages: SampleFile[];
  readonly lfsObjects: StoredFile[];
  readonly uploads: StoredFile[];
  readonly avatars: SampleFile[];
}

/**
 * Reads all of an archive, file by file: however large it is, not more than its records and its small files are in
 * memory. Throws `BrokenArchive` for what GitLab cannot import, and the reason of `signal` when that is aborted.
 */
export async function readArchive(path: string, signal?: AbortSignal): Promise<ArchiveContents> {
  const found: Found = {
    version: undefined,
    project: undefined,
    refs: { branches: [], tags: [], head: null },
    relations: {},
    wikiPages: [],
    lfsObjects: [],
    uploads: [],
    avatars: [],
  };
  const tar = extract();
  const file = createReadStream(path, { highWaterMark: PIECE_BYTES });
  const unpacking = pipeline(file, createGunzip({ chunkSize: PIECE_BYTES }), tar, {
    ...(signal && { signal }),
  });
  // What is wrong with the content stops the unpacking as well, whose error then says nothing of its own.
  const [content, packing] = await Promise.allSettled([takeAll(tar, found), unpacking]);
  signal?.throwIfAborted();
  if (content.status === 'rejected' && content.reason instanceof BrokenArchive) throw content.reason;
  if (content.status === 'rejected' || packing.status === 'rejected') throw new BrokenArchive(UNREADABLE);
  return contentsOf(found);
}

async function takeAll(tar: Extract, found: Found): Promise<void> {
  for await (const entry of tar) {
    const name = entry.header.name.replace(/^\.\//, '');
    try {
      await take(entry, name, found);
    } catch (error) {
      throw error instanceof SyntaxError ? new BrokenArchive(`${name}: ${error.message}`) : error;
    }
  }
}

/** Files that GitLab reads go where they belong; like GitLab, it knows nothing of others. */
async function take(entry: Entry, name: string, found: Found): Promise<void> {
  const [, folder, path = ''] = /^([^/]+)\/(.+)$/.exec(name) ?? [];
  const [, relation] = /^tree\/project\/(.+)\.ndjson$/.exec(name) ?? [];
  if (entry.header.type !== 'file') await passOver(entry);
  else if (relation !== undefined) found.relations[relation] = await recordsOf(entry);
  else if (name === 'tree/project.json') found.project = JSON.parse((await wholeOf(entry)).toString());
  else if (name === 'VERSION') found.version = (await wholeOf(entry)).toString().trim();
  else if (name === 'project.bundle') found.refs = await refsIn(entry);
  else if (folder === 'wiki-pages') found.wikiPages.push({ path, bytes: await wholeOf(entry) });
  else if (folder === 'avatar') found.avatars.push({ path, bytes: await wholeOf(entry) });
  else if (folder === 'lfs-objects') found.lfsObjects.push(await fileOf(entry, path));
  else if (folder === 'uploads') found.uploads.push(await fileOf(entry, path));
  else await passOver(entry);
}

function contentsOf({ version, project, relations, avatars, ...others }: Found): ArchiveContents {
  if (version === undefined) throw new BrokenArchive('No such file or directory @ rb_sysopen - VERSION');
  if (version !== FORMAT) {
    throw new BrokenArchive(`Import version mismatch: Required ${FORMAT} but was ${version}`);
  }
  if (!project) throw new BrokenArchive('invalid import format');
  return { ...others, project, relations: relations as Partial<RelationRecords>, avatar: avatars[0] };
}
