import * as z from 'zod/mini';
import type { GitLabClient } from '../client.ts';
import { type Board, type BoardList, type BoardListScope, LIST_TAKEN } from './boards.ts';
import { type Created, createRecords } from './created-records.ts';
import {
  BOARD_FIELDS,
  boardListSchema,
  boardSchema,
  ENTERPRISE_LIST_FIELDS,
  LIST_FIELDS,
  SCOPE_FIELDS,
} from './graphql-boards.ts';

/** A board that is still to be made. */
export interface NewBoard {
  name: string;
  hide_backlog_list?: boolean;
  hide_closed_list?: boolean;
  /**
   * To what it is restricted, by ids of the GitLab. The Community Edition refuses a document in which any board has
   * one; the others leave it out where the licence has no scopes, so look at what the created board shows.
   */
  scope?: { label_ids?: readonly number[]; milestone_id?: number; assignee_id?: number; weight?: number };
}

/** Points by GitLab's count: 6 for a board, and 16 more for its scope. It takes 250 of them. */
export const BOARDS_PER_DOCUMENT = 30;
const SCOPED_BOARDS_PER_DOCUMENT = 10;

/**
 * Creates boards in a group, in their order, mostly in one request; their lists are made by `createBoardLists`. Names
 * need not be unique, so what may have been made is looked for by name and number.
 *
 * Without Premium a group can have one board; the others are refused (`isSecondBoardRefused`).
 *
 * @returns boards as REST shows them, without lists, and with a scope only where one was asked for
 */
export function createBoards(
  client: GitLabClient,
  groupFullPath: string,
  boards: readonly NewBoard[],
): Promise<Created<Board>[]> {
  const isScoped = boards.some(({ scope }) => scope !== undefined);
  const document = {
    operation: 'create the boards',
    mutation: 'createBoard',
    inputType: 'CreateBoardInput',
    selection: `board { ${BOARD_FIELDS} ${isScoped ? SCOPE_FIELDS : ''} }`,
    schema: z.object({ board: boardSchema }),
    items: boards.map(board => ({
      input: { groupPath: groupFullPath, ...inputOf(board) },
      change: { kind: 'create', target: 'Board', title: board.name } as const,
    })),
  };
  return createRecords(client, document, isScoped ? SCOPED_BOARDS_PER_DOCUMENT : BOARDS_PER_DOCUMENT, {
    recordOf: ({ board }) => ({ ...board, lists: [] }),
    taken: NEVER,
    attributes: { Name: 'name' },
  });
}

/** Names of boards are never taken. */
const NEVER = /^(?!)/;

function inputOf({
  name,
  hide_backlog_list,
  hide_closed_list,
  scope = {},
}: NewBoard): Record<string, unknown> {
  const { label_ids, milestone_id, assignee_id, weight } = scope;
  return {
    name,
    ...(hide_backlog_list !== undefined && { hideBacklogList: hide_backlog_list }),
    ...(hide_closed_list !== undefined && { hideClosedList: hide_closed_list }),
    // By id: of titles that it does not know GitLab would make labels.
    ...(label_ids?.length && { labelIds: label_ids.map(id => `gid://gitlab/GroupLabel/${id}`) }),
    ...(milestone_id !== undefined && { milestoneId: `gid://gitlab/Milestone/${milestone_id}` }),
    ...(assignee_id !== undefined && { assigneeId: `gid://gitlab/User/${assignee_id}` }),
    ...(weight !== undefined && { weight }),
  };
}

/** Whether a board was refused because the group has one and the licence allows no other. */
export function isSecondBoardRefused(created: Created<unknown>): boolean {
  return created.kind === 'refused' && /permission to create a board/i.test(created.error.reason);
}

/** A list that is still to be made. */
export interface NewBoardList {
  board: Pick<Board, 'id' | 'name'>;
  scope: BoardListScope;
  /** What it shows, for whoever reads what was changed. */
  title: string;
}

/** Points by GitLab's count: 7 for a list of a label, 13 where a milestone and a user are asked for, too. */
const LISTS_PER_DOCUMENT = 30;
const ENTERPRISE_LISTS_PER_DOCUMENT = 17;

/**
 * Adds lists at the ends of boards, in their order, mostly in one request. What a board has a list of already is
 * `taken`. Lists of milestones and users are Premium: the Community Edition refuses a document that has any.
 */
export function createBoardLists(
  client: GitLabClient,
  lists: readonly NewBoardList[],
): Promise<Created<BoardList>[]> {
  const areOfLabels = lists.every(({ scope }) => 'label_id' in scope);
  const document = {
    operation: 'create the board lists',
    mutation: 'boardListCreate',
    inputType: 'BoardListCreateInput',
    selection: `list { ${LIST_FIELDS} ${areOfLabels ? '' : ENTERPRISE_LIST_FIELDS} }`,
    schema: z.object({ list: boardListSchema }),
    items: lists.map(({ board, scope, title }) => ({
      input: { boardId: `gid://gitlab/Board/${board.id}`, ...targetOf(scope) },
      change: { kind: 'create', target: 'BoardList', title, within: board.name } as const,
    })),
  };
  return createRecords(client, document, areOfLabels ? LISTS_PER_DOCUMENT : ENTERPRISE_LISTS_PER_DOCUMENT, {
    recordOf: ({ list }) => list,
    taken: LIST_TAKEN,
    attributes: {
      Label: 'label_id',
      Milestone: 'milestone_id',
      Assignee: 'assignee_id',
      User: 'assignee_id',
    },
  });
}

/** What a list shows. GitLab counts what is sent, also if it is null, and takes one. */
function targetOf(scope: BoardListScope): Record<string, string> {
  if ('label_id' in scope) return { labelId: `gid://gitlab/GroupLabel/${scope.label_id}` };
  if ('milestone_id' in scope) return { milestoneId: `gid://gitlab/Milestone/${scope.milestone_id}` };
  return { assigneeId: `gid://gitlab/User/${scope.assignee_id}` };
}
