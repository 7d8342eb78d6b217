import type { PipelineContext } from '../engine/relation.ts';
import { isTrouble } from '../engine/write-records.ts';
import type { Board } from '../gitlab/api/boards.ts';
import { createBoardLists, createBoards } from '../gitlab/api/create-boards.ts';
import { inOrder, shownOtherwise, shows, subjectOf } from './board-contents.ts';
import { columnsOf, partsOf } from './board-scope.ts';
import type { Destination, SourceBoard } from './board-types.ts';

/**
 * Whether a board has only what every edition has: no scope, and lists of labels. A document that creates it then shows
 * all of it without a question that the Community Edition refuses.
 */
export function isPlain({ board }: SourceBoard): boolean {
  const lists = board.lists ?? [];
  return partsOf(board).length === 0 && lists.every(list => list.label || subjectOf(list) === undefined);
}

/**
 * Creates plain boards, columns included, by one document.
 *
 * @returns them as far as they were made, in order: `unknown` may be there, and `refused` is not
 */
export async function createPlainBoards(
  wanted: SourceBoard[],
  { destination, entity }: PipelineContext,
  known: Destination,
): Promise<(Board | 'unknown' | 'refused')[]> {
  const wholes = wanted.map(({ board }) => ({ name: board.name, ...columnsOf(board) }));
  const created = await createBoards(destination, entity.destinationFullPath ?? '', wholes);
  return created.map(one => {
    if (one.kind === 'unknown') {
      if (isTrouble(one.error)) throw one.error;
      return 'unknown';
    }
    if (one.kind !== 'created') return 'refused';
    known.boards.push(one.record);
    known.isScopeHidden = true;
    return one.record;
  });
}

/** A board that was just made, and what it is made from. */
export interface Made {
  source: Board;
  board: Board;
  /** What of it is not as asked for, in plain words. */
  problems: string[];
}

/**
 * Adds the lists of labels to boards that were just made, by one document for all of them, and notes at the boards what
 * they have now. What was refused is left out: a single write says why.
 *
 * @returns whether there may be lists that are not noted
 */
export async function addLabelLists(
  made: Made[],
  { destination }: PipelineContext,
  known: Destination,
): Promise<boolean> {
  const wanted: (Made & { scope: { label_id: number }; title: string })[] = [];
  for (const one of made) {
    for (const { label } of inOrder(one.source.lists)) {
      const label_id = label ? (await known.labels()).get(label.name) : undefined;
      if (label && label_id !== undefined) wanted.push({ ...one, scope: { label_id }, title: label.name });
    }
  }
  if (wanted.length === 0) return false;
  const created = await createBoardLists(
    destination,
    wanted.map(({ board, scope, title }) => ({ board, scope, title })),
  );
  for (const [index, { board, scope, title, problems }] of wanted.entries()) {
    const one = created[index];
    if (one?.kind === 'unknown' && isTrouble(one.error)) throw one.error;
    if (one?.kind !== 'created' && one?.kind !== 'taken') continue;
    if (one.kind === 'created' && !shows(one.record, scope))
      problems.push(shownOtherwise(`label '${title}'`));
    // Also where it shows something else: it is not made again.
    board.lists = [...(board.lists ?? []), { id: 0, label: { id: scope.label_id, name: title } }];
  }
  return created.some(({ kind }) => kind === 'unknown');
}
