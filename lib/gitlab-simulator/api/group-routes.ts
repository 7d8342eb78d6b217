import { type ApiAnswer, json, notFound, refuse } from '../answer.ts';
import { createGroup, groupErrors } from '../group-creation.ts';
import { addMember, maximumAccessLevel } from '../memberships.ts';
import { ACCESS_LEVELS, type SampleGroup } from '../model.ts';
import { paginated } from '../pagination.ts';
import { boolean, declared, integer, required, text } from '../params.ts';
import { canReadGroup, findGroup, requireGroupCreation, requireRole } from '../permissions.ts';
import type { ApiCall, Route } from '../route.ts';
import { presentProject } from './entities.ts';
import { avatarOf, GROUP_ATTRIBUTES, restrictionErrors, settingsOf } from './group-attributes.ts';
import { presentGroup, presentGroupDetail } from './group-entity.ts';

export const GROUP_ROUTES: readonly Route[] = [
  { method: 'GET', pattern: '/api/v4/groups', handler: getGroups },
  { method: 'POST', pattern: '/api/v4/groups', handler: postGroup },
  { method: 'GET', pattern: '/api/v4/groups/:id', handler: getGroup },
  { method: 'PUT', pattern: '/api/v4/groups/:id', handler: putGroup },
  { method: 'DELETE', pattern: '/api/v4/groups/:id', handler: deleteGroup },
  { method: 'GET', pattern: '/api/v4/groups/:id/subgroups', handler: getSubgroups },
  { method: 'GET', pattern: '/api/v4/groups/:id/projects', handler: getProjects },
  { method: 'GET', pattern: '/api/v4/groups/:id/avatar', handler: getAvatar },
  { method: 'GET', pattern: '/api/v4/groups/:id/export_relations/status', handler: getExportStatus },
];

/** The group of the call's `:id`. Throws a 404 if the current user cannot see it. */
export function groupOf(call: ApiCall): SampleGroup {
  return findGroup(call.instance, call.currentUser, String(call.params.id));
}

function getGroup(call: ApiCall): ApiAnswer {
  const group = groupOf(call);
  const { with_projects: withProjects } = declared({ with_projects: boolean }, call.params);
  return json(200, presentGroupDetail(call.instance, call.currentUser, group, withProjects ?? true));
}

function getGroups(call: ApiCall): ApiAnswer {
  const { instance, currentUser } = call;
  const { min_access_level: least } = declared({ min_access_level: integer }, call.params);
  const groups = [...instance.groups.values()]
    .filter(group => canReadGroup(instance, currentUser, group))
    .filter(group => least === undefined || maximumAccessLevel(instance, currentUser, group) >= least)
    .sort((a, b) => a.id - b.id);
  return paginated(call, groups, group => presentGroup(instance, group));
}

function postGroup({ instance, currentUser, params: given }: ApiCall): ApiAnswer {
  const params = declared(
    { name: required(text), path: required(text), parent_id: integer, ...GROUP_ATTRIBUTES },
    given,
  );
  const parent =
    params.parent_id === undefined ? undefined : findGroup(instance, currentUser, String(params.parent_id));
  requireGroupCreation(instance, currentUser, parent);
  const candidate = {
    name: params.name,
    path: params.path,
    visibility: params.visibility ?? 'private',
    avatar: avatarOf(params),
  };
  const restricted = restrictionErrors(instance, currentUser, params.visibility);
  const errors = restricted.any ? restricted : groupErrors(instance, parent, candidate);
  if (errors.any) throw refuse(400, `Failed to save group ${errors.toRubyHash()}`);
  const group = createGroup(instance, parent, {
    ...candidate,
    description: params.description ?? '',
    settings: settingsOf(instance, params, parent === undefined),
  });
  addMember(instance, group, {
    userId: currentUser.id,
    accessLevel: ACCESS_LEVELS.owner,
    expiresAt: null,
    createdById: currentUser.id,
  });
  return json(201, presentGroupDetail(instance, currentUser, group, true));
}

function putGroup(call: ApiCall): ApiAnswer {
  const { instance, currentUser } = call;
  const params = declared({ name: text, path: text, ...GROUP_ATTRIBUTES }, call.params);
  const group = groupOf(call);
  requireRole(instance, currentUser, group, ACCESS_LEVELS.owner);
  const candidate = {
    name: params.name ?? group.name,
    path: params.path ?? group.path,
    visibility: params.visibility ?? group.visibility,
    avatar: avatarOf(params, group),
  };
  const restricted = restrictionErrors(instance, currentUser, params.visibility);
  const errors = restricted.any
    ? restricted
    : groupErrors(instance, instance.parentOf(group), candidate, group);
  if (errors.any) throw refuse(400, errors);
  instance.renameGroup(group, candidate.name, candidate.path);
  group.visibility = candidate.visibility;
  group.avatar = candidate.avatar;
  group.description = params.description ?? group.description;
  Object.assign(group.settings, settingsOf(instance, params, group.parentId === null));
  return json(200, presentGroupDetail(instance, currentUser, group, true));
}

function deleteGroup(call: ApiCall): ApiAnswer {
  const group = groupOf(call);
  requireRole(call.instance, call.currentUser, group, ACCESS_LEVELS.owner);
  call.instance.removeGroup(group);
  return json(202, { message: '202 Accepted' });
}

function getSubgroups(call: ApiCall): ApiAnswer {
  const { instance, currentUser } = call;
  const subgroups = instance
    .childrenOf(groupOf(call).id)
    .filter(child => canReadGroup(instance, currentUser, child))
    .sort((a, b) => compareText(a.name, b.name) || a.id - b.id);
  return paginated(call, subgroups, subgroup => presentGroup(instance, subgroup));
}

function getProjects(call: ApiCall): ApiAnswer {
  const { instance, currentUser } = call;
  const group = groupOf(call);
  const { include_subgroups: deep } = declared({ include_subgroups: boolean }, call.params);
  const projects = [group, ...(deep ? instance.descendantsOf(group) : [])]
    .filter(at => canReadGroup(instance, currentUser, at))
    .flatMap(at => at.projects.map(project => ({ group: at, project })))
    .sort((a, b) => b.project.id - a.project.id);
  return paginated(call, projects, found => presentProject(instance, found.group, found.project));
}

function getAvatar(call: ApiCall): ApiAnswer {
  const { avatar } = groupOf(call);
  if (!avatar) throw notFound('Avatar');
  const filename = encodeURIComponent(avatar.filename);
  return {
    status: 200,
    headers: {
      'content-type': avatar.contentType,
      'content-disposition': `attachment; filename="${filename}"; filename*=UTF-8''${filename}`,
    },
    body: avatar.bytes,
  };
}

function getExportStatus(call: ApiCall): ApiAnswer {
  if (!call.instance.settings.directTransferEnabled) throw notFound();
  requireRole(call.instance, call.currentUser, groupOf(call), ACCESS_LEVELS.owner);
  return json(200, []);
}

/** By code point, so that the order does not depend on the machine's language. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
