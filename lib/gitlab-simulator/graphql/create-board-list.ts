import { GraphQLError } from 'graphql';
import { addBoardList, boardListTarget, hasListOf, LIST_KINDS } from '../boards.ts';
import type { SampleBoard, SampleGroup } from '../model.ts';
import { boardId, presentBoardList } from './board-object.ts';
import { changeableGroup, resourceNotAvailable } from './changeable-group.ts';
import { numberOf, type Viewer } from './viewer.ts';

export interface BoardListCreateInput {
  readonly clientMutationId?: string | null;
  readonly boardId: string;
  readonly backlog?: boolean | null;
  readonly labelId?: string | null;
  readonly milestoneId?: string | null;
  readonly assigneeId?: string | null;
}

const KINDS = new Map<string, keyof typeof LIST_KINDS>([
  ['labelId', 'label_id'],
  ['milestoneId', 'milestone_id'],
  ['assigneeId', 'assignee_id'],
]);

export function boardListCreate(viewer: Viewer, input: BoardListCreateInput): object {
  const { instance } = viewer;
  const clientMutationId = input.clientMutationId ?? null;
  const names = instance.enterprise
    ? (['backlog', 'labelId', 'milestoneId', 'iterationId', 'assigneeId'] as const)
    : (['backlog', 'labelId'] as const);
  // What counts is that it was sent, not its value.
  const [sent, ...others] = names.filter(name => name in input);
  if (sent === undefined || others.length > 0) {
    throw new GraphQLError(`one and only one of ${names.join(' or ')} is required`);
  }
  const { group, board } = boardOf(viewer, input.boardId);
  const refused = (error: string) => ({ clientMutationId, list: null, errors: [error] });
  const kind = KINDS.get(sent);
  const id = kind && input[sent as 'labelId'];
  // A list of the open issues, which a board has anyway, and iterations are not simulated.
  if (!kind || !id) return refused('List could not be created');
  const { name, attribute, premium } = LIST_KINDS[kind];
  if (premium && !instance.premium) return refused(`${name} lists not available with your current license`);
  const target = boardListTarget(instance, group, kind, numberOf(id));
  if (!target) return refused(`${name} not found`);
  if (hasListOf(board, target)) return refused(`${attribute} has already been taken`);
  const list = addBoardList(instance, board, target);
  return { clientMutationId, list: presentBoardList(viewer, list), errors: [] };
}

function boardOf(viewer: Viewer, id: string): { group: SampleGroup; board: SampleBoard } {
  for (const group of viewer.instance.groups.values()) {
    const board = group.boards.find(candidate => boardId(candidate) === id);
    if (board) return { group: changeableGroup(viewer, group.fullPath), board };
  }
  throw resourceNotAvailable();
}
