import { onlyPage, type Relation } from '../engine/relation.ts';
import { allBoards, type Board } from '../gitlab/api/boards.ts';
import { BOARDS_PER_DOCUMENT } from '../gitlab/api/create-boards.ts';
import { allLabels } from '../gitlab/api/labels.ts';
import { allMilestones } from '../gitlab/api/milestones.ts';
import type { Page } from '../gitlab/client.ts';
import { complete, decideAbout } from './board-completion.ts';
import { canHaveAnother, createAlone, createTogether, withoutLicense } from './board-creation.ts';
import { find, keyOf, listBoards, once } from './board-look-ups.ts';
import type { Destination, SourceBoard } from './board-types.ts';
import { outlookOfBoard, plannedBoards } from './planned-boards.ts';

/** Boards with their lists, as far as the destination's edition has them. */
export const boards: Relation<SourceBoard, SourceBoard, Destination> = {
  name: 'boards',
  pipelineClass: 'BulkImports::Common::Pipelines::BoardsPipeline',
  relation: 'boards',
  // In order: the first board is the only one on a Free destination, and twins are told apart by order.
  parallel: 1,

  part: { only: 'boards', page: ({ boards: all }) => all && pageOf(all) },
  read: async ({ entity, source }) => pageOf(await allBoards(source, entity.sourceId)),

  async existing(context) {
    const { destination } = context;
    const groupId = context.target().id;
    return {
      boards: context.isFresh ? [] : await listBoards(context),
      isScopeHidden: false,
      labels: once(async () => {
        const labels = await allLabels(destination, groupId, true);
        return new Map(labels.map(({ name, id }) => [name, id]));
      }),
      milestones: once(async () => {
        const milestones = await allMilestones(destination, groupId, true);
        // The group's own come last, and so win over those of its ancestors with the same title.
        milestones.sort((a, b) => Number(a.group_id === groupId) - Number(b.group_id === groupId));
        return new Map(milestones.map(({ title, id }) => [title, id]));
      }),
      assignees: new Map(),
    };
  },

  nameOf: ({ board }) => ({ key: String(board.id), title: board.name }),

  want: board => board,

  async decide(wanted, known, context) {
    const board = find(wanted, known.boards);
    if (board === undefined && canHaveAnother(known)) return 'create';
    context.sent?.settle(keyOf(wanted));
    if (board === undefined) throw withoutLicense(known);
    return decideAbout(wanted.board, board, context, known);
  },

  planned: { existing: plannedBoards, outlook: outlookOfBoard },

  create: createAlone,

  async change(wanted, context, known) {
    await complete(wanted.board, find(wanted, known.boards) as Board, context, known);
  },

  many: { size: BOARDS_PER_DOCUMENT, create: createTogether },

  isTakenTwice: true,
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
