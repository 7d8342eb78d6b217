import { labelById, labelByTitle, milestoneById } from './group-contents.ts';
import type { GitLabInstance } from './instance.ts';
import { effectiveMembers } from './memberships.ts';
import type {
  SampleBoard,
  SampleBoardList,
  SampleGroup,
  SampleLabel,
  SampleUser,
  SpecialMilestone,
} from './model.ts';

export type BoardListTarget =
  | { readonly label: SampleLabel }
  | { readonly milestone: NonNullable<SampleBoardList['milestone']> }
  | { readonly assignee: SampleUser };

/** What a list can show, with GitLab's words for it. */
export const LIST_KINDS = {
  label_id: { name: 'Label', attribute: 'Label', premium: false },
  milestone_id: { name: 'Milestone', attribute: 'Milestone', premium: true },
  assignee_id: { name: 'Assignee', attribute: 'User', premium: true },
} as const;

/** `Any Milestone` (-1) is not among them: it restricts nothing, and is shown as no milestone. */
export const SPECIAL_MILESTONES: readonly SpecialMilestone[] = [
  { id: 0, title: 'No Milestone', isSpecial: true },
  { id: -2, title: 'Upcoming', isSpecial: true },
  { id: -3, title: 'Started', isSpecial: true },
];

/** To which milestone a board is restricted under an id; `null` for none. */
export function scopeMilestone(
  instance: GitLabInstance,
  group: SampleGroup,
  id: number | null,
): SampleBoard['milestone'] {
  if (id === null) return null;
  return SPECIAL_MILESTONES.find(special => special.id === id) ?? milestoneById(instance, group, id) ?? null;
}

/** A board without scope and lists. */
export function addBoard(
  instance: GitLabInstance,
  group: SampleGroup,
  attributes: Pick<SampleBoard, 'name' | 'hideBacklogList' | 'hideClosedList'>,
): SampleBoard {
  const board: SampleBoard = {
    id: instance.nextId(),
    ...attributes,
    labels: [],
    milestone: null,
    assignee: null,
    weight: null,
    lists: [],
  };
  group.boards.push(board);
  return board;
}

/** Appends a list at the end. */
export function addBoardList(
  instance: GitLabInstance,
  board: SampleBoard,
  target: BoardListTarget,
): SampleBoardList {
  const list: SampleBoardList = {
    id: instance.nextId(),
    position: (board.lists.at(-1)?.position ?? -1) + 1,
    label: null,
    milestone: null,
    assignee: null,
    ...target,
  };
  board.lists.push(list);
  return list;
}

/** Whether a further board can be created: on Free a group has one board at most. */
export function canHaveFurtherBoard(instance: GitLabInstance, group: SampleGroup): boolean {
  return instance.premium || group.boards.length === 0;
}

export function hasListOf(board: SampleBoard, target: BoardListTarget): boolean {
  return board.lists.some(list => {
    if ('label' in target) return list.label === target.label;
    if ('milestone' in target) return list.milestone === target.milestone;
    return list.assignee === target.assignee;
  });
}

/** Resolves what a new list shall show; undefined when the group cannot use it. */
export function boardListTarget(
  instance: GitLabInstance,
  group: SampleGroup,
  kind: 'label_id' | 'milestone_id' | 'assignee_id',
  id: number,
): BoardListTarget | undefined {
  switch (kind) {
    case 'label_id': {
      const label = labelById(instance, group, id);
      return label && { label };
    }
    case 'milestone_id': {
      const milestone = milestoneById(instance, group, id);
      return milestone && { milestone };
    }
    case 'assignee_id': {
      const assignee = memberById(instance, group, id);
      return assignee && { assignee };
    }
  }
}

/** A user who is a member of the group or of an ancestor. */
export function memberById(
  instance: GitLabInstance,
  group: SampleGroup,
  userId: number,
): SampleUser | undefined {
  const members = effectiveMembers(instance, group, ['DIRECT', 'INHERITED']);
  return members.some(member => member.userId === userId) ? instance.users.get(userId) : undefined;
}

/** Labels of the group and its ancestors by comma-separated titles; unknown titles are skipped. */
export function labelsByTitles(instance: GitLabInstance, group: SampleGroup, titles: string): SampleLabel[] {
  return titles
    .split(',')
    .map(title => labelByTitle(instance, group, title.trim()))
    .filter(label => label !== undefined);
}
