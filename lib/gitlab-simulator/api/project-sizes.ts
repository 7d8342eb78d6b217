import type { SampleProject } from '../project-model.ts';
import { type StoredFile, sizeOf } from '../stored-file.ts';

/** Each branch and tag counts as one commit of this size. */
const COMMIT_BYTES = 1024;

/** The statistics of a project by REST's names, in bytes. */
export function sizesOf(project: SampleProject) {
  const commits = new Set([...project.branches, ...project.tags].map(({ sha }) => sha)).size;
  const parts = {
    repository_size: commits * COMMIT_BYTES,
    wiki_size: bytesOf(project.wikiPages),
    lfs_objects_size: bytesOf(project.lfsObjects),
    job_artifacts_size: 0,
    pipeline_artifacts_size: 0,
    packages_size: 0,
    snippets_size: project.snippets.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0),
    uploads_size: bytesOf(project.uploads),
  };
  const storage = Object.values(parts).reduce((sum, size) => sum + size, 0);
  return { commit_count: commits, storage_size: storage, ...parts };
}

const bytesOf = (files: readonly StoredFile[]) => files.reduce((sum, file) => sum + sizeOf(file), 0);
