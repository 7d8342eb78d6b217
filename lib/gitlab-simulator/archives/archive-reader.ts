import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import type { SampleFile } from '../project-model.ts';
import type { ProjectJson, RelationRecords } from './archive-records.ts';
import { refsOf } from './git-bundle.ts';

/** Larger files of an archive are read past: they are padding. */
const LARGEST_KEPT_BYTES = 4 * 1024 * 1024;
const FORMAT = '0.2.4';

/** One file of a tar, whose types name no class for it. */
interface Entry extends AsyncIterable<unknown> {
  readonly header: { readonly size?: number | undefined };
}

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
  readonly lfsObjects: SampleFile[];
  readonly uploads: SampleFile[];
  readonly avatar: SampleFile | undefined;
}

/** Reads an archive file by file. Throws `BrokenArchive` for what GitLab cannot import. */
export async function readArchive(path: string): Promise<ArchiveContents> {
  const files = new Map<string, Buffer>();
  const tar = extract();
  try {
    await Promise.all([
      pipeline(createReadStream(path), createGunzip(), tar),
      (async () => {
        for await (const entry of tar) {
          const kept = await contentOf(entry);
          if (kept !== undefined) files.set(entry.header.name.replace(/^\.\//, ''), kept);
        }
      })(),
    ]);
  } catch {
    throw new BrokenArchive('command exited with error code 2: tar: Error is not recoverable: exiting now');
  }
  return contentsOf(files);
}

async function contentOf(entry: Entry): Promise<Buffer | undefined> {
  const keeps = (entry.header.size ?? 0) <= LARGEST_KEPT_BYTES;
  const chunks: Buffer[] = [];
  for await (const chunk of entry) if (keeps) chunks.push(chunk as Buffer);
  return keeps ? Buffer.concat(chunks) : undefined;
}

function contentsOf(files: ReadonlyMap<string, Buffer>): ArchiveContents {
  const version = files.get('VERSION')?.toString().trim();
  if (version === undefined) throw new BrokenArchive('No such file or directory @ rb_sysopen - VERSION');
  if (version !== FORMAT) {
    throw new BrokenArchive(`Import version mismatch: Required ${FORMAT} but was ${version}`);
  }
  const project = files.get('tree/project.json');
  if (!project) throw new BrokenArchive('invalid import format');
  const relations = [...files].flatMap(([name, bytes]) => {
    const [, relation] = /^tree\/project\/(.+)\.ndjson$/.exec(name) ?? [];
    const lines = bytes.toString().split('\n').filter(Boolean);
    return relation === undefined ? [] : [[relation, lines.map(line => JSON.parse(line))]];
  });
  const bundle = files.get('project.bundle');
  return {
    project: JSON.parse(project.toString()),
    relations: Object.fromEntries(relations),
    refs: bundle ? refsOf(bundle) : { branches: [], tags: [], head: null },
    wikiPages: filesBelow(files, 'wiki-pages/'),
    lfsObjects: filesBelow(files, 'lfs-objects/'),
    uploads: filesBelow(files, 'uploads/'),
    avatar: filesBelow(files, 'avatar/')[0],
  };
}

function filesBelow(files: ReadonlyMap<string, Buffer>, folder: string): SampleFile[] {
  return [...files]
    .filter(([name]) => name.startsWith(folder))
    .map(([name, bytes]) => ({ path: name.slice(folder.length), bytes }));
}
