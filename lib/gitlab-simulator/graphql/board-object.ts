import type { SampleBoard, SampleBoardList, SampleLabel } from '../model.ts';
import { type ConnectionArguments, connection } from './connection.ts';
import { presentLabel, presentMilestone } from './issue-objects.ts';
import { userObject, type Viewer } from './viewer.ts';

/** Names of fields are the schema's; functions take the arguments of their field. */
export function presentBoard(viewer: Viewer, board: SampleBoard): object {
  const { name, hideBacklogList, hideClosedList } = board;
  return {
    id: boardId(board),
    name,
    hideBacklogList,
    hideClosedList,
    lists: (page: ConnectionArguments & { readonly id?: string | null }) => listsOf(viewer, board, page),
    ...scopeOf(viewer, board),
  };
}

export function boardId({ id }: SampleBoard): string {
  return `gid://gitlab/Board/${id}`;
}

/** Without a licence the fields of the scope are there, and empty. */
function scopeOf(viewer: Viewer, { labels, milestone, assignee, weight }: SampleBoard): object {
  const isShown = viewer.instance.premium;
  return {
    labels: (page: ConnectionArguments) =>
      connection<SampleLabel, object>(isShown ? labels : [], page, presentLabel),
    milestone: isShown && milestone ? scopeMilestoneObject(milestone) : null,
    assignee: isShown && assignee ? userObject(viewer, assignee) : null,
    weight: isShown ? weight : null,
  };
}

/** One that GitLab makes up has an id that is no number of a record, and nothing else than its title. */
function scopeMilestoneObject(milestone: NonNullable<SampleBoard['milestone']>): object {
  const { id, title } = milestone;
  return 'isSpecial' in milestone
    ? { id: `gid://gitlab/Milestone/${id}`, title }
    : presentMilestone(milestone);
}

/** Unlike REST it also shows the two fixed columns, of which the first can be hidden. */
function listsOf(
  viewer: Viewer,
  board: SampleBoard,
  page: ConnectionArguments & { readonly id?: string | null },
): object {
  const lists = board.lists.filter(list => !page.id || listId(list) === page.id);
  const shown = connection(lists, page, list => presentBoardList(viewer, list));
  if (page.id || page.after) return shown;
  const fixed = [
    ...(board.hideBacklogList ? [] : [fixedList(board, 'backlog', 'Open')]),
    ...(board.hideClosedList ? [] : [fixedList(board, 'closed', 'Closed')]),
  ];
  return { ...shown, nodes: [...fixed, ...shown.nodes] };
}

/** Its number is chosen: the records here have none, and nobody asks for one by it. */
function fixedList(board: SampleBoard, listType: 'backlog' | 'closed', title: string): object {
  const id = 1_000_000_000 + 2 * board.id + Number(listType === 'closed');
  const nothing = { position: null, label: null, milestone: null, assignee: null };
  return { id: `gid://gitlab/List/${id}`, listType, title, ...nothing };
}

function listId({ id }: SampleBoardList): string {
  return `gid://gitlab/List/${id}`;
}

export function presentBoardList(viewer: Viewer, list: SampleBoardList): object {
  const { label, milestone, assignee, position } = list;
  return {
    id: listId(list),
    listType: label ? 'label' : milestone ? 'milestone' : 'assignee',
    title: label?.title ?? milestone?.title ?? assignee?.name ?? '',
    position,
    label: label && presentLabel(label),
    milestone: milestone && presentMilestone(milestone),
    assignee: assignee && userObject(viewer, assignee),
  };
}
