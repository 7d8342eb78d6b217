import { writeFile } from 'node:fs/promises';
import type { GitLabInstance } from '../instance.ts';
import type { SampleUser } from '../model.ts';
import type { SampleProject } from '../project-model.ts';
import { writeArchive } from './archive-writer.ts';
import type { ExportState } from './behaviour.ts';
import { type ProjectExport, WAITED_FOR_BYTES } from './project-archives.ts';

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
  const { exportStates, paddingBytes, jobMs } = archives.behaviour;
  const state = exportStates[Math.min(job.asked, exportStates.length - 1)] ?? 'none';
  if (state === 'finished' || state === 'regeneration_in_progress') {
    if (job.file === 'none') beginWriting(instance, project, user, job);
    if (paddingBytes <= WAITED_FOR_BYTES) await job.work;
    if (job.ending.signal.aborted) return 'none';
    if (job.mistake) throw job.mistake;
    if (job.file !== 'ready' || Date.now() < job.since + jobMs) return 'started';
  }
  job.asked += 1;
  return state;
}

function beginWriting(
  instance: GitLabInstance,
  project: SampleProject,
  exporter: SampleUser,
  job: ProjectExport,
): void {
  const { files, behaviour } = instance.archives;
  const { archiveVersion: version, brokenArchives, paddingBytes } = behaviour;
  const signal = AbortSignal.any([files.signal, job.ending.signal]);
  const writing = brokenArchives
    ? writeFile(job.path, Buffer.alloc(BROKEN_BYTES), { signal })
    : writeArchive(instance, project, job.path, { exporter, version, paddingBytes }, signal);
  job.file = 'being written';
  job.work = files.during(writing).then(
    () => {
      job.file = 'ready';
    },
    error => {
      job.mistake = error;
    },
  );
}
