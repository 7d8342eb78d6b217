import { UnsupportedByDestinationError } from '../domain/errors.ts';
import { listing } from '../domain/failure-message.ts';
import { ONLY_PLANNED } from '../engine/planned.ts';
import { Change, type Decision, type Outlook, type PipelineContext } from '../engine/relation.ts';
import type { Board, BoardList } from '../gitlab/api/boards.ts';
import { allLabels } from '../gitlab/api/labels.ts';
import { allMilestones } from '../gitlab/api/milestones.ts';
import { subjectOf } from './board-contents.ts';
import { once } from './board-look-ups.ts';
import { partsOf } from './board-scope.ts';
import type { Destination, SourceBoard } from './board-types.ts';
import { plannedTitles } from './planned-above.ts';

/** What there would be for the boards of a group that does not exist yet. */
export async function plannedBoards(context: PipelineContext): Promise<Destination> {
  return {
    boards: [],
    isScopeHidden: false,
    labels: once(() =>
      plannedTitles(context, {
        relation: 'labels',
        titlesAt: async (...of) => (await allLabels(...of)).map(({ name }) => name),
      }),
    ),
    milestones: once(() =>
      plannedTitles(context, {
        relation: 'milestones',
        titlesAt: async (...of) => (await allMilestones(...of)).map(({ title }) => title),
      }),
    ),
    assignees: new Map(),
  };
}

/** What would be written of a board: the board itself and its lists, as far as every edition has them. */
export async function outlookOfBoard(
  { board }: SourceBoard,
  decision: Decision,
  _: PipelineContext,
  known: Destination,
): Promise<Outlook> {
  // In words, what an existing one lacks: each is a write of its own.
  if (decision instanceof Change) return { writes: Math.max(1, decision.differs.length) };
  const isFirst = known.boards.length === 0;
  const lists = (board.lists ?? []).filter(list => subjectOf(list) !== undefined);
  const missing: string[] = [];
  for (const list of lists) if (!(await hasCounterpart(list, known))) missing.push(wordsOf(list));
  known.boards.push({ id: ONLY_PLANNED, name: board.name });
  // A document that makes boards does not show whether the GitLab can have another.
  known.isScopeHidden = true;
  return {
    writes: 1 + lists.length - missing.length,
    isUnknown: !isFirst || needsPremium(board),
    ...(missing.length > 0 && { problem: incomplete(missing) }),
  };
}

const needsPremium = (board: Board): boolean =>
  partsOf(board).length > 0 || (board.lists ?? []).some(list => !list.label && subjectOf(list) !== undefined);

/** What needs Premium is left to the attempt, which says more of it. */
async function hasCounterpart({ label }: BoardList, known: Destination): Promise<boolean> {
  return !label || (await known.labels()).has(label.name);
}

const wordsOf = (list: BoardList): string => `the list of ${subjectOf(list)} has no counterpart there`;

function incomplete(problems: string[]): UnsupportedByDestinationError {
  return new UnsupportedByDestinationError(
    listing('The board would be made, but not all of it:', problems, 'Add what is missing by hand.'),
  );
}
