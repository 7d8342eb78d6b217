import { addBoard, canHaveFurtherBoard, memberById, scopeMilestone } from '../boards.ts';
import { labelById } from '../group-contents.ts';
import { presentBoard } from './board-object.ts';
import { changeableGroup } from './changeable-group.ts';
import { numberOf, type Viewer } from './viewer.ts';

export interface CreateBoardInput {
  readonly clientMutationId?: string | null;
  readonly groupPath?: string | null;
  readonly name?: string | null;
  readonly hideBacklogList?: boolean | null;
  readonly hideClosedList?: boolean | null;
  readonly labelIds?: readonly string[] | null;
  readonly milestoneId?: string | null;
  readonly assigneeId?: string | null;
  readonly weight?: number | null;
}

export function createBoard(viewer: Viewer, input: CreateBoardInput): object {
  const { instance } = viewer;
  const group = changeableGroup(viewer, input.groupPath);
  const clientMutationId = input.clientMutationId ?? null;
  const refused = (error: string) => ({ clientMutationId, board: null, errors: [error] });
  if (!canHaveFurtherBoard(instance, group)) {
    return refused("You don't have the permission to create a board for this resource.");
  }
  const name = input.name ?? 'Development';
  if (name.trim() === '') return refused("Name can't be blank");
  const board = addBoard(instance, group, {
    name,
    hideBacklogList: input.hideBacklogList ?? false,
    hideClosedList: input.hideClosedList ?? false,
  });
  // Without a licence a scope is dropped without a word.
  if (instance.premium) {
    const { labelIds, milestoneId, assigneeId, weight } = input;
    board.labels = (labelIds ?? []).flatMap(id => labelById(instance, group, numberOf(id)) ?? []);
    board.milestone = scopeMilestone(instance, group, milestoneId ? numberOf(milestoneId) : null);
    board.assignee = (assigneeId && memberById(instance, group, numberOf(assigneeId))) || null;
    board.weight = weight ?? null;
  }
  return { clientMutationId, board: presentBoard(viewer, board), errors: [] };
}
