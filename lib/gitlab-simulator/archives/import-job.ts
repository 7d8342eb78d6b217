import type { GitLabInstance } from '../instance.ts';
import type { SampleProject } from '../project-model.ts';
import { BrokenArchive, readArchive } from './archive-reader.ts';
import { fillProject } from './filled-project.ts';
import { ensureImporter } from './importer.ts';
import { type ProjectImport, WAITED_FOR_BYTES } from './project-archives.ts';
import { fetchArchive } from './remote-file.ts';

const BOTS_CANNOT_IMPORT =
  'Error adding importer user to Project members.\n' +
  'Validation failed: User project bots cannot be added to other groups / projects';
const RUNNERS_FORBIDDEN =
  'Validation failed: Shared runners enabled cannot be enabled because parent group does not allow it';

/**
 * Takes the import of a project a step further, as each request for its status does, and ends it when it can. Steps of
 * large archives go on after it has returned, and no other begins meanwhile.
 */
export async function advanceImport(instance: GitLabInstance, project: SampleProject): Promise<void> {
  const job = instance.archives.importOf(project);
  if (!job) return;
  const isLarge = job.bytes > WAITED_FOR_BYTES;
  if (!isLarge || job.steps === 0) beginStep(instance, project, job);
  if (!isLarge) await job.work;
  if (job.mistake && !job.ending.signal.aborted) throw job.mistake;
}

function beginStep(instance: GitLabInstance, project: SampleProject, job: ProjectImport): void {
  const step = job.work.then(() => advance(instance, project, job));
  job.steps += 1;
  job.work = instance.archives.files
    .during(step)
    .catch(error => {
      job.mistake = error;
    })
    .finally(() => {
      job.steps -= 1;
    });
}

async function advance(instance: GitLabInstance, project: SampleProject, job: ProjectImport): Promise<void> {
  const { archives } = instance;
  if (isOver(project)) return;
  const { importStates, jobMs } = archives.behaviour;
  const next = importStates[Math.min(job.asked, importStates.length - 1)] ?? 'scheduled';
  const state = next === 'finished' && Date.now() < job.since + jobMs ? 'started' : next;
  job.asked += 1;
  const signal = AbortSignal.any([archives.files.signal, job.ending.signal]);
  try {
    if (state !== 'scheduled') {
      project.import.status = 'started';
      job.archive ??= await archiveOf(instance, job, signal);
    }
    if (state === 'finished') await finish(instance, project, job, signal);
    project.import.status = state;
  } catch (error) {
    if (!(error instanceof BrokenArchive)) throw error;
    project.import.status = 'failed';
    project.import.error = error.message;
  }
  if (isOver(project)) await archives.endImport(project);
}

function isOver({ import: { status } }: SampleProject): boolean {
  return status === 'finished' || status === 'failed';
}

/** The file that was sent, or what its URL leads to now. */
async function archiveOf(
  { archives: { files } }: GitLabInstance,
  { source }: ProjectImport,
  signal: AbortSignal,
): Promise<string> {
  if ('path' in source) return source.path;
  const path = await files.newFile();
  try {
    await fetchArchive(source.url, path, signal);
  } catch (error) {
    await files.remove(path);
    throw error;
  }
  return path;
}

async function finish(
  instance: GitLabInstance,
  project: SampleProject,
  job: ProjectImport,
  signal: AbortSignal,
): Promise<void> {
  const { importError, instanceRunnersForbidden } = instance.archives.behaviour;
  const { importer, archive = '', overrides } = job;
  if (importer.bot) throw new BrokenArchive(BOTS_CANNOT_IMPORT);
  const contents = await readArchive(archive, signal);
  ensureImporter(instance, project, importer);
  if (importError !== undefined) throw new BrokenArchive(importError);
  const runners = overrides.settings.sharedRunnersEnabled ?? contents.project.shared_runners_enabled;
  if (instanceRunnersForbidden && runners) throw new BrokenArchive(RUNNERS_FORBIDDEN);
  fillProject(instance, project, contents, job);
}
