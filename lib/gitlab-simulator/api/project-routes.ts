import { type ApiAnswer, forbidden, json, refuse } from '../answer.ts';
import { PROJECTS } from '../declarations/projects.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { hasRole, requireRole } from '../permissions.ts';
import { projectErrors } from '../project-errors.ts';
import { type CallOf, type Route, route } from '../route.ts';
import type { ValidationErrors } from '../validation-errors.ts';
import { avatarOf, restrictionErrors } from './group-attributes.ts';
import { projectSettingsOf } from './project-attributes.ts';
import { deleteProject } from './project-deletion.ts';
import { presentProject, presentProjectDetail } from './project-entity.ts';
import { projectOf } from './project-of.ts';

export const PROJECT_ROUTES: readonly Route[] = [
  route(PROJECTS.get, getProject),
  route(PROJECTS.change, putProject),
  route(PROJECTS.remove, deleteProject),
  route(PROJECTS.archive, call => setArchived(call, true)),
  route(PROJECTS.unarchive, call => setArchived(call, false)),
];

function getProject(call: CallOf<typeof PROJECTS.get>): ApiAnswer {
  const { instance, currentUser, params } = call;
  const { project } = projectOf(call);
  const statistics = params.statistics ?? false;
  return json(200, presentProjectDetail(instance, currentUser, project, { statistics }));
}

function putProject(call: CallOf<typeof PROJECTS.change>): ApiAnswer {
  const { instance, currentUser, params } = call;
  const { group, project } = projectOf(call);
  requireRole(instance, currentUser, project, ACCESS_LEVELS.maintainer);
  const isOwner = hasRole(instance, currentUser, project, ACCESS_LEVELS.owner);
  const visibility = params.visibility ?? project.visibility;
  if (visibility !== project.visibility && !isOwner) throw forbidden();
  if (project.archived) throw forbidden();
  const { name, path } = { name: params.name ?? project.name, path: params.path ?? project.path };
  const restricted = restrictionErrors(instance, currentUser, params.visibility);
  const errors: ValidationErrors = restricted.any
    ? restricted
    : projectErrors(instance, group, { name, path, visibility }, project);
  const branch = params.default_branch ?? project.defaultBranch;
  if (branch !== project.defaultBranch && !project.branches.some(at => at.name === branch)) {
    errors.add('base', `Could not change HEAD: branch '${branch}' does not exist`);
  }
  if (errors.any) throw refuse(400, errors);
  instance.renameProject(project, name, path);
  project.visibility = visibility;
  project.defaultBranch = branch;
  if (params.description !== undefined) project.description = params.description ?? '';
  project.avatar = avatarOf(params, project);
  Object.assign(project.settings, projectSettingsOf(params, isOwner));
  return json(200, presentProject(instance, currentUser, project));
}

/** Archiving what is archived already changes nothing and is no error. */
function setArchived(
  call: CallOf<typeof PROJECTS.archive | typeof PROJECTS.unarchive>,
  archived: boolean,
): ApiAnswer {
  const { project } = projectOf(call);
  requireRole(call.instance, call.currentUser, project, ACCESS_LEVELS.owner);
  project.archived = archived;
  return json(201, presentProject(call.instance, call.currentUser, project));
}
