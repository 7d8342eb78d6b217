import { addBoard, canHaveFurtherBoard } from '../boards.ts';
import { changeableGroup } from './changeable-group.ts';
import type { Viewer } from './viewer.ts';

export interface CreateBoardInput {
  readonly clientMutationId?: string | null;
  readonly groupPath?: string | null;
  readonly name?: string | null;
  readonly hideBacklogList?: boolean | null;
  readonly hideClosedList?: boolean | null;
}

export function createBoard(viewer: Viewer, input: CreateBoardInput): object {
  const { instance } = viewer;
  const group = changeableGroup(viewer, input.groupPath);
  const clientMutationId = input.clientMutationId ?? null;
  if (!canHaveFurtherBoard(instance, group)) {
    const error = "You don't have the permission to create a board for this resource.";
    return { clientMutationId, board: null, errors: [error] };
  }
  const board = addBoard(instance, group, {
    name: input.name ?? 'Development',
    hideBacklogList: input.hideBacklogList ?? false,
    hideClosedList: input.hideClosedList ?? false,
  });
  return { clientMutationId, board: { ...board, id: `gid://gitlab/Board/${board.id}` }, errors: [] };
}
