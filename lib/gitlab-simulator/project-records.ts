import { createHash } from 'node:crypto';
import type { SampleGroup } from './model.ts';
import type { SampleProject } from './project-model.ts';
import type { RelationRecords, SampleRecord } from './relation-records.ts';
import type { StoredFile } from './stored-file.ts';

/** Records of all projects of a group, told apart by their project. */
function inProjects(inWords: string, recordsOf: (project: SampleProject) => SampleRecord[]): RelationRecords {
  const all = ({ projects }: SampleGroup) =>
    projects.flatMap(project =>
      recordsOf(project).map(record => ({ ...record, title: `${project.path}/${record.title}` })),
    );
  return { inWords, kinds: [{ what: inWords, recordsOf: all }] };
}

const digestOf = (file: StoredFile) =>
  'bytes' in file ? createHash('sha256').update(file.bytes).digest('hex') : file.sha256;

/**
 * What a project has, by the names that its counts have in `stats`. All of it comes with the archive; who has written
 * it is not compared, since only an administrator's import keeps that.
 */
export const PROJECT_RECORDS: Readonly<Record<string, RelationRecords>> = {
  export_request: { inWords: 'exports', kinds: [] },
  archive: { inWords: 'archives', kinds: [] },
  project: inProjects('projects', ({ name, description, visibility, archived, defaultBranch, settings }) => [
    { title: name, contents: [description, visibility, archived, defaultBranch, settings] },
  ]),
  project_import: { inWords: 'imports', kinds: [] },
  project_attributes: { inWords: 'project attributes', kinds: [] },
  project_counts: {
    inWords: 'comparisons of projects',
    kinds: [],
    // What is in no archive is one failure of each project that has it.
    failuresOf: ({ projects }) =>
      projects.filter(({ variables, hooks, leftOut }) =>
        [variables, hooks, ...Object.values(leftOut)].some(({ length }) => length > 0),
      ).length,
  },
  finisher: { inWords: 'last steps', kinds: [] },
  issues: inProjects('issues', ({ issues }) =>
    issues.map(({ iid, title, description, state, labels, milestone, confidential, notes }) => ({
      title: `#${iid} ${title}`,
      state,
      contents: [description, labels, milestone, confidential, notes.length],
    })),
  ),
  merge_requests: inProjects('merge requests', ({ mergeRequests }) =>
    mergeRequests.map(({ iid, title, description, state, labels, sourceBranch, targetBranch }) => ({
      title: `!${iid} ${title}`,
      state,
      contents: [description, labels, sourceBranch, targetBranch],
    })),
  ),
  releases: inProjects('releases', ({ releases }) =>
    releases.map(({ tag, name, description }) => ({ title: tag, contents: [name, description] })),
  ),
  ci_pipelines: inProjects('pipelines', ({ pipelines }) =>
    pipelines.map(({ iid, ref, sha, status }) => ({ title: `#${iid}`, state: status, contents: [ref, sha] })),
  ),
  branches: inProjects('branches', ({ branches }) =>
    branches.map(({ name, sha }) => ({ title: name, contents: [sha] })),
  ),
  protected_branches: inProjects('protected branches', ({ protectedBranches }) =>
    protectedBranches.map(title => ({ title })),
  ),
  tags: inProjects('tags', ({ tags }) => tags.map(({ name, sha }) => ({ title: name, contents: [sha] }))),
  snippets: inProjects('snippets', ({ snippets }) =>
    snippets.map(({ title, fileName, content }) => ({ title, contents: [fileName, content] })),
  ),
  lfs_objects: inProjects('LFS files', ({ lfsObjects }) =>
    lfsObjects.map(file => ({ title: file.path, contents: [digestOf(file)] })),
  ),
  project_wikis: inProjects('pages of project wikis', ({ wikiPages }) =>
    wikiPages.map(page => ({ title: page.path, contents: [digestOf(page)] })),
  ),
};
