import { UnsupportedByDestinationError } from '../domain/errors.ts';
import { listing } from '../domain/failure-message.ts';
import { mayLackLicense, NEEDS_PREMIUM } from '../engine/edition.ts';
import { Change, onlyPage, type PipelineContext, type Relation } from '../engine/relation.ts';
import { differences } from '../engine/shown.ts';
import {
  allBoards,
  type Board,
  createBoard,
  createFirstBoard,
  isPremiumBoard,
  updateBoard,
} from '../gitlab/api/boards.ts';
import { allLabels } from '../gitlab/api/labels.ts';
import { allMilestones } from '../gitlab/api/milestones.ts';
import type { Page } from '../gitlab/client.ts';
import { loadLists } from './board-contents.ts';
import { loadScope } from './board-scope.ts';
import type { Destination, SourceBoard } from './board-types.ts';

/** Boards with their lists, as far as the destination's edition has them. */
export const boards: Relation<SourceBoard, SourceBoard, Destination> = {
  name: 'boards',
  pipelineClass: 'BulkImports::Common::Pipelines::BoardsPipeline',
  relation: 'boards',
  // In order: the first board is the only one on a Free destination, and twins are told apart by order.
  parallel: 1,

  part: { page: ({ boards: all }) => all && pageOf(all) },
  read: async ({ entity, source }) => pageOf(await allBoards(source, entity.sourceId)),

  async existing(context) {
    const { destination } = context;
    const groupId = context.target().id;
    const [existing, labels, milestones] = await Promise.all([
      listBoards(context),
      allLabels(destination, groupId, true),
      allMilestones(destination, groupId, true),
    ]);
    return {
      boards: existing,
      labels: new Map(labels.map(({ name, id }) => [name, id])),
      // The group's own come last, and so win over those of its ancestors with the same title.
      milestones: new Map(
        milestones
          .sort((a, b) => Number(a.group_id === groupId) - Number(b.group_id === groupId))
          .map(({ title, id }) => [title, id]),
      ),
      assignees: new Map(),
    };
  },

  nameOf: ({ board }) => ({ key: String(board.id), title: board.name }),

  want: board => board,

  // What of an existing board is missing is found out as it is added.
  decide: (wanted, known) => (find(wanted, known.boards) === undefined ? 'create' : new Change()),

  async create(wanted, context, known) {
    await complete(wanted, await create(wanted, context, known), context, known);
  },

  async change(wanted, context, known) {
    await complete(wanted, find(wanted, known.boards) as Board, context, known);
  },
};

function pageOf(all: Board[]): Page<SourceBoard> {
  const sorted = all.toSorted((a, b) => a.id - b.id);
  return onlyPage(
    sorted.map((board, index) => ({
      board,
      occurrence: sorted.slice(0, index).filter(({ name }) => name === board.name).length,
    })),
  );
}

/** Adds to a board what it does not have yet. */
async function complete(
  { board: source }: SourceBoard,
  board: Board,
  context: PipelineContext,
  known: Destination,
): Promise<void> {
  const problems = [
    ...differences({ name: source.name }, board).values(),
    ...(await setColumns(source, board, context)),
    ...(await loadScope(source, board, context, known)),
    ...(await loadLists(source, board, context, known)),
  ];
  if (problems.length === 0) return;
  throw new UnsupportedByDestinationError(
    listing('The board was made, but not all of it:', problems, 'Add what is missing by hand.'),
  );
}

async function listBoards(context: PipelineContext): Promise<Board[]> {
  return (await allBoards(context.destination, context.target().id)).sort((a, b) => a.id - b.id);
}

function find({ board, occurrence }: SourceBoard, existing: Board[]): Board | undefined {
  return existing.filter(({ name }) => name === board.name)[occurrence];
}

async function create(wanted: SourceBoard, context: PipelineContext, known: Destination): Promise<Board> {
  const { destination, entity } = context;
  const { name } = wanted.board;
  const [first] = known.boards;
  if (first === undefined) {
    const id = await createFirstBoard(destination, entity.destinationFullPath ?? '', name);
    known.boards = await listBoards(context);
    const shown = known.boards.find(board => board.id === id);
    if (shown !== undefined) return shown;
    // A list that comes from a lagging replica: whoever waited for it and began anew would make another board.
    const board = await updateBoard(destination, context.target().id, id, columnsOf(wanted.board));
    known.boards.push(board);
    return board;
  }
  if (!isPremiumBoard(first)) throw withoutLicense(known);
  try {
    const board = await createBoard(destination, context.target().id, name);
    known.boards.push(board);
    return board;
  } catch (error) {
    if (mayLackLicense(error)) throw withoutLicense(known, error.reason || String(error.status));
    throw error;
  }
}

function withoutLicense({ boards: existing }: Destination, reason?: string): UnsupportedByDestinationError {
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

/**
 * Which of the two fixed columns are hidden. Every edition has this.
 *
 * @returns what is not as it should be, in plain words
 */
async function setColumns(source: Board, board: Board, context: PipelineContext): Promise<string[]> {
  const wanted = columnsOf(source);
  if (differences(wanted, board).size === 0) return [];
  const changed = await updateBoard(context.destination, context.target().id, board.id, wanted);
  return [...differences(wanted, changed).values()];
}

const columnsOf = (source: Board) => ({
  hide_backlog_list: source.hide_backlog_list ?? false,
  hide_closed_list: source.hide_closed_list ?? false,
});
