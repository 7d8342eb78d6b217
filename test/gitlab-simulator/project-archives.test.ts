import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArchive } from '../../lib/gitlab-simulator/archives/archive-reader.ts';
import { writeArchive } from '../../lib/gitlab-simulator/archives/archive-writer.ts';
import { GitLabInstance } from '../../lib/gitlab-simulator/instance.ts';
import { settingsOf } from '../../lib/gitlab-simulator/options.ts';
import { seedGroup, seedUser } from '../../lib/gitlab-simulator/seed.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'project-archives-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Writes the archive of a project that has one of everything. */
async function written(name: string, wanted: { version?: string; paddingBytes?: number } = {}) {
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
      },
    ],
  });
  const path = join(folder, `${name}.tar.gz`);
  const [project] = group.projects;
  if (!project) throw new Error('there is no project');
  await writeArchive(instance, project, path, { exporter, version: '0.2.4', paddingBytes: 0, ...wanted });
  return { path, project };
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

  it('is read past its padding', async () => {
    const { path, project } = await written('padded', { paddingBytes: 5_000_000 });

    expect((await readArchive(path)).uploads).toEqual(project.uploads);
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
