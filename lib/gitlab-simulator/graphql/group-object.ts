import { avatarUrl } from '../api/group-entity.ts';
import { maximumAccessLevel } from '../memberships.ts';
import type { SampleGroup } from '../model.ts';
import { groupConnections } from './group-connections.ts';
import { presentProject } from './project-object.ts';
import {
  accessLevelObject,
  isVisible,
  isVisibleProject,
  type Viewer,
  withoutMilliseconds,
} from './viewer.ts';

/** The group of a full path, or null if there is none that the viewer may see. */
export function groupObject(viewer: Viewer, fullPath: string): object | null {
  const group = viewer.instance.groupByPath(fullPath);
  return group && isFoundAs(viewer, group.fullPath, fullPath) ? visibleGroupObject(viewer, group) : null;
}

/** A group, or the personal namespace of a user; null as above. */
export function namespaceObject(viewer: Viewer, fullPath: string): object | null {
  const user = viewer.instance.userByUsername(fullPath);
  if (!user || !viewer.user || !isFoundAs(viewer, user.username, fullPath))
    return groupObject(viewer, fullPath);
  const { username, name } = user;
  return {
    id: `gid://gitlab/Namespaces::UserNamespace/${user.id}`,
    name,
    path: username,
    fullName: name,
    fullPath: username,
    visibility: 'public',
  };
}

/** The project of a full path; null as above, also where it was before it was renamed. */
export function projectObject(viewer: Viewer, fullPath: string): object | null {
  const { instance } = viewer;
  const project = instance.projectByPath(fullPath);
  if (!project || !isVisibleProject(viewer, project)) return null;
  return isFoundAs(viewer, instance.projectPath(project), fullPath)
    ? presentProject(viewer, project, group => visibleGroupObject(viewer, group))
    : null;
}

/**
 * Whether a record is found by this spelling of its path. Old versions found any letter case in the database, but
 * handed the record out under its own spelling only. Which version changed that is not known: 15.0 is chosen.
 */
function isFoundAs({ instance }: Viewer, fullPath: string, asked: string): boolean {
  return fullPath === asked || instance.versionAtLeast('15.0');
}

/** Names of fields are the schema's; functions take the arguments of their field. */
function visibleGroupObject(viewer: Viewer, group: SampleGroup | undefined): object | null {
  const { instance, user } = viewer;
  if (!group || !user || !isVisible(viewer, group)) return null;
  const { membershipLock: _, preventSharingGroupsOutsideHierarchy: __, ...settings } = group.settings;
  return {
    ...settings,
    id: `gid://gitlab/Group/${group.id}`,
    name: group.name,
    path: group.path,
    fullName: () =>
      instance
        .selfAndAncestors(group)
        .map(at => at.name)
        .reverse()
        .join(' / '),
    fullPath: group.fullPath,
    webUrl: `${instance.url}/groups/${group.fullPath}`,
    description: group.description,
    visibility: group.visibility,
    parent: () => visibleGroupObject(viewer, instance.parentOf(group)),
    createdAt: withoutMilliseconds(group.createdAt),
    updatedAt: withoutMilliseconds(group.createdAt),
    emailsDisabled: !group.settings.emailsEnabled,
    avatarUrl: avatarUrl(instance, group),
    epicsEnabled: instance.premium,
    maxAccessLevel: () => accessLevelObject(maximumAccessLevel(instance, user, group)),
    projectsCount: group.projects.length,
    groupMembersCount: group.members.length,
    ...groupConnections(viewer, group, at => visibleGroupObject(viewer, at)),
  };
}
