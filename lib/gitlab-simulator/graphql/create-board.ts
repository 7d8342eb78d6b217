import { GraphQLError } from 'graphql';
import { addBoard, canHaveFurtherBoard } from '../boards.ts';
import { ACCESS_LEVELS } from '../model.ts';
import { canReadGroup, hasRole } from '../permissions.ts';
import type { Viewer } from './viewer.ts';

export interface CreateBoardInput {
  readonly clientMutationId?: string | null;
  readonly groupPath?: string | null;
  readonly name?: string | null;
  readonly hideBacklogList?: boolean | null;
  readonly hideClosedList?: boolean | null;
}

/** Throws GitLab's one error for all resources that are missing, invisible or not to be changed by the viewer. */
export function createBoard({ instance, user }: Viewer, input: CreateBoardInput): object {
  const group = instance.groupByPath(input.groupPath ?? '');
  if (
    !group ||
    !user ||
    !canReadGroup(instance, user, group) ||
    !hasRole(instance, user, group, ACCESS_LEVELS.reporter)
  ) {
    throw resourceNotAvailable();
  }
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

export function resourceNotAvailable(): GraphQLError {
  return new GraphQLError(
    "The resource that you are attempting to access does not exist or you don't have permission to perform this action",
  );
}
