import { NEEDS_PREMIUM } from '../engine/edition.ts';
import { isVerification } from '../engine/planned.ts';
import type { PipelineContext } from '../engine/relation.ts';
import { differences } from '../engine/shown.ts';
import {
  type Board,
  idOfScopeMilestone,
  isPremiumBoard,
  type ScopeMilestone,
  updateBoard,
} from '../gitlab/api/boards.ts';
import { attempt, noCounterpart, userAtDestination } from './board-contents.ts';
import type { Destination } from './board-types.ts';

type Scope = Record<string, string | number>;

/** What of a board's scope is still to be set, by the names that `PUT` has for it, and in words what never can be. */
export interface MissingScope {
  change: Scope;
  never: string[];
}

/**
 * What the board lacks of the milestone, labels, assignee and weight that the source's board is restricted to; a Premium
 * feature. A GitLab without it ignores these parameters and is not asked.
 */
export async function missingScope(
  source: Board,
  board: Board,
  context: PipelineContext,
  known: Destination,
): Promise<MissingScope> {
  if (isPremiumBoard(board)) return changeOf(source, board, context, known);
  const parts = partsOf(source);
  return {
    change: {},
    never: parts.length === 0 ? [] : [`its scope (${parts.join(', ')}) ${NEEDS_PREMIUM}`],
  };
}

/** What of a scope is to be set, in words. */
export const wordsOf = (change: Scope): string =>
  `its scope (${Object.keys(change)
    .map(name => name.replace(/_id$/, ''))
    .join(', ')})`;

/** Sets what is missing of a scope. @returns what could not be set, in plain words */
export async function setScope(
  board: Board,
  { change, never }: MissingScope,
  context: PipelineContext,
): Promise<string[]> {
  if (Object.keys(change).length === 0) return never;
  const problem = await attempt(wordsOf(change), true, async () => {
    const changed = await updateBoard(context.destination, context.target().id, board, change);
    const wrong = [...differences(change, scopeOf(changed)).values()];
    return wrong.length === 0 ? undefined : `its scope: ${wrong.join(', ')}`;
  });
  return problem === undefined ? never : [...never, problem];
}

/** Which of the two fixed columns are hidden. */
export const columnsOf = (source: Board) => ({
  hide_backlog_list: source.hide_backlog_list ?? false,
  hide_closed_list: source.hide_closed_list ?? false,
});

/** Which parts a board's scope has. */
export function partsOf({ milestone, assignee, labels, weight }: Board): string[] {
  return [
    ...(milestone ? ['milestone'] : []),
    ...(assignee ? ['assignee'] : []),
    ...(labels?.length ? ['labels'] : []),
    ...(typeof weight === 'number' ? ['weight'] : []),
  ];
}

/** What of a board's scope the source's board does not have, in words: nothing takes it away, and a verification tells it. */
export function scopeBeyond(source: Board, board: Board): string[] {
  const wanted = partsOf(source);
  const more = partsOf(board).filter(part => !wanted.includes(part));
  return more.length === 0 ? [] : [`its scope (${more.join(', ')}), which it does not have at the source`];
}

/** A board's scope by the names that `PUT` has for it. */
const scopeOf = ({ milestone, assignee, labels, weight }: Board) => ({
  milestone_id: milestone ? idOfScopeMilestone(milestone) : undefined,
  assignee_id: assignee?.id,
  labels: joined((labels ?? []).map(({ name }) => name)),
  weight,
});

/** GitLab takes the labels of a scope as one text. */
const joined = (names: string[]): string => names.sort().join(',');

/** Whether it is one that GitLab makes up itself, such as `Started`. A group may have a milestone of that title, too. */
const isSpecial = ({ id }: ScopeMilestone): boolean => id === undefined;

function isSame(source: ScopeMilestone, destination: ScopeMilestone | null | undefined): boolean {
  return source.title === destination?.title && isSpecial(source) === isSpecial(destination);
}

/** What has to be set at a board, and what cannot be. */
async function changeOf(
  source: Board,
  board: Board,
  context: PipelineContext,
  known: Destination,
): Promise<MissingScope> {
  const change: Scope = {};
  const never: string[] = [];
  const set = (name: string, what: string, id: number | undefined, relation?: 'milestones') => {
    if (id === undefined) never.push(`its ${what} ${noCounterpart(relation, context)}`);
    else change[name] = id;
  };
  const { milestone, assignee, weight } = source;
  if (milestone && !isSame(milestone, board.milestone)) {
    const id = isSpecial(milestone)
      ? idOfScopeMilestone(milestone)
      : (await known.milestones()).get(milestone.title);
    set('milestone_id', `milestone '${milestone.title}'`, id, 'milestones');
  }
  // Somebody else than was asked for is left to people; a verification says so.
  if (assignee && (!board.assignee || isVerification(context))) {
    const userId = await userAtDestination(assignee.id, context, known);
    if (userId === undefined || userId !== board.assignee?.id) {
      set('assignee_id', `assignee '${assignee.username}'`, userId);
    }
  }
  const settable: string[] = [];
  for (const { name } of source.labels ?? []) {
    if (!(await known.labels()).has(name))
      never.push(`its label '${name}' ${noCounterpart('labels', context)}`);
    else if (name.includes(',')) never.push(`its label '${name}' has a comma, with which the API takes none`);
    else settable.push(name);
  }
  const labels = joined(settable);
  if (labels !== '' && labels !== scopeOf(board).labels) change.labels = labels;
  if (typeof weight === 'number' && weight !== board.weight) change.weight = weight;
  return { change, never };
}
