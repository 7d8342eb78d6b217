import type { Relation } from '../engine/relation.ts';
import { tellAuthors } from './authors.ts';
import { ExportJob } from './export-job.ts';
import { needsArchive } from './repairs.ts';
import { THE_PROJECT, type TheProject } from './the-project.ts';

/** The export of the project at the source: asked for once, and waited for. Without it the entity fails. */
export const projectExport: Relation<TheProject, TheProject, undefined> = {
  ...THE_PROJECT,
  name: 'project_export',
  pipelineClass: 'BulkImports::ExportRequestWorker',
  relation: 'export_request',
  abortOnFailure: true,
  feeds: 'project_import',

  existing: async () => undefined,
  decide: () => 'create',

  async create(_, context) {
    // Whoever has noted something has asked for the export before, and told them before that.
    if (Object.keys(context.state.get()).length === 0) await tellAuthors(context);
    if (await needsArchive(context)) await new ExportJob(context).finish();
  },
};
