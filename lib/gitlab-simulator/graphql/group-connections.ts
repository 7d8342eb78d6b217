import { maximumAccessLevel } from '../memberships.ts';
import { ACCESS_LEVELS, type SampleGroup, type SampleMilestone } from '../model.ts';
import { boardId, presentBoard } from './board-object.ts';
import { type ConnectionArguments, connection } from './connection.ts';
import { presentLabel, presentMilestone } from './issue-objects.ts';
import { type MemberArguments, memberConnection } from './member-connection.ts';
import { presentProject } from './project-object.ts';
import { isVisible, isVisibleProject, type Viewer } from './viewer.ts';

interface ProjectArguments extends ConnectionArguments {
  readonly includeSubgroups: boolean;
  readonly search?: string | null;
  readonly notAimedForDeletion?: boolean | null;
  readonly includeArchived?: boolean | null;
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

/** What a group holds. Names are the schema's; functions take the arguments of their field. */
export function groupConnections(
  viewer: Viewer,
  group: SampleGroup,
  presentGroup: (group: SampleGroup) => object | null,
) {
  const { instance } = viewer;
  const descendants = () => instance.descendantsOf(group).filter(at => isVisible(viewer, at));
  return {
    descendantGroupsCount: () => descendants().length,
    descendantGroups: (page: DescendantArguments) => {
      const groups = (
        page.includeParentDescendants ? descendants() : descendants().filter(at => at.parentId === group.id)
      )
        .filter(at => !page.owned || levelIn(viewer, at) >= ACCESS_LEVELS.owner)
        .filter(at => contains(at.name, page.search) || contains(at.path, page.search))
        .sort((a, b) => a.id - b.id);
      return connection(groups, page, presentGroup);
    },
    groupMembers: (page: MemberArguments) => memberConnection(viewer, group, page),
    projects: (page: ProjectArguments) => {
      const projects = [group, ...(page.includeSubgroups ? descendants() : [])]
        .flatMap(at => at.projects)
        .filter(project => isVisibleProject(viewer, project))
        .filter(({ markedForDeletionOn }) => !page.notAimedForDeletion || markedForDeletionOn === null)
        .filter(({ archived }) => page.includeArchived !== false || !archived)
        .filter(({ name, path }) => contains(name, page.search) || contains(path, page.search))
        .sort((a, b) => a.id - b.id);
      return connection(projects, page, project => presentProject(viewer, project, presentGroup));
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
      return connection(boards, page, board => presentBoard(viewer, board));
    },
    board: ({ id }: { readonly id: string }) => {
      const board = group.boards.find(candidate => boardId(candidate) === id);
      return board ? presentBoard(viewer, board) : null;
    },
  };
}

function levelIn({ instance, user }: Viewer, group: SampleGroup): number {
  return user ? maximumAccessLevel(instance, user, group) : 0;
}

function contains(text: string, search: string | null | undefined): boolean {
  return !search || text.toLowerCase().includes(search.toLowerCase());
}
