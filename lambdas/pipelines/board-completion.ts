import { UnsupportedByDestinationError } from '../domain/errors.ts';
import { listing } from '../domain/failure-message.ts';
import { isVerification } from '../engine/planned.ts';
import { Change, type PipelineContext } from '../engine/relation.ts';
import { differences } from '../engine/shown.ts';
import { type Board, updateBoard } from '../gitlab/api/boards.ts';
import { addLists, type MissingList, missingLists } from './board-contents.ts';
import { columnsOf, type MissingScope, missingScope, scopeBeyond, setScope, wordsOf } from './board-scope.ts';
import type { Destination } from './board-types.ts';

/** What a board at the destination lacks of what the source's has. */
interface Missing {
  /** In words, which of the two fixed columns are not as they should be. Every edition has these. */
  columns: string[];
  scope: MissingScope;
  lists: MissingList[];
}

/** What a board lacks. Asks for labels, milestones and people by which that is told, and changes nothing. */
async function missingOf(
  source: Board,
  board: Board,
  context: PipelineContext,
  known: Destination,
): Promise<Missing> {
  return {
    columns: [...differences(columnsOf(source), board).values()],
    scope: await missingScope(source, board, context, known),
    lists: await missingLists(source, board, context, known),
  };
}

/**
 * What is to be done about a board that is there.
 *
 * @throws UnsupportedByDestinationError when nothing is but what the destination cannot have, and why
 */
export async function decideAbout(
  source: Board,
  board: Board,
  context: PipelineContext,
  known: Destination,
): Promise<'keep' | Change> {
  const { columns, scope, lists } = await missingOf(source, board, context, known);
  const toWrite = [
    ...columns,
    ...(Object.keys(scope.change).length > 0 ? [wordsOf(scope.change)] : []),
    ...lists.flatMap(list => ('never' in list ? [] : [`the list of ${list.subject}`])),
    ...(isVerification(context) ? scopeBeyond(source, board) : []),
  ];
  const never = [...scope.never, ...lists.flatMap(list => ('never' in list ? [list.never] : []))];
  if (toWrite.length > 0) return new Change([...toWrite, ...never]);
  requireWhole(never);
  return 'keep';
}

/**
 * Adds to a board what it lacks.
 *
 * @param before what is known already not to be as asked for, in plain words
 * @throws UnsupportedByDestinationError which says what could not be added
 */
export async function complete(
  source: Board,
  board: Board,
  context: PipelineContext,
  known: Destination,
  before: string[] = [],
): Promise<void> {
  const { columns, scope, lists } = await missingOf(source, board, context, known);
  requireWhole([
    ...differences({ name: source.name }, board).values(),
    ...(columns.length === 0 ? [] : await setColumns(source, board, context)),
    ...(await setScope(board, scope, context)),
    ...before,
    ...(await addLists(board, lists, context)),
  ]);
}

function requireWhole(problems: string[]): void {
  if (problems.length === 0) return;
  throw new UnsupportedByDestinationError(
    listing('The board was made, but not all of it:', problems, 'Add what is missing by hand.'),
  );
}

/** Sets which of the two fixed columns are hidden. @returns what is not as it should be, in plain words */
async function setColumns(source: Board, board: Board, context: PipelineContext): Promise<string[]> {
  const wanted = columnsOf(source);
  const changed = await updateBoard(context.destination, context.target().id, board, wanted);
  return [...differences(wanted, changed).values()];
}
