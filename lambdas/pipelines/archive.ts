import { archiveStore } from '../archives/archive-stores.ts';
import type { Relation } from '../engine/relation.ts';
import { ArchiveDownload } from './archive-download.ts';
import { rewriteMembers } from './archive-rewrite.ts';
import { needsArchive } from './repairs.ts';
import { THE_PROJECT, type TheProject } from './the-project.ts';

/**
 * The archive of the project, from the source into our store: part by part, over any number of runs. Then its members are
 * changed, where they are to be others.
 */
export const archive: Relation<TheProject, TheProject, undefined> = {
  ...THE_PROJECT,
  name: 'archive',
  pipelineClass: 'BulkImports::FileDownloadService',
  relation: 'archive',
  abortOnFailure: true,
  feeds: 'project_import',
  lane: 'archives',

  existing: async () => undefined,
  decide: () => 'create',
  async create(_, context) {
    if (!(await needsArchive(context))) return;
    const store = archiveStore();
    await rewriteMembers(context, store, await new ArchiveDownload(context, store).finish());
  },
};
