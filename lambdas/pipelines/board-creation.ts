import { UnsupportedByDestinationError } from '../domain/errors.ts';
import { mayLackLicense, NEEDS_PREMIUM } from '../engine/edition.ts';
import type { OneOfMany, PipelineContext } from '../engine/relation.ts';
import { withLagOf } from '../engine/replica-lag.ts';
import { sendableOf } from '../engine/sent-records.ts';
import { isTrouble } from '../engine/write-records.ts';
import {
  type Board,
  createBoard,
  createFirstBoard,
  isPremiumBoard,
  updateBoard,
} from '../gitlab/api/boards.ts';
import { complete } from './board-completion.ts';
import { addLabelLists, createPlainBoards, isPlain } from './board-documents.ts';
import { find, keyOf, listBoards, showScopes } from './board-look-ups.ts';
import { columnsOf } from './board-scope.ts';
import type { Destination, SourceBoard } from './board-types.ts';

/** Creates boards by one document, and their lists by another; boards that only Premium has are left to be made alone. */
export async function createTogether(
  wanted: SourceBoard[],
  context: PipelineContext,
  known: Destination,
): Promise<OneOfMany[]> {
  const { sendable, mustWait } = sendableOf(wanted.map(keyOf), context.sent);
  if (mustWait !== undefined) {
    const first = sendable === 0 ? [] : await createTogether(wanted.slice(0, sendable), context, known);
    return [...first, mustWait];
  }
  try {
    const there = await findInDoubt(wanted, context, known);
    const missing = wanted.filter((_, index) => there[index] === undefined);
    const created = missing.every(isPlain) ? await createNoted(missing, context, known) : [];
    const fates = there.map(board => board ?? created.shift());
    return await completeAll(wanted, fates, context, known);
  } catch (error) {
    // Never a refusal, after which they would be made once more.
    if (isTrouble(error)) throw error;
    return wanted.map(() => ({ error }));
  }
}

/** Notes plain boards with one write, and creates them by one document. */
async function createNoted(
  wanted: SourceBoard[],
  context: PipelineContext,
  known: Destination,
): Promise<Fate[]> {
  const keys = wanted.map(keyOf);
  const create = () => createPlainBoards(wanted, context, known);
  if (context.sent === undefined || keys.length === 0) return create();
  await context.sent.note(keys);
  return context.sent.sendTogether(keys, create, fate => fate === 'refused');
}

/**
 * Looks once more for boards that were sent and perhaps not answered, by this run or one before it, when no request for
 * them can take effect any more. GitLab takes a board of the same name, and one that is there in the end may have been
 * given lists and issues, so none is sent again any earlier and none removed.
 *
 * @returns those that are there after all, in order
 * @throws TemporaryError as long as one of them may still be made
 */
async function findInDoubt(
  wanted: SourceBoard[],
  context: PipelineContext,
  known: Destination,
): Promise<(Board | undefined)[]> {
  const keys = wanted.map(keyOf);
  if (!context.sent?.areInDoubt(keys)) return wanted.map(() => undefined);
  await showScopes(context, known);
  for (const key of keys) context.sent.settle(key);
  return wanted.map(one => find(one, known.boards));
}

type Fate = Awaited<ReturnType<typeof createPlainBoards>>[number];

async function completeAll(
  wanted: SourceBoard[],
  created: readonly (Fate | undefined)[],
  context: PipelineContext,
  known: Destination,
): Promise<OneOfMany[]> {
  if (created.includes('unknown')) await showScopes(context, known);
  const boards = wanted.map((one, index) => {
    const board = created[index] === 'unknown' ? find(one, known.boards) : created[index];
    return typeof board === 'object' ? { source: one.board, board, problems: [] } : undefined;
  });
  const made = boards.filter(board => board !== undefined);
  // What is refused here meets each board that needs it below.
  const isUnsure = await addLabelLists(made, context, known).catch(error => {
    if (isTrouble(error)) throw error;
    return false;
  });
  if (isUnsure) {
    await showScopes(context, known);
    for (const one of made) one.board = known.boards.find(({ id }) => id === one.board.id) ?? one.board;
  }
  const fates: OneOfMany[] = [];
  let isStopped = false;
  for (const [index, one] of wanted.entries()) {
    const board = boards[index];
    if (isStopped || board === undefined) fates.push(isStopped ? 'unsent' : 'alone');
    else {
      const error = await complete(one.board, board.board, asNew(context), known, board.problems).catch(
        failure => failure,
      );
      settle(one, error, context);
      fates.push(error === undefined ? 'imported' : { error });
      isStopped = isTrouble(error);
    }
  }
  // By the scopes that they show is known whether there may be others.
  if (known.isScopeHidden && fates.includes('alone')) await showScopes(context, known);
  return fates;
}

