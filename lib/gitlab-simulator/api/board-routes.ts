import { type ApiAnswer, forbidden, json, recordNotFound, refuse } from '../answer.ts';
import {
  addBoard,
  addBoardList,
  boardListTarget,
  hasListOf,
  LIST_KINDS,
  labelsByTitles,
  memberById,
  scopeMilestone,
} from '../boards.ts';
import { BOARDS } from '../declarations/boards.ts';
import { ACCESS_LEVELS, type SampleBoard, type SampleGroup } from '../model.ts';
import { paginated } from '../pagination.ts';
import { requireRole } from '../permissions.ts';
import { type ApiCall, type CallOf, type Route, route } from '../route.ts';
import { presentBoard, presentBoardList } from './entities.ts';
import { groupOf } from './group-of.ts';

const KINDS = ['label_id', 'milestone_id', 'assignee_id'] as const satisfies (keyof typeof LIST_KINDS)[];

export const BOARD_ROUTES: readonly Route[] = [
  route(BOARDS.list, getBoards),
  route(BOARDS.create, postBoard),
  route(BOARDS.get, getBoard),
  route(BOARDS.change, putBoard),
  route(BOARDS.lists, getBoardLists),
  route(BOARDS.createList, postBoardList),
];

function getBoards(call: CallOf<typeof BOARDS.list>): ApiAnswer {
  const group = groupOf(call);
  return paginated(call, group.boards, board => presentBoard(call.instance, group, board));
}

function getBoard(call: CallOf<typeof BOARDS.get>): ApiAnswer {
  const group = groupOf(call);
  return json(200, presentBoard(call.instance, group, boardOf(call, group)));
}

function postBoard(call: CallOf<typeof BOARDS.create>): ApiAnswer {
  const { name } = call.params;
  const group = groupOf(call);
  requireRole(call.instance, call.currentUser, group, ACCESS_LEVELS.reporter);
  // Free refuses even the first board here; only GraphQL creates that.
  if (!call.instance.premium) throw forbidden();
  if (name.trim() === '') throw refuse(400, { name: ["can't be blank"] });
  const board = addBoard(call.instance, group, { name, hideBacklogList: false, hideClosedList: false });
  return json(201, presentBoard(call.instance, group, board));
}

function putBoard(call: CallOf<typeof BOARDS.change>): ApiAnswer {
  const { instance, params } = call;
  const group = groupOf(call);
  requireRole(instance, call.currentUser, group, ACCESS_LEVELS.reporter);
  const board = boardOf(call, group);
  if (params.name?.trim() === '') throw refuse(400, { name: ["can't be blank"] });
  board.name = params.name ?? board.name;
  board.hideBacklogList = params.hide_backlog_list ?? board.hideBacklogList;
  board.hideClosedList = params.hide_closed_list ?? board.hideClosedList;
  if (instance.premium) {
    const { labels, milestone_id: milestoneId, assignee_id: assigneeId, weight } = params;
    if (labels !== undefined) board.labels = labelsByTitles(instance, group, labels ?? '');
    if (milestoneId !== undefined) board.milestone = scopeMilestone(instance, group, milestoneId);
    if (assigneeId !== undefined) board.assignee = memberById(instance, group, assigneeId ?? 0) ?? null;
    if (weight !== undefined) board.weight = weight;
  }
  return json(200, presentBoard(instance, group, board));
}

function getBoardLists(call: CallOf<typeof BOARDS.lists>): ApiAnswer {
  const { lists } = boardOf(call, groupOf(call));
  return paginated(call, lists, list => presentBoardList(call.instance, list));
}

function postBoardList(call: CallOf<typeof BOARDS.createList>): ApiAnswer {
  const { instance, params } = call;
  // Exactly one of them was sent; iterations are not simulated.
  const kind = KINDS.find(candidate => params[candidate] !== undefined) ?? 'label_id';
  const group = groupOf(call);
  requireRole(instance, call.currentUser, group, ACCESS_LEVELS.reporter);
  const board = boardOf(call, group);
  const { name, attribute, premium } = LIST_KINDS[kind];
  if (premium && !instance.premium) throw listError(`${name} lists not available with your current license`);
  const target = boardListTarget(instance, group, kind, params[kind] ?? 0);
  if (!target) throw listError(`${name} not found`);
  if (hasListOf(board, target)) throw listError(`${attribute} has already been taken`);
  return json(201, presentBoardList(instance, addBoardList(instance, board, target)));
}

function listError(error: string) {
  return refuse(400, { error });
}

function boardOf(
  { params: { board_id: id } }: ApiCall<{ readonly board_id: number }>,
  group: SampleGroup,
): SampleBoard {
  const board = group.boards.find(candidate => candidate.id === id);
  if (!board) throw recordNotFound();
  return board;
}
