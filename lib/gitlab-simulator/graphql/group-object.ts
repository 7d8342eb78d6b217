import { avatarUrl } from '../api/group-entity.ts';
import type { GitLabInstance } from '../instance.ts';
import { effectiveMembers, type MemberRelation, maximumAccessLevel } from '../memberships.ts';
import {
  ACCESS_LEVELS,
  type AccessLevel,
  type SampleGroup,
  type SampleMember,
  type SampleProject,
  type SampleUser,
} from '../model.ts';
import { canReadGroup, hasRole } from '../permissions.ts';
import { type ConnectionArguments, connection } from './connection.ts';

/** On whose behalf a query runs; a query without token sees nothing that belongs to a group. */
export interface Viewer {
  readonly instance: GitLabInstance;
  readonly user: SampleUser | undefined;
}

interface MemberArguments extends ConnectionArguments {
  readonly relations: readonly (MemberRelation | 'SHARED_FROM_GROUPS')[];
}

interface ProjectArguments extends ConnectionArguments {
  readonly includeSubgroups: boolean;
}

const ROLE_NAMES = new Map(
  Object.entries(ACCESS_LEVELS).map(([name, level]) => [level, name.replace(/[A-Z]/, '_$&').toUpperCase()]),
);

/** The group of a full path, or null if there is none that the viewer may see. */
export function groupObject({ instance, user }: Viewer, fullPath: string): object | null {
  const group = instance.groupByPath(fullPath);
  // Old versions match paths in any letter case, too, but then hand the record out under its own spelling only.
  const isExact = group?.fullPath === fullPath || instance.versionAtLeast('15.0');
  return visibleGroupObject({ instance, user }, isExact ? group : undefined);
}

export function projectObject({ instance, user }: Viewer, fullPath: string): object | null {
  const slash = fullPath.lastIndexOf('/');
  const group = instance.groupByPath(fullPath.slice(0, Math.max(0, slash)));
  const path = fullPath.slice(slash + 1).toLowerCase();
  const project = group?.projects.find(candidate => candidate.path.toLowerCase() === path);
  if (!group || !project || !user || !canReadGroup(instance, user, group)) return null;
  return presentProject({ instance, user }, group, project);
}

export function userObject(user: SampleUser): object {
  return {
    id: `gid://gitlab/User/${user.id}`,
    username: user.username,
    name: user.name,
    publicEmail: user.publicEmail,
  };
}

/** Names of fields are the schema's; functions take the arguments of their field. */
function visibleGroupObject(viewer: Viewer, group: SampleGroup | undefined): object | null {
  const { instance, user } = viewer;
  if (!group || !user || !canReadGroup(instance, user, group)) return null;
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
    maxAccessLevel: () => accessLevelObject(maximumAccessLevel(instance, user, group)),
    emailsDisabled: !group.settings.emailsEnabled,
    avatarUrl: avatarUrl(instance, group),
    groupMembers: (page: MemberArguments) => {
      // Groups are never shared with others here, so that relation has no members.
      const relations = page.relations.filter(relation => relation !== 'SHARED_FROM_GROUPS');
      return connection(effectiveMembers(instance, group, relations), page, member =>
        memberObject(viewer, member),
      );
    },
    projects: (page: ProjectArguments) => {
      const projects = [group, ...(page.includeSubgroups ? instance.descendantsOf(group) : [])]
        .filter(at => canReadGroup(instance, user, at))
        .flatMap(at => at.projects.map(project => ({ id: project.id, at, project })))
        .sort((a, b) => a.id - b.id);
      return connection(projects, page, ({ at, project }) => presentProject(viewer, at, project));
    },
  };
}

function memberObject({ instance }: Viewer, member: SampleMember): object {
  const user = instance.users.get(member.userId);
  return {
    id: `gid://gitlab/GroupMember/${member.id}`,
    createdAt: withoutMilliseconds(member.createdAt),
    updatedAt: withoutMilliseconds(member.updatedAt),
    expiresAt: member.expiresAt && `${member.expiresAt}T00:00:00Z`,
    accessLevel: accessLevelObject(member.accessLevel),
    user: user ? userObject(user) : null,
  };
}

function accessLevelObject(level: number): object {
  return { integerValue: level, stringValue: ROLE_NAMES.get(level as AccessLevel) };
}

function presentProject({ instance, user }: Viewer, group: SampleGroup, project: SampleProject): object {
  return {
    userPermissions: {
      adminProject: user !== undefined && hasRole(instance, user, group, ACCESS_LEVELS.maintainer),
    },
    id: `gid://gitlab/Project/${project.id}`,
    name: project.name,
    path: project.path,
    fullPath: `${group.fullPath}/${project.path}`,
    visibility: group.visibility,
  };
}

/** GraphQL's Time has whole seconds, unlike the REST API's. */
function withoutMilliseconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}
