import { type ApiAnswer, json, notFound } from '../answer.ts';
import { NAMESPACES } from '../declarations/namespaces.ts';
import type { GitLabInstance } from '../instance.ts';
import { maximumAccessLevel } from '../memberships.ts';
import { ACCESS_LEVELS, type SampleGroup, type SampleUser } from '../model.ts';
import { paginated } from '../pagination.ts';
import { canReadGroup } from '../permissions.ts';
import { type CallOf, type Route, route } from '../route.ts';
import { presentNamespaceOf } from './entities.ts';
import { avatarUrl } from './group-entity.ts';

export const NAMESPACE_ROUTES: readonly Route[] = [
  route(NAMESPACES.list, getNamespaces),
  route(NAMESPACES.get, getNamespace),
  route(NAMESPACES.exists, getExistence),
];

/** A group, or the personal namespace of a user. */
type Namespace = { readonly group: SampleGroup } | { readonly user: SampleUser };

/** One's own namespace and the groups that one is a member of; an administrator gets all. */
function getNamespaces(call: CallOf<typeof NAMESPACES.list>): ApiAnswer {
  const { instance, currentUser, params } = call;
  const least = params.owned_only ? ACCESS_LEVELS.owner : ACCESS_LEVELS.guest;
  const search = params.search?.toLowerCase() ?? '';
  const groups: Namespace[] = [...instance.groups.values()]
    .filter(group => maximumAccessLevel(instance, currentUser, group) >= least)
    .filter(group => instance.isReplicated(group))
    .filter(group => !params.top_level_only || group.parentId === null)
    .map(group => ({ group }));
  const users: Namespace[] = (currentUser.admin ? [...instance.users.values()] : [currentUser]).map(user => ({
    user,
  }));
  const found = [...users, ...groups].filter(namespace => {
    const { name, path, full_path: fullPath } = presentNamespace(instance, namespace);
    return `${name}\n${params.full_path_search ? fullPath : path}`.toLowerCase().includes(search);
  });
  return paginated(call, found, namespace => presentNamespace(instance, namespace));
}

function getNamespace({ instance, currentUser, params: { id } }: CallOf<typeof NAMESPACES.get>): ApiAnswer {
  const group = instance.groupByReference(id);
  const user = /^\d+$/.test(id) ? instance.users.get(Number(id)) : instance.userByUsername(id);
  if (group && canReadGroup(instance, currentUser, group) && instance.isReplicated(group)) {
    return json(200, presentNamespace(instance, { group }));
  }
  if (user && (currentUser.admin || user === currentUser)) {
    return json(200, presentNamespace(instance, { user }));
  }
  throw notFound('Namespace');
}

/** Counts groups and users, also those that the caller cannot see, and no projects. */
function getExistence({ instance, params }: CallOf<typeof NAMESPACES.exists>): ApiAnswer {
  const { id: path, parent_id: parentId } = params;
  const parent = parentId ? instance.groups.get(parentId) : undefined;
  const parentUnknown = Boolean(parentId) && !parent;
  const taken = (candidate: string) =>
    !parentUnknown && instance.namespaceTaken(instance.fullPathOf(parent, candidate));
  const exists = taken(path);
  return json(200, { exists, suggests: exists ? [firstFreePath(path, taken)] : [] });
}

function firstFreePath(path: string, taken: (candidate: string) => boolean): string {
  let counter = 1;
  while (taken(`${path}${counter}`)) counter += 1;
  return `${path}${counter}`;
}

function presentNamespace(instance: GitLabInstance, namespace: Namespace) {
  if ('user' in namespace) {
    const { id, name, username } = namespace.user;
    return {
      id,
      name,
      path: username,
      kind: 'user',
      full_path: username,
      parent_id: null,
      avatar_url: null,
      web_url: `${instance.url}/${username}`,
    };
  }
  const { group } = namespace;
  return {
    ...presentNamespaceOf(group),
    avatar_url: avatarUrl(instance, group),
    web_url: `${instance.url}/groups/${group.fullPath}`,
  };
}
