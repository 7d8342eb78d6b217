import {
  type Board,
  type BoardList,
  type BoardListScope,
  createBoardList,
  updateBoard,
} from '../gitlab/api/boards.ts';
import { findUserByEmail, getPublicEmail } from '../gitlab/api/users.ts';
import { isGroupGone } from '../gitlab/client-errors.ts';
import { NetworkError, TemporaryError, TokenRejectedError } from '../shared/errors.ts';
import type { Destination } from './boards.ts';
import type { PipelineContext } from './pipeline.ts';

/** What a list shows, in words that mean the same at both instances; `undefined` for the open and closed columns. */
function subjectOf(list: BoardList): string | undefined {
  if (list.label) return `label '${list.label.name}'`;
  if (list.milestone) return `milestone '${list.milestone.title}'`;
  if (list.assignee) return `assignee '${list.assignee.username}'`;
  if (list.iteration) return 'an iteration';
  return undefined;
}

/**
 * Adds the lists that the board does not have yet, in the order of the source.
 *
 * @returns what could not be added, in plain words
 */
export async function loadLists(
  source: Board,
  board: Board,
  context: PipelineContext,
  known: Destination,
): Promise<string[]> {
  const problems: string[] = [];
  const lists = [...(source.lists ?? [])].sort((a, b) => (a.position ?? 0) - (b.position ?? 0));
  const existing = board.lists ?? [];
  for (const list of lists) {
    const subject = subjectOf(list);
    if (subject === undefined) continue;
    const scope = await scopeOfList(list, context, known);
    if (scope === undefined) {
      problems.push(`the list of ${subject} has no counterpart at the destination`);
    } else if (!existing.some(candidate => shows(candidate, scope))) {
      const problem = await attempt(`the list of ${subject}`, !('label_id' in scope), () =>
        createBoardList(context.destination, context.groupId(), board.id, scope),
      );
      if (problem !== undefined) problems.push(problem);
    }
  }
  return problems;
}

async function scopeOfList(
  { label, milestone, assignee }: BoardList,
  context: PipelineContext,
  known: Destination,
): Promise<BoardListScope | undefined> {
  if (label) return withId('label_id', known.labels.get(label.name));
  if (milestone) return withId('milestone_id', known.milestones.get(milestone.title));
  if (assignee) return withId('assignee_id', await userAtDestination(assignee.id, context));
  return undefined;
}

const withId = (name: 'label_id' | 'milestone_id' | 'assignee_id', id: number | undefined) =>
  id === undefined ? undefined : ({ [name]: id } as unknown as BoardListScope);

function shows(list: BoardList, scope: BoardListScope): boolean {
  if ('label_id' in scope) return list.label?.id === scope.label_id;
  if ('milestone_id' in scope) return list.milestone?.id === scope.milestone_id;
  return list.assignee?.id === scope.assignee_id;
}

/** Users are mapped as members are: by public e-mail address. */
async function userAtDestination(
  sourceUserId: number,
  context: PipelineContext,
): Promise<number | undefined> {
  const email = await getPublicEmail(context.source, sourceUserId);
  return email === null ? undefined : (await findUserByEmail(context.destination, email))?.id;
}

/**
 * Restricts the board to the milestone, labels, assignee and weight that the source's board is restricted to; a
 * Premium feature.
 *
 * @returns what could not be set, in plain words
 */
export async function loadScope(
  source: Board,
  board: Board,
  context: PipelineContext,
  known: Destination,
): Promise<string[]> {
  const problems: string[] = [];
  const change: Record<string, string | number> = {};
  const set = (name: string, what: string, id: number | undefined) => {
    if (id === undefined) problems.push(`its ${what} has no counterpart at the destination`);
    else change[name] = id;
  };
  if (source.milestone && source.milestone.title !== board.milestone?.title) {
    set(
      'milestone_id',
      `milestone '${source.milestone.title}'`,
      known.milestones.get(source.milestone.title),
    );
  }
  if (source.assignee && !board.assignee) {
    set(
      'assignee_id',
      `assignee '${source.assignee.username}'`,
      await userAtDestination(source.assignee.id, context),
    );
  }
  const wantedLabels = (source.labels ?? []).map(({ name }) => name);
  for (const name of wantedLabels.filter(label => !known.labels.has(label))) {
    problems.push(`its label '${name}' has no counterpart at the destination`);
  }
  const titles = (names: string[]) => names.sort().join(',');
  const labels = titles(wantedLabels.filter(label => known.labels.has(label)));
  const labelsOf = ({ labels: existing }: Board) => titles((existing ?? []).map(({ name }) => name));
  if (labels !== '' && labels !== labelsOf(board)) change.labels = labels;
  if (typeof source.weight === 'number' && source.weight !== board.weight) change.weight = source.weight;
  if (Object.keys(change).length === 0) return problems;

  const wanted = Object.keys(change)
    .map(name => name.replace(/_id$/, ''))
    .join(', ');
  const problem = await attempt(`its scope (${wanted})`, true, async () => {
    const changed = await updateBoard(context.destination, context.groupId(), board.id, change);
    // Editions without board scopes answer 200 and ignore it.
    const applied =
      (!change.milestone_id || changed.milestone?.id === change.milestone_id) &&
      (!change.assignee_id || changed.assignee?.id === change.assignee_id) &&
      (!change.labels || labelsOf(changed) === change.labels) &&
      (change.weight === undefined || changed.weight === change.weight);
    return applied ? undefined : `its scope (${wanted}) needs GitLab Premium or Ultimate`;
  });
  return problem === undefined ? problems : [...problems, problem];
}

/**
 * Runs a write; returns in plain words why it was refused, which for what is Premium is mostly the licence. Trouble
 * that passes, and a lost token, are thrown.
 */
async function attempt(
  what: string,
  isPremium: boolean,
  write: () => Promise<unknown>,
): Promise<string | undefined> {
  try {
    const result = await write();
    return typeof result === 'string' ? result : undefined;
  } catch (error) {
    const passes = error instanceof TemporaryError || error instanceof TokenRejectedError;
    if (!(error instanceof NetworkError) || passes) throw error;
    const { status = 0, reason, message } = error;
    const isUnlicensed =
      ([403, 404].includes(status) && !isGroupGone(error)) || /licen|premium|not available/i.test(reason);
    return isPremium && isUnlicensed
      ? `${what} needs GitLab Premium or Ultimate (${status} ${reason})`
      : `${what} is missing (${message.replace(/\.$/, '')})`;
  }
}
