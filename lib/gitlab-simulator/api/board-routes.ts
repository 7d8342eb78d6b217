import { type ApiAnswer, forbidden, json, recordNotFound, refuse } from '../answer.ts';
import { addBoard, addBoardList, boardListTarget, hasListOf, labelsByTitles, memberById } from '../boards.ts';
import { milestoneById } from '../group-contents.ts';
import { ACCESS_LEVELS, type SampleBoard, type SampleGroup } from '../model.ts';
import { paginated } from '../pagination.ts';
import { boolean, declared, exactlyOneOf, integer, required, text } from '../params.ts';
import { requireRole } from '../permissions.ts';
import type { ApiCall, Route } from '../route.ts';
import { presentBoard, presentBoardList } from './entities.ts';
import { groupOf } from './group-routes.ts';

/** What a list can show, with GitLab's words for it. */
const LIST_KINDS = {
  label_id: { name: 'Label', attribute: 'Label', premium: false },
  milestone_id: { name: 'Milestone', attribute: 'Milestone', premium: true },
  assignee_id: { name: 'Assignee', attribute: 'User', premium: true },
} as const;

export const BOARD_ROUTES: readonly Route[] = [
  { method: 'GET', pattern: '/api/v4/groups/:id/boards', handler: getBoards },
  { method: 'POST', pattern: '/api/v4/groups/:id/boards', handler: postBoard, enterprise: true },
  { method: 'GET', pattern: '/api/v4/groups/:id/boards/:board_id', handler: getBoard },
  { method: 'PUT', pattern: '/api/v4/groups/:id/boards/:board_id', handler: putBoard },
  { method: 'GET', pattern: '/api/v4/groups/:id/boards/:board_id/lists', handler: getBoardLists },
  { method: 'POST', pattern: '/api/v4/groups/:id/boards/:board_id/lists', handler: postBoardList },
];

function getBoards(call: ApiCall): ApiAnswer {
  const group = groupOf(call);
  return paginated(call, group.boards, board => presentBoard(call.instance, group, board));
}

function getBoard(call: ApiCall): ApiAnswer {
  const group = groupOf(call);
  return json(200, presentBoard(call.instance, group, boardOf(call, group)));
}

function postBoard(call: ApiCall): ApiAnswer {
  const { name } = declared({ name: required(text) }, call.params);
  const group = groupOf(call);
  requireRole(call.instance, call.currentUser, group, ACCESS_LEVELS.reporter);
  // Free refuses even the first board here; only GraphQL creates that.
  if (!call.instance.premium) throw forbidden();
  if (name.trim() === '') throw refuse(400, { name: ["can't be blank"] });
  const board = addBoard(call.instance, group, { name, hideBacklogList: false, hideClosedList: false });
  return json(201, presentBoard(call.instance, group, board));
}

function putBoard(call: ApiCall): ApiAnswer {
  const { instance } = call;
  const params = declared(
    {
      name: text,
      hide_backlog_list: boolean,
      hide_closed_list: boolean,
      labels: text,
      milestone_id: integer,
      assignee_id: integer,
      weight: integer,
    },
    call.params,
  );
  const group = groupOf(call);
  requireRole(instance, call.currentUser, group, ACCESS_LEVELS.reporter);
  const board = boardOf(call, group);
  if (params.name?.trim() === '') throw refuse(400, { name: ["can't be blank"] });
  board.name = params.name ?? board.name;
  board.hideBacklogList = params.hide_backlog_list ?? board.hideBacklogList;
  board.hideClosedList = params.hide_closed_list ?? board.hideClosedList;
  if (instance.premium) {
    const { labels, milestone_id: milestoneId, assignee_id: assigneeId, weight } = params;
    if (labels !== undefined) board.labels = labelsByTitles(instance, group, labels);
    if (milestoneId !== undefined) board.milestone = milestoneById(instance, group, milestoneId) ?? null;
    if (assigneeId !== undefined) board.assignee = memberById(instance, group, assigneeId) ?? null;
    if (weight !== undefined) board.weight = weight;
  }
  return json(200, presentBoard(instance, group, board));
}

function getBoardLists(call: ApiCall): ApiAnswer {
  const { lists } = boardOf(call, groupOf(call));
  return paginated(call, lists, list => presentBoardList(call.instance, list));
}

function postBoardList(call: ApiCall): ApiAnswer {
  const { instance } = call;
  // The Community Edition knows label lists only, and does not look at the other two parameters.
  const params = instance.enterprise
    ? declared({ label_id: integer, milestone_id: integer, assignee_id: integer }, call.params)
    : declared({ label_id: required(integer) }, call.params);
  const kind = exactlyOneOf(params, ['label_id', 'milestone_id', 'assignee_id']);
  const group = groupOf(call);
  requireRole(instance, call.currentUser, group, ACCESS_LEVELS.reporter);
  const board = boardOf(call, group);
  const { name, attribute, premium } = LIST_KINDS[kind];
  if (premium && !instance.premium) throw listError(`${name} lists not available with your current license`);
  const target = boardListTarget(instance, group, kind, Number(call.params[kind]));
  if (!target) throw listError(`${name} not found`);
  if (hasListOf(board, target)) throw listError(`${attribute} has already been taken`);
  return json(201, presentBoardList(instance, addBoardList(instance, board, target)));
}

function listError(error: string) {
  return refuse(400, { error });
}

function boardOf(call: ApiCall, group: SampleGroup): SampleBoard {
  const { board_id: id } = declared({ board_id: required(integer) }, call.params);
  const board = group.boards.find(candidate => candidate.id === id);
  if (!board) throw recordNotFound();
  return board;
}