/** Creates a board alone, with all that it has. @throws UnsupportedByDestinationError which says what it cannot have */
export async function createAlone(
  wanted: SourceBoard,
  context: PipelineContext,
  known: Destination,
): Promise<void> {
  try {
    await complete(wanted.board, await create(wanted, context, known), asNew(context), known);
  } catch (error) {
    settle(wanted, error, context);
    throw error;
  }
  settle(wanted, undefined, context);
}

/** A board that was just made may not be to be seen yet when something is added to it. */
const asNew = (context: PipelineContext) => withLagOf(context, 'add to the board');

/**
 * Notes that a board is no longer in doubt, unless it has met trouble after it was made: whoever comes back to it may be
 * shown the boards as they were before, and would make another.
 */
function settle(wanted: SourceBoard, error: unknown, { sent }: PipelineContext): void {
  if (!isTrouble(error)) sent?.settle(keyOf(wanted));
}

async function create(wanted: SourceBoard, context: PipelineContext, known: Destination): Promise<Board> {
  const { destination, entity } = context;
  const { name } = wanted.board;
  const [found] = await findInDoubt([wanted], context, known);
  if (found !== undefined) return found;
  const [first] = known.boards;
  if (first === undefined) {
    const id = await sendOne(wanted, context, () =>
      createFirstBoard(destination, entity.destinationFullPath ?? '', name),
    );
    known.boards = await listBoards(context);
    const shown = known.boards.find(board => board.id === id);
    if (shown !== undefined) return shown;
    // A list that comes from a lagging replica: whoever waited for it and began anew would make another board.
    const made = asNew(context).destination;
    const board = await updateBoard(made, context.target().id, { id, name }, columnsOf(wanted.board));
    known.boards.push(board);
    return board;
  }
  if (!canHaveAnother(known)) throw withoutLicense(known);
  try {
    const board = await sendOne(wanted, context, () => createBoard(destination, context.target().id, name));
    known.boards.push(board);
    return board;
  } catch (error) {
    if (mayLackLicense(error)) throw withoutLicense(known, error.reason || String(error.status));
    throw error;
  }
}

/** Notes a board, and sends it. Each by itself: with its lists it may take longer than a note is good for. */
async function sendOne<T>(
  wanted: SourceBoard,
  { sent }: PipelineContext,
  request: () => Promise<T>,
): Promise<T> {
  const key = keyOf(wanted);
  if (sent === undefined) return request();
  await sent.note([key]);
  return sent.send(key, request, false);
}

/** Whether the group can have one more board, as far as those show it that it has. Without Premium it has one at most. */
export function canHaveAnother({ boards: [first], isScopeHidden }: Destination): boolean {
  return first === undefined || isScopeHidden || isPremiumBoard(first);
}

/** @param reason how the destination refused another; without it, none was asked for */
export function withoutLicense(
  { boards: existing }: Destination,
  reason?: string,
): UnsupportedByDestinationError {
  const [refusal, doubt] =
    reason === undefined
      ? ['can have no other', '']
      : [
          `refused another (${reason})`,
          " If it has that, check the role of the destination token's user in this group.",
        ];
  return new UnsupportedByDestinationError(
    `The destination has ${existing.length} board in this group and ${refusal}: more than one ${NEEDS_PREMIUM}.${doubt}`,
  );
}
