import type { PipelineContext } from '../engine/relation.ts';
import { allBoards, type Board } from '../gitlab/api/boards.ts';
import type { Destination, SourceBoard } from './board-types.ts';

/** Reads the boards, so that they show their scopes. Whatever a lagging replica does not show yet is kept. */
export async function showScopes(context: PipelineContext, known: Destination): Promise<void> {
  const shown = await listBoards(context);
  const ids = new Set(shown.map(({ id }) => id));
  known.boards = [...shown, ...known.boards.filter(({ id }) => !ids.has(id))].sort((a, b) => a.id - b.id);
  known.isScopeHidden = false;
}

/** The group's boards, in the order in which they were made. */
export async function listBoards(context: PipelineContext): Promise<Board[]> {
  return (await allBoards(context.destination, context.target().id)).sort((a, b) => a.id - b.id);
}

/** The board at the destination that is this one. */
export function find({ board, occurrence }: SourceBoard, existing: Board[]): Board | undefined {
  return existing.filter(({ name }) => name === board.name)[occurrence];
}

/** By what a board is told from all others of its group. */
export const keyOf = ({ board, occurrence }: SourceBoard) => JSON.stringify([board.name, occurrence]);

/** Looks something up when it is first asked for; after trouble the next one asks again. */
export function once<T>(lookUp: () => Promise<T>): () => Promise<T> {
  let found: T | undefined;
  return async () => {
    found ??= await lookUp();
    return found;
  };
}
