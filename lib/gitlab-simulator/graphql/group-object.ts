import { avatarUrl } from '../api/group-entity.ts';
import type { GitLabInstance } from '../instance.ts';
import { maximumAccessLevel } from '../memberships.ts';
import {
  ACCESS_LEVELS,
  type SampleBoard,
  type SampleGroup,
  type SampleLabel,
  type SampleMilestone,
  type SampleProject,
  type SampleUser,
} from '../model.ts';
import { canReadGroup, hasRole } from '../permissions.ts';
import { type ConnectionArguments, connection } from './connection.ts';
import { type MemberArguments, memberConnection } from './group-members.ts';

/** On whose behalf a query runs; a query without token sees nothing that belongs to a group. */
export interface Viewer {
  readonly instance: GitLabInstance;
  readonly user: SampleUser | undefined;
}

interface ProjectArguments extends ConnectionArguments {
  readonly includeSubgroups: boolean;
  readonly search?: string | null;
}

interface LabelArguments extends ConnectionArguments {
  readonly searchTerm?: string | null;
  readonly title?: string | null;
  readonly includeAncestorGroups: boolean;
  readonly includeDescendantGroups: boolean;
}

interface MilestoneArguments extends ConnectionArguments {
  readonly state?: SampleMilestone['state'] | null;
  readonly title?: string | null;
  readonly searchTitle?: string | null;
  readonly includeAncestors?: boolean | null;
  readonly includeDescendants?: boolean | null;
}

interface DescendantArguments extends ConnectionArguments {
  readonly includeParentDescendants: boolean;
  readonly owned?: boolean | null;
  readonly search?: string | null;
}

const ROLE_NAMES = new Map(
  Object.entries(ACCESS_LEVELS).map(([name, level]) => [level, name.replace(/[A-Z]/, '_$&').toUpperCase()]),
);

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

export function projectObject(viewer: Viewer, fullPath: string): object | null {
  const slash = fullPath.lastIndexOf('/');
  const group = viewer.instance.groupByPath(fullPath.slice(0, Math.max(0, slash)));
  const path = fullPath.slice(slash + 1).toLowerCase();
  const project = group?.projects.find(candidate => candidate.path.toLowerCase() === path);
  if (!group || !project || !isVisible(viewer, group)) return null;
  return isFoundAs(viewer, `${group.fullPath}/${project.path}`, fullPath)
    ? presentProject(viewer, group, project)
    : null;
}

export function userObject({ instance }: Viewer, user: SampleUser): object {
  return {
    id: `gid://gitlab/User/${user.id}`,
    username: user.username,
    name: user.name,
    publicEmail: user.publicEmail,
    bot: false,
    webUrl: `${instance.url}/${user.username}`,
  };
}

export function accessLevelObject(level: number): object {
  return { integerValue: level, stringValue: ROLE_NAMES.get(level as never) };
}

export function presentLabel({ id, title, color, description }: SampleLabel): object {
  return { id: `gid://gitlab/GroupLabel/${id}`, title, color, description };
}

/**
 * Whether a record is found by this spelling of its path. Old versions found any letter case in the database, but
 * handed the record out under its own spelling only. Which version changed that is not known: 15.0 is chosen.
 */
function isFoundAs({ instance }: Viewer, fullPath: string, asked: string): boolean {
  return fullPath === asked || instance.versionAtLeast('15.0');
}

function isVisible({ instance, user }: Viewer, group: SampleGroup): boolean {
  return user !== undefined && canReadGroup(instance, user, group) && instance.isReplicated(group);
}

