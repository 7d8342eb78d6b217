import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokenArchive, readArchive } from '../../lib/gitlab-simulator/archives/archive-reader.ts';
import { writeArchive } from '../../lib/gitlab-simulator/archives/archive-writer.ts';
import { GitLabInstance } from '../../lib/gitlab-simulator/instance.ts';
import { settingsOf } from '../../lib/gitlab-simulator/options.ts';
import type { SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import { seedGroup, seedUser } from '../../lib/gitlab-simulator/seed.ts';
import { sizeOf } from '../../lib/gitlab-simulator/stored-file.ts';

const MEBIBYTE = 1024 * 1024;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'project-archives-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes the archive of a project that has one of everything. */
async function written(
  name: string,
  wanted: { version?: string; paddingBytes?: number } = {},
  contents: Partial<SampleProjectSeed> = {},
) {
  const instance = new GitLabInstance(settingsOf({}));
  const exporter = seedUser(instance, { username: 'olivia' });
  const group = seedGroup(instance, {
    name: 'Group',
    path: 'group',
    members: [{ username: 'olivia', accessLevel: 50 }],
    labels: [{ title: 'shared' }],
    projects: [
      {
        name: 'App',
        path: 'app',
        description: 'Does things',
        archived: true,
        branches: ['main', 'topic'],
        tags: ['v1'],
        labels: [{ title: 'bug', color: '#ff0000' }],
        milestones: [{ title: '1.0' }],
        issues: [{ title: 'Broken', labels: ['bug', 'shared'], milestone: '1.0', notes: ['Indeed'] }],
        mergeRequests: [{ title: 'Mend', sourceBranch: 'topic' }],
        releases: [{ tag: 'v1' }],
        pipelines: [{ ref: 'main' }],
        snippets: [{ title: 'Snip' }],
        protectedBranches: ['main'],
        protectedTags: ['v*'],
        wikiPages: [{ path: 'home.md', content: 'Welcome' }],
        lfsObjects: ['large'],
        uploads: [{ path: 'abc/picture.png', bytes: Buffer.from('png') }],
        ...contents,
      },
    ],
  });
  const path = join(folder, `${name}.tar.gz`);
  const [project] = group.projects;
  if (!project) throw new Error('there is no project');
  await writeArchive(instance, project, path, { exporter, version: '0.2.4', paddingBytes: 0, ...wanted });
  return { path, project, instance, exporter };
}

describe('the archive of a project', () => {
  it('carries every kind of record through a file', async () => {
    const { path, project } = await written('whole');

    const { project: attributes, relations, refs, ...files } = await readArchive(path);

    expect(attributes).toMatchObject({ description: 'Does things', visibility_level: 0, archived: true });
    expect(Object.keys(attributes)).not.toEqual(expect.arrayContaining(['name']));
    expect(relations).toMatchObject({
      labels: [{ title: 'bug', color: '#ff0000', type: 'ProjectLabel' }],
      milestones: [{ title: '1.0', iid: 1 }],
      merge_requests: [{ title: 'Mend', source_branch: 'topic', target_branch: 'main' }],
      releases: [{ tag: 'v1' }],
      ci_pipelines: [{ ref: 'main', status: 'success' }],
      snippets: [{ title: 'Snip', content: 'Snip' }],
      protected_branches: [{ name: 'main' }],
      protected_tags: [{ name: 'v*' }],
      project_members: [{ access_level: 50, user: { username: 'olivia' } }],
    });
    expect(relations.issues).toMatchObject([
      {
        title: 'Broken',
        label_links: [
          { label: { type: 'ProjectLabel' } },
          { label: { title: 'shared', type: 'GroupLabel' } },
        ],
        milestone: { title: '1.0', of_group: false },
        notes: [{ note: 'Indeed' }],
      },
    ]);
    expect(refs).toEqual({ branches: project.branches, tags: project.tags, head: 'main' });
    expect(files).toMatchObject({
      wikiPages: project.wikiPages,
      lfsObjects: project.lfsObjects,
      uploads: project.uploads,
    });
  });

  it('is as large as its padding, which is no part of the project', async () => {
    const { path, project } = await written('padded', { paddingBytes: 5_000_000 });

    expect((await stat(path)).size).toBeGreaterThan(5_000_000);
    expect((await stat(path)).size).toBeLessThan(5_100_000);
    const { uploads, lfsObjects } = await readArchive(path);
    expect({ uploads, lfsObjects }).toEqual({ uploads: project.uploads, lfsObjects: project.lfsObjects });
  });

  it('can be unpacked by gzip and tar, padded or not', async () => {
    for (const paddingBytes of [0, 70_000]) {
      const { path } = await written(`plain-${paddingBytes}`, { paddingBytes });

      const { stdout } = await promisify(execFile)('tar', ['-xzOf', path, './VERSION']);

      expect(stdout).toBe('0.2.4');
    }
  });

  it('brings files of more than 4 MiB by their size and digest', async () => {
    const large = randomBytes(6 * MEBIBYTE);
    const { path, project } = await written(
      'large',
      {},
      { lfsObjects: [large], uploads: [{ path: 'abc/film.mp4', bytes: large }] },
    );

    const { lfsObjects, uploads } = await readArchive(path);

    const sha256 = createHash('sha256').update(large).digest('hex');
    const content = { size: 6 * MEBIBYTE, sha256 };
    expect(lfsObjects).toEqual([{ path: sha256, ...content }]);
    expect(uploads).toEqual([{ path: 'abc/film.mp4', ...content }]);
    expect(project.lfsObjects.map(sizeOf)).toEqual(lfsObjects.map(sizeOf));
  });

  it('brings all records of a relation, and all refs, however many there are', async () => {
    const description = 'x'.repeat(100_000);
    const labels = Array.from({ length: 60 }, (_, index) => ({ title: `label ${index}`, description }));
    const branches = Array.from({ length: 25_000 }, (_, index) => `${index}`.padStart(150, 'b'));
    const { path, project } = await written('many', {}, { labels, branches });

    const { relations, refs } = await readArchive(path);

    expect(relations.labels).toHaveLength(60);
    expect(relations.labels?.at(-1)).toMatchObject({ title: 'label 59', description });
    expect(refs.branches).toHaveLength(25_000);
    expect(refs.branches.at(-1)).toEqual(project.branches.at(-1));
  });

  it('is not written of a project whose files were not kept', async () => {
    const { path, project, instance, exporter } = await written('first');
    project.uploads = [{ path: 'abc/film.mp4', size: 6 * MEBIBYTE, sha256: 'abc' }];

    await expect(
      writeArchive(instance, project, path, { exporter, version: '0.2.4', paddingBytes: 0 }),
    ).rejects.toThrow("'uploads/abc/film.mp4' of 6291456 bytes was not kept");
  });

  it('is refused when its records cannot be read, and names them', async () => {
    const path = join(folder, 'unreadable.tar.gz');
    const tar = pack();
    tar.entry({ name: './VERSION' }, '0.2.4');
    tar.entry({ name: './tree/project/issues.ndjson' }, '{"title":"One"}\n{"title":\n');
    tar.finalize();
    await pipeline(tar, createGzip(), createWriteStream(path));

    const reading = readArchive(path);

    await expect(reading).rejects.toThrow(BrokenArchive);
    await expect(reading).rejects.toThrow('tree/project/issues.ndjson: ');
  });

  it('of another format is refused', async () => {
    const { path } = await written('old', { version: '0.1.0' });

    await expect(readArchive(path)).rejects.toThrow('Import version mismatch: Required 0.2.4 but was 0.1.0');
  });

  it('is refused when it is cut off, or has 42 bytes', async () => {
    const { path } = await written('cut', { paddingBytes: 100_000 });
    await truncate(path, 50_000);
    await expect(readArchive(path)).rejects.toThrow('tar: Error is not recoverable');

    await writeFile(path, Buffer.alloc(42));
    await expect(readArchive(path)).rejects.toThrow('tar: Error is not recoverable');
  });
});
