import { type ApiAnswer, forbidden, json, notFound } from '../answer.ts';
import { EXPORT_RELATIONS } from '../declarations/export-relations.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { hasRole, requireRole } from '../permissions.ts';
import { type CallOf, type Route, route } from '../route.ts';
import { groupOf } from './group-of.ts';
import { projectOf } from './project-of.ts';

/** What direct transfer asks of a source. */
export const EXPORT_ROUTES: readonly Route[] = [
  route(EXPORT_RELATIONS.groupStatus, getGroupStatus),
  route(EXPORT_RELATIONS.projectStatus, getProjectStatus),
];

/** GitLab looks at the role before the instance's setting. */
function getGroupStatus(call: CallOf<typeof EXPORT_RELATIONS.groupStatus>): ApiAnswer {
  requireRole(call.instance, call.currentUser, groupOf(call), ACCESS_LEVELS.owner);
  if (!call.instance.settings.directTransferEnabled) throw notFound();
  return json(200, []);
}

function getProjectStatus(call: CallOf<typeof EXPORT_RELATIONS.projectStatus>): ApiAnswer {
  const { instance, currentUser } = call;
  if (!instance.settings.directTransferEnabled) throw notFound();
  const { project } = projectOf(call);
  if (!hasRole(instance, currentUser, project, ACCESS_LEVELS.maintainer)) throw forbidden();
  return json(200, []);
}