/** Names of fields are the schema's; functions take the arguments of their field. */
function visibleGroupObject(viewer: Viewer, group: SampleGroup | undefined): object | null {
  const { instance, user } = viewer;
  if (!group || !user || !isVisible(viewer, group)) return null;
  const { membershipLock: _, preventSharingGroupsOutsideHierarchy: __, ...settings } = group.settings;
  const descendants = () => instance.descendantsOf(group).filter(at => isVisible(viewer, at));
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
    maxAccessLevel: () => accessLevelObject(maximumAccessLevel(instance, user, group)),
    projectsCount: group.projects.length,
    groupMembersCount: group.members.length,
    descendantGroupsCount: () => descendants().length,
    descendantGroups: (page: DescendantArguments) => {
      const groups = (
        page.includeParentDescendants ? descendants() : descendants().filter(at => at.parentId === group.id)
      )
        .filter(at => !page.owned || maximumAccessLevel(instance, user, at) >= ACCESS_LEVELS.owner)
        .filter(at => contains(at.name, page.search) || contains(at.path, page.search))
        .sort((a, b) => a.id - b.id);
      return connection(groups, page, at => visibleGroupObject(viewer, at));
    },
    groupMembers: (page: MemberArguments) => memberConnection(viewer, group, page),
    projects: (page: ProjectArguments) => {
      const projects = [group, ...(page.includeSubgroups ? descendants() : [])]
        .flatMap(at => at.projects.map(project => ({ id: project.id, at, project })))
        .filter(({ project }) => contains(project.name, page.search) || contains(project.path, page.search))
        .sort((a, b) => a.id - b.id);
      return connection(projects, page, ({ at, project }) => presentProject(viewer, at, project));
    },
    labels: (page: LabelArguments) => {
      const labels = [
        ...(page.includeAncestorGroups ? instance.selfAndAncestors(group) : [group]),
        ...(page.includeDescendantGroups ? descendants() : []),
      ]
        .flatMap(at => at.labels)
        .filter(({ title }) => (!page.title || title === page.title) && contains(title, page.searchTerm))
        .sort((a, b) => a.id - b.id);
      return connection(labels, page, presentLabel);
    },
    milestones: (page: MilestoneArguments) => {
      const milestones = [
        ...(page.includeAncestors ? instance.selfAndAncestors(group) : [group]),
        ...(page.includeDescendants ? descendants() : []),
      ]
        .flatMap(at => at.milestones)
        .filter(({ title }) => (!page.title || title === page.title) && contains(title, page.searchTitle))
        .filter(({ state }) => !page.state || state === page.state)
        .sort((a, b) => a.id - b.id);
      return connection(milestones, page, presentMilestone);
    },
    boards: ({ id, ...page }: ConnectionArguments & { readonly id?: string | null }) => {
      const boards = group.boards.filter(board => !id || boardId(board) === id);
      return connection(boards, page, presentBoard);
    },
    board: ({ id }: { readonly id: string }) => {
      const board = group.boards.find(candidate => boardId(candidate) === id);
      return board ? presentBoard(board) : null;
    },
  };
}

function contains(text: string, search: string | null | undefined): boolean {
  return !search || text.toLowerCase().includes(search.toLowerCase());
}

function boardId({ id }: SampleBoard): string {
  return `gid://gitlab/Board/${id}`;
}

function presentBoard(board: SampleBoard): object {
  const { name, hideBacklogList, hideClosedList } = board;
  return { id: boardId(board), name, hideBacklogList, hideClosedList };
}

function presentMilestone(milestone: SampleMilestone): object {
  const { id, iid, title, description, state, startDate, dueDate } = milestone;
  return {
    id: `gid://gitlab/Milestone/${id}`,
    iid: String(iid),
    title,
    description,
    state,
    startDate: startDate && `${startDate}T00:00:00Z`,
    dueDate: dueDate && `${dueDate}T00:00:00Z`,
    groupMilestone: true,
  };
}

function presentProject({ instance, user }: Viewer, group: SampleGroup, project: SampleProject): object {
  const fullPath = `${group.fullPath}/${project.path}`;
  return {
    id: `gid://gitlab/Project/${project.id}`,
    name: project.name,
    path: project.path,
    fullPath,
    visibility: group.visibility,
    archived: false,
    webUrl: `${instance.url}/${fullPath}`,
    userPermissions: {
      adminProject: user !== undefined && hasRole(instance, user, group, ACCESS_LEVELS.maintainer),
    },
  };
}

/** GraphQL's Time has whole seconds, unlike the REST API's. */
export function withoutMilliseconds(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}
