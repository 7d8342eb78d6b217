import { type ApiAnswer, json, refuse } from '../answer.ts';
import type { PROJECTS } from '../declarations/projects.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { requireRole } from '../permissions.ts';
import type { CallOf } from '../route.ts';
import { marksForDeletion } from './project-entity.ts';
import { projectOf } from './project-of.ts';

/** Removes a project, or marks it and renames it, so that its name and path are free at once. */
export async function deleteProject(call: CallOf<typeof PROJECTS.remove>): Promise<ApiAnswer> {
  const { instance, currentUser, params } = call;
  const { project } = projectOf(call);
  requireRole(instance, currentUser, project, ACCESS_LEVELS.owner);
  const accepted = json(202, { message: '202 Accepted' });
  if (!marksForDeletion(instance)) {
    instance.removeProject(project);
    await instance.archives.forget(project);
    return accepted;
  }
  if (params.permanently_remove) {
    if (project.markedForDeletionOn === null) {
      throw refuse(400, 'Project must be marked for deletion first.');
    }
    if (params.full_path !== instance.projectPath(project)) {
      throw refuse(400, '`full_path` is incorrect. You must enter the complete path for the project.');
    }
    instance.removeProject(project);
    await instance.archives.forget(project);
    return accepted;
  }
  if (project.markedForDeletionOn !== null) {
    if (!instance.versionAtLeast('18.0')) return accepted;
    throw refuse(400, 'Project has been already marked for deletion');
  }
  const suffix = `${instance.versionAtLeast('18.0') ? '-deletion_scheduled' : '-deleted'}-${project.id}`;
  instance.renameProject(project, `${project.name}${suffix}`, `${project.path}${suffix}`);
  project.markedForDeletionOn = new Date().toISOString().slice(0, 10);
  return accepted;
}
