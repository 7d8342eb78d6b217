import { mayLackLicense, NEEDS_PREMIUM } from '../engine/edition.ts';
import type { PipelineContext } from '../engine/relation.ts';
import {
  type Board,
  type BoardList,
  type BoardListScope,
  createBoardList,
  isListTaken,
  isPremiumBoard,
} from '../gitlab/api/boards.ts';
import { getPublicEmail } from '../gitlab/api/users.ts';
import { isRefusal } from '../gitlab/client-errors.ts';
import type { Destination } from './board-types.ts';
import { findIfThere, findMapped, soughtFor } from './mapped-people.ts';

/** What a list shows, in words that mean the same at both instances; `undefined` for the open and closed columns. */
export function subjectOf(list: BoardList): string | undefined {
  if (list.label) return `label '${list.label.name}'`;
  if (list.milestone) return `milestone '${list.milestone.title}'`;
  if (list.assignee) return `assignee '${list.assignee.username}'`;
  if (list.iteration) return 'an iteration';
  return undefined;
}

/** A list that a board lacks: one to be added, or in words why it never can be. */
export type MissingList = { subject: string; scope: BoardListScope } | { never: string };

/** The lists that the board does not have yet, in the order of the source. */
export async function missingLists(
  source: Board,
  board: Board,
  context: PipelineContext,
  known: Destination,
): Promise<MissingList[]> {
  const missing: MissingList[] = [];
  const existing = board.lists ?? [];
  for (const list of inOrder(source.lists)) {
    const subject = subjectOf(list);
    if (subject === undefined) continue;
    if (!list.label && !isPremiumBoard(board)) {
      missing.push({ never: `the list of ${subject} ${NEEDS_PREMIUM}` });
      continue;
    }
    const scope = await scopeOfList(list, context, known);
    if (scope === undefined) {
      missing.push({ never: `the list of ${subject} ${noCounterpart(relationOf(list), context)}` });
    } else if (!existing.some(candidate => shows(candidate, scope))) {
      missing.push({ subject, scope });
    }
  }
  return missing;
}

/** Adds the lists that a board lacks. @returns what could not be added, in plain words */
export async function addLists(
  board: Board,
  lists: MissingList[],
  context: PipelineContext,
): Promise<string[]> {
  const problems: string[] = [];
  for (const list of lists) {
    if ('never' in list) {
      problems.push(list.never);
      continue;
    }
    const { subject, scope } = list;
    const problem = await attempt(`the list of ${subject}`, !('label_id' in scope), async () => {
      const made = await createBoardList(
        context.destination,
        context.target().id,
        board,
        scope,
        subject,
      ).catch(unlessTaken);
      return made === undefined || shows(made, scope) ? undefined : shownOtherwise(subject);
    });
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}

/** A request of a run that has died can take effect after the board was read: then the list is there. */
function unlessTaken(error: unknown): undefined {
  if (!isListTaken(error)) throw error;
}

/** Lists in the order in which a board shows them. */
export function inOrder(lists: Board['lists']): BoardList[] {
  return [...(lists ?? [])].sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
}

/** What is said of a list that shows something else than it was asked to. */
export const shownOtherwise = (subject: string) => `the list of ${subject} was made and shows something else`;

async function scopeOfList(
  { label, milestone, assignee }: BoardList,
  context: PipelineContext,
  known: Destination,
): Promise<BoardListScope | undefined> {
  if (label) return withId('label_id', (await known.labels()).get(label.name));
  if (milestone) return withId('milestone_id', (await known.milestones()).get(milestone.title));
  if (assignee) return withId('assignee_id', await userAtDestination(assignee.id, context, known));
  return undefined;
}

/** What a list needs to have a counterpart. */
const relationOf = ({ label, milestone }: BoardList) =>
  label ? 'labels' : milestone ? 'milestones' : undefined;

/** What is said of something that the destination does not have: also, that the import was asked to leave it out. */
export function noCounterpart(
  relation: 'labels' | 'milestones' | undefined,
  { entity }: Pick<PipelineContext, 'entity'>,
): string {
  const isExcluded = relation !== undefined && entity.relations[relation] === false;
  const why = isExcluded ? `, as this import excludes ${relation}` : '';
  return `has no counterpart at the destination${why}`;
}

const withId = (name: 'label_id' | 'milestone_id' | 'assignee_id', id: number | undefined) =>
  id === undefined ? undefined : ({ [name]: id } as unknown as BoardListScope);

/** Whether a list shows this. */
export function shows(list: BoardList, scope: BoardListScope): boolean {
  if ('label_id' in scope) return list.label?.id === scope.label_id;
  if ('milestone_id' in scope) return list.milestone?.id === scope.milestone_id;
  return list.assignee?.id === scope.assignee_id;
}

/** Users are mapped as members are. `undefined` for one who is not at the destination, as far as that can be told. */
export async function userAtDestination(
  sourceUserId: number,
  context: PipelineContext,
  { assignees }: Destination,
): Promise<number | undefined> {
  let userId = assignees.get(sourceUserId);
  if (userId === undefined) {
    userId = await counterpartOf(sourceUserId, context);
    assignees.set(sourceUserId, userId);
  }
  return userId ?? undefined;
}

async function counterpartOf(sourceUserId: number, context: PipelineContext): Promise<number | null> {
  const target = (await findMapped(context, [sourceUserId])).get(sourceUserId);
  const email = target === undefined ? await getPublicEmail(context.source, sourceUserId) : null;
  const sought = soughtFor(target, email);
  return sought === undefined ? null : findIfThere(context, sought);
}

/**
 * Runs a write; returns in plain words why it was refused, which for what is Premium is mostly the licence. Trouble
 * that passes, and a lost token, are thrown.
 */
export async function attempt(
  what: string,
  isPremium: boolean,
  write: () => Promise<unknown>,
): Promise<string | undefined> {
  try {
    const result = await write();
    return typeof result === 'string' ? result : undefined;
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const { status = 0, reason, message } = error;
    return isPremium && mayLackLicense(error)
      ? `${what} ${NEEDS_PREMIUM} (${status} ${reason})`
      : `${what} is missing (${message.replace(/\.$/, '')})`;
  }
}
