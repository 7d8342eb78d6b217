import { writeFile } from 'node:fs/promises';
import type { GitLabInstance } from '../instance.ts';
import type { SampleUser } from '../model.ts';
import type { SampleProject } from '../project-model.ts';
import { writeArchive } from './archive-writer.ts';
import type { ExportState } from './behaviour.ts';

/** Size that archives have whose export broke down unnoticed. */
const BROKEN_BYTES = 42;

/** What a request for the status of a user's export is answered: each one takes it a step further. */
export async function nextExportState(
  instance: GitLabInstance,
  project: SampleProject,
  user: SampleUser,
): Promise<ExportState> {
  const { archives } = instance;
  const job = archives.exportOf(project, user);
  if (!job) return 'none';
  const { exportStates } = archives.behaviour;
  const state = exportStates[Math.min(job.asked, exportStates.length - 1)] ?? 'none';
  job.asked += 1;
  if (state === 'finished' || state === 'regeneration_in_progress') {
    job.writing ??= write(instance, project, user, job.path);
    await job.writing;
    job.ready = true;
  }
  return state;
}

function write(
  instance: GitLabInstance,
  project: SampleProject,
  exporter: SampleUser,
  path: string,
): Promise<void> {
  const { archiveVersion: version, brokenArchives, paddingBytes } = instance.archives.behaviour;
  return brokenArchives
    ? writeFile(path, Buffer.alloc(BROKEN_BYTES))
    : writeArchive(instance, project, path, { exporter, version, paddingBytes });
}
