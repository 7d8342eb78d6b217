import type { GitLabInstance } from '../instance.ts';
import { addMember, directMember, maximumAccessLevel } from '../memberships.ts';
import type { SampleUser } from '../model.ts';
import type { SampleProject } from '../project-model.ts';
import { BrokenArchive, readArchive } from './archive-reader.ts';
import { atMostMaintainer } from './archived-members.ts';
import { fillProject } from './filled-project.ts';
import type { ProjectImport } from './project-archives.ts';
import { fetchArchive } from './remote-file.ts';

const BOTS_CANNOT_IMPORT =
  'Error adding importer user to Project members.\n' +
  'Validation failed: User project bots cannot be added to other groups / projects';
const RUNNERS_FORBIDDEN =
  'Validation failed: Shared runners enabled cannot be enabled because parent group does not allow it';

/** Takes the import of a project a step further, as each request for its status does, and ends it when it can. */
export async function advanceImport(instance: GitLabInstance, project: SampleProject): Promise<void> {
  const job = instance.archives.importOf(project);
  if (!job) return;
  const step = job.turn.then(() => advance(instance, project, job));
  job.turn = step.catch(() => {});
  await step;
}

async function advance(instance: GitLabInstance, project: SampleProject, job: ProjectImport): Promise<void> {
  if (project.import.status === 'finished' || project.import.status === 'failed') return;
  const { importStates } = instance.archives.behaviour;
  const state = importStates[Math.min(job.asked, importStates.length - 1)] ?? 'scheduled';
  job.asked += 1;
  try {
    if (state !== 'scheduled') job.archive ??= await archiveOf(instance, job);
    if (state === 'finished') await finish(instance, project, job);
    project.import.status = state;
  } catch (error) {
    if (!(error instanceof BrokenArchive)) throw error;
    project.import.status = 'failed';
    project.import.error = error.message;
  }
}

/** The file that was sent, or what its URL leads to now. */
async function archiveOf({ archives }: GitLabInstance, { source }: ProjectImport): Promise<string> {
  if ('path' in source) return source.path;
  const path = await archives.newFile();
  await fetchArchive(source.url, path);
  return path;
}

async function finish(instance: GitLabInstance, project: SampleProject, job: ProjectImport): Promise<void> {
  const { importError, instanceRunnersForbidden } = instance.archives.behaviour;
  const { importer, archive = '', overrides } = job;
  if (importer.bot) throw new BrokenArchive(BOTS_CANNOT_IMPORT);
  const contents = await readArchive(archive);
  addImporter(instance, project, importer);
  if (importError !== undefined) throw new BrokenArchive(importError);
  const runners = overrides.settings.sharedRunnersEnabled ?? contents.project.shared_runners_enabled;
  if (instanceRunnersForbidden && runners) throw new BrokenArchive(RUNNERS_FORBIDDEN);
  fillProject(instance, project, contents, job);
}

/** The importer becomes a direct member, by the level in the group and as Maintainer at most. */
function addImporter(instance: GitLabInstance, project: SampleProject, importer: SampleUser): void {
  if (directMember(project, importer.id)) return;
  const inGroup = maximumAccessLevel(instance, importer, instance.groupOfProject(project));
  addMember(instance, project, {
    userId: importer.id,
    accessLevel: atMostMaintainer(inGroup),
    expiresAt: null,
    createdById: null,
  });
}
