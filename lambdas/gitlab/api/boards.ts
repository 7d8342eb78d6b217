import * as z from 'zod/mini';
import { LIST } from '../budgets.ts';
import type { GitLabClient } from '../client.ts';
import { status } from '../client-errors.ts';
import { payloadOf } from '../mutations.ts';
import { list } from '../schemas.ts';
import { globalId } from './global-id.ts';

const named = z.object({ id: z.int(), name: z.string() });
const titled = z.object({ id: z.int(), title: z.string() });
/** A milestone that GitLab makes up itself, e.g. `Started`, has a title and no id. */
const scopeMilestone = z.object({ id: z.optional(z.int()), title: z.string() });
const absent = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));

const listSchema = z.object({
  id: z.int(),
  position: absent(z.int()),
  label: absent(named),
  milestone: absent(titled),
  assignee: absent(z.object({ id: z.int(), username: z.string() })),
  iteration: absent(z.object({ id: z.int() })),
});
export type BoardList = z.infer<typeof listSchema>;

const boardSchema = z.object({
  id: z.int(),
  name: z.string(),
  hide_backlog_list: absent(z.boolean()),
  hide_closed_list: absent(z.boolean()),
  // The scope: shown only by a GitLab that has scoped boards, the empty parts as null or [].
  milestone: absent(scopeMilestone),
  labels: absent(list(named, LIST.elements)),
  assignee: absent(z.object({ id: z.int(), username: z.string() })),
  weight: absent(z.int()),
  lists: absent(list(listSchema, LIST.elements)),
});
export type Board = z.infer<typeof boardSchema>;

/** Which milestone a board is restricted to. */
export type ScopeMilestone = z.infer<typeof scopeMilestone>;

/**
 * The ids by which GitLab takes the milestones that it makes up itself. It shows them without one, and they are the
 * same at every GitLab. Its `Any Milestone` (-1) is shown as no scope at all.
 */
const SPECIAL_MILESTONES = new Map([
  ['No Milestone', 0],
  ['Upcoming', -2],
  ['Started', -3],
]);

/** Under which id a board's milestone is set; `undefined` for one that GitLab makes up and that is not known here. */
export function idOfScopeMilestone({ id, title }: ScopeMilestone): number | undefined {
  return id ?? SPECIAL_MILESTONES.get(title);
}

/**
 * Whether the GitLab that shows this board has the boards of Premium and Ultimate: several per group, with a scope,
 * with lists of milestones and assignees. Others, the Community Edition first of all, do not show a scope at all.
 */
export function isPremiumBoard({ labels, milestone, assignee, weight }: Board): boolean {
  return [labels, milestone, assignee, weight].some(part => part !== undefined);
}

/** All boards of a group with their lists. A list whose `label`, `milestone`, … are all empty is the open or closed one. */
export function allBoards(client: GitLabClient, groupId: number): Promise<Board[]> {
  return client.all({
    operation: 'list the boards',
    path: `/groups/${groupId}/boards`,
    schema: list(boardSchema),
  });
}

/** Creates a board. Premium and Ultimate only; elsewhere GitLab answers 403 or 404. */
export function createBoard(client: GitLabClient, groupId: number, name: string): Promise<Board> {
  return client.write({
    operation: 'create the board',
    method: 'POST',
    change: { kind: 'create', target: 'Board', title: name },
    path: `/groups/${groupId}/boards`,
    json: { name },
    schema: boardSchema,
  });
}

/**
 * Creates the first board of a group, which every edition allows, though only by GraphQL.
 *
 * @returns the board's id
 */
export async function createFirstBoard(
  client: GitLabClient,
  groupPath: string,
  name: string,
): Promise<number> {
  const [outcome] = await client.write({
    operation: 'create the first board',
    mutation: 'createBoard',
    inputType: 'CreateBoardInput',
    selection: 'board { id }',
    schema: z.object({ board: z.object({ id: globalId }) }),
    items: [{ input: { groupPath, name }, change: { kind: 'create', target: 'Board', title: name } }],
  });
  return payloadOf(outcome).board.id;
}

/** What can be changed of a board. All but the name and the two fixed columns is Premium, and ignored by a CE build. */
export interface BoardChange {
  name?: string;
  hide_backlog_list?: boolean;
  hide_closed_list?: boolean;
  /** Names, comma-separated, in one text: GitLab refuses a list (`labels is invalid`). */
  labels?: string;
  milestone_id?: number;
  assignee_id?: number;
  weight?: number;
}

/** Changes a board. GitLab refuses a change of nothing. */
export function updateBoard(
  client: GitLabClient,
  groupId: number,
  { id, name }: Pick<Board, 'id' | 'name'>,
  change: BoardChange,
): Promise<Board> {
  return client.write({
    operation: 'change the board',
    method: 'PUT',
    change: {
      kind: 'change',
      target: 'Board',
      title: name,
      id,
      fields: Object.keys(change),
    },
    path: `/groups/${groupId}/boards/${id}`,
    json: { ...change },
    schema: boardSchema,
  });
}

/** What a new list shows; exactly one of them. Milestone and assignee lists are Premium. */
export type BoardListScope = { label_id: number } | { milestone_id: number } | { assignee_id: number };

/** What GitLab's model says of a list that the board has already. */
export const LIST_TAKEN = /\b(Label|Milestone|User) has already been taken$/;

/** Whether the board has the list already, by a request that took effect since it was read. */
export const isListTaken = status([400, 409, 422], LIST_TAKEN);

/** Adds a list at the end of a board. @param title what it shows, for whoever reads what was changed */
export function createBoardList(
  client: GitLabClient,
  groupId: number,
  { id, name }: Pick<Board, 'id' | 'name'>,
  scope: BoardListScope,
  title: string,
): Promise<BoardList> {
  return client.write({
    operation: 'create the board list',
    method: 'POST',
    change: { kind: 'create', target: 'BoardList', title, within: name },
    path: `/groups/${groupId}/boards/${id}/lists`,
    json: { ...scope },
    schema: listSchema,
  });
}
