import { type ApiAnswer, json, notFound, refuse } from '../answer.ts';
import { GROUPS } from '../declarations/groups.ts';
import { createGroup, groupErrors } from '../group-creation.ts';
import { addMember } from '../memberships.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { findGroup, requireGroupCreation, requireRole } from '../permissions.ts';
import { type CallOf, type Route, route } from '../route.ts';
import { downloadOf } from './avatar-download.ts';
import { avatarOf, restrictionErrors, settingsOf } from './group-attributes.ts';
import { presentGroupDetail } from './group-entity.ts';
import { getDescendants, getGroups, getSubgroups } from './group-lists.ts';
import { groupOf } from './group-of.ts';
import { getProjects } from './group-projects.ts';

export const GROUP_ROUTES: readonly Route[] = [
  route(GROUPS.list, getGroups),
  route(GROUPS.create, postGroup),
  route(GROUPS.get, getGroup),
  route(GROUPS.change, putGroup),
  route(GROUPS.remove, deleteGroup),
  route(GROUPS.subgroups, getSubgroups),
  route(GROUPS.descendants, getDescendants),
  route(GROUPS.projects, getProjects),
  route(GROUPS.avatar, getAvatar),
];

function getGroup(call: CallOf<typeof GROUPS.get>): ApiAnswer {
  const withProjects = call.params.with_projects ?? true;
  return json(200, presentGroupDetail(call.instance, call.currentUser, groupOf(call), withProjects));
}

function postGroup({ instance, currentUser, params }: CallOf<typeof GROUPS.create>): ApiAnswer {
  const { parent_id: parentId } = params;
  const parent = parentId ? findGroup(instance, currentUser, String(parentId)) : undefined;
  requireGroupCreation(instance, currentUser, parent);
  const candidate = {
    name: params.name,
    path: params.path,
    visibility: params.visibility ?? 'private',
    description: params.description ?? '',
    requireTwoFactorAuthentication: params.require_two_factor_authentication ?? false,
    avatar: avatarOf(params),
  };
  const restricted = restrictionErrors(instance, currentUser, params.visibility);
  const errors = restricted.any ? restricted : groupErrors(instance, parent, candidate);
  if (errors.any) throw refuse(400, `Failed to save group ${errors.toRubyHash()}`);
  const { replicaLagMs } = instance.settings;
  const group = createGroup(instance, parent, {
    ...candidate,
    settings: settingsOf(instance, params, parent === undefined),
    ...(replicaLagMs > 0 && { replicatedAt: Date.now() + replicaLagMs }),
  });
  addMember(instance, group, {
    userId: currentUser.id,
    accessLevel: ACCESS_LEVELS.owner,
    expiresAt: null,
    createdById: currentUser.id,
  });
  return json(201, presentGroupDetail(instance, currentUser, group, true));
}

function putGroup(call: CallOf<typeof GROUPS.change>): ApiAnswer {
  const { instance, currentUser, params } = call;
  const group = groupOf(call);
  requireRole(instance, currentUser, group, ACCESS_LEVELS.owner);
  const candidate = {
    name: params.name ?? group.name,
    path: params.path ?? group.path,
    visibility: params.visibility ?? group.visibility,
    description: params.description === null ? '' : (params.description ?? group.description),
    requireTwoFactorAuthentication: params.require_two_factor_authentication ?? false,
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
  group.description = candidate.description;
  Object.assign(group.settings, settingsOf(instance, params, group.parentId === null));
  return json(200, presentGroupDetail(instance, currentUser, group, true));
}

async function deleteGroup(call: CallOf<typeof GROUPS.remove>): Promise<ApiAnswer> {
  const { instance, currentUser } = call;
  const group = groupOf(call);
  requireRole(instance, currentUser, group, ACCESS_LEVELS.owner);
  const projects = [group, ...instance.descendantsOf(group)].flatMap(at => at.projects);
  instance.removeGroup(group);
  await Promise.all(projects.map(project => instance.archives.forget(project)));
  return json(202, { message: '202 Accepted' });
}

function getAvatar(call: CallOf<typeof GROUPS.avatar>): ApiAnswer {
  const { avatar } = groupOf(call);
  if (!avatar) throw notFound('Avatar');
  return downloadOf(call.instance, avatar);
}
