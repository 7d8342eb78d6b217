import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip } from 'node:zlib';
import { type Pack, pack } from 'tar-stream';
import type { GitLabInstance } from '../instance.ts';
import type { SampleUser } from '../model.ts';
import type { SampleProject } from '../project-model.ts';
import type { StoredFile } from '../stored-file.ts';
import { projectJson, relationRecords } from './archive-records.ts';
import { bundleOf } from './git-bundle.ts';
import { StoredGzip } from './stored-gzip.ts';

export interface ArchiveWanted {
  readonly exporter: SampleUser;
  /** Format that `VERSION` names. */
  readonly version: string;
  readonly paddingBytes: number;
}

interface ArchiveFile {
  readonly name: string;
  readonly bytes: Buffer;
}

const MEBIBYTE = 1024 * 1024;

/**
 * Writes the archive of a project to a file, piece by piece: its padding may be larger than the memory. Throws the reason
 * of `signal` when that is aborted, and for a project with files of which only the digest is known.
 */
export async function writeArchive(
  instance: GitLabInstance,
  project: SampleProject,
  path: string,
  wanted: ArchiveWanted,
  signal?: AbortSignal,
): Promise<void> {
  const { paddingBytes } = wanted;
  const tar = pack();
  // A mistake of the filler ends the writing as well.
  const filling = fill(tar, archiveFiles(instance, project, wanted), paddingBytes).catch(error =>
    tar.destroy(error),
  );
  const gzip: Duplex = paddingBytes > 0 ? new StoredGzip() : createGzip({ level: constants.Z_BEST_SPEED });
  const file = createWriteStream(path, { highWaterMark: MEBIBYTE });
  await pipeline(tar, gzip, file, { ...(signal && { signal }) });
  await filling;
}

/** Everything of an archive, as its files. A project without repository has no bundle. */
function archiveFiles(
  instance: GitLabInstance,
  project: SampleProject,
  { exporter, version }: ArchiveWanted,
): ArchiveFile[] {
  const text = (name: string, content: string) => ({ name, bytes: Buffer.from(content) });
  const relations = Object.entries(relationRecords(instance, project, exporter));
  const { branches, tags, defaultBranch, avatar } = project;
  return [
    text('VERSION', version),
    text('GITLAB_VERSION', instance.settings.version),
    text('GITLAB_REVISION', 'a1b2c3d4e5f'),
    text('tree/project.json', JSON.stringify(projectJson(project))),
    ...relations.map(([name, records]) =>
      text(`tree/project/${name}.ndjson`, records.map(record => `${JSON.stringify(record)}\n`).join('')),
    ),
    ...(branches.length + tags.length === 0
      ? []
      : [{ name: 'project.bundle', bytes: bundleOf({ branches, tags, head: defaultBranch }) }]),
    // The sample has no git objects: pages lie beside the bundle that says that there is a wiki.
    ...(project.wikiPages.length === 0
      ? []
      : [{ name: 'project.wiki.bundle', bytes: bundleOf({ branches: [], tags: [], head: null }) }]),
    ...below('wiki-pages', project.wikiPages),
    text(
      'lfs-objects.json',
      JSON.stringify(Object.fromEntries(project.lfsObjects.map(({ path }) => [path, [0]]))),
    ),
    ...below('lfs-objects', project.lfsObjects),
    ...below('uploads', project.uploads),
    ...(avatar ? [{ name: `avatar/${avatar.filename}`, bytes: avatar.bytes }] : []),
  ];
}

function below(folder: string, files: readonly StoredFile[]): ArchiveFile[] {
  return files.map(file => {
    const name = `${folder}/${file.path}`;
    if ('bytes' in file) return { name, bytes: file.bytes };
    throw new Error(
      `'${name}' of ${file.size} bytes was not kept when it was imported, and cannot be exported`,
    );
  });
}

async function fill(tar: Pack, files: readonly ArchiveFile[], paddingBytes: number): Promise<void> {
  for (const { name, bytes } of files) {
    await added(tar, name, bytes.length, [bytes]);
  }
  if (paddingBytes > 0) await added(tar, 'padding.bin', paddingBytes, padding(paddingBytes));
  tar.finalize();
}

async function added(tar: Pack, name: string, size: number, content: Iterable<Buffer>): Promise<void> {
  const entry = tar.entry({ name: `./${name}`, size });
  const pour = async () => {
    for (const piece of content) {
      // What the disk has not taken yet must not pile up in memory.
      if (!entry.write(piece)) await once(entry, 'drain');
    }
    entry.end(undefined);
  };
  await Promise.all([once(entry, 'close'), pour()]);
}

/** Bytes of chance, drawn anew for every mebibyte, so that parts of an archive cannot be taken for one another. */
function* padding(size: number): Generator<Buffer> {
  for (let left = size; left > 0; left -= MEBIBYTE) yield randomBytes(Math.min(left, MEBIBYTE));
}
