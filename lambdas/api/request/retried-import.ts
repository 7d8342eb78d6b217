import { isTerminal } from '../../domain/statuses.ts';
import { selectionOf } from '../../engine/retry-selection.ts';
import { time } from '../../platform/time.ts';
import type { Entity } from '../../store/entity.ts';
import { entityPages, getEntities } from '../../store/entity-lists.ts';
import type { Import, Retry } from '../../store/imports.ts';
import { keys } from '../../store/keys.ts';
import { describeExecution } from '../../workflow/execution.ts';
import { conflict, recordNotFound } from '../answers/http-errors.ts';

/** Checks that an import can be tried again as it is. @throws HttpError 409 that says what to do */
export function checkHasEnded({ id, status, startedAt }: Import): void {
  if (status === 'canceled') throw conflict(`Import ${id} was canceled, which is final. Start a new import.`);
  if (!isTerminal(status)) throw conflict(`Import ${id} is running. Wait until it has ended, or cancel it.`);
  // Not all of it may have been written.
  if (status === 'failed' && startedAt === undefined)
    throw conflict(`Import ${id} never began, and nothing of it was migrated. Start a new import.`);
}

/** The workflow of an import ends a moment after it; this is asked so often, with such pauses. */
const LOOKS = 6;
const PAUSE_MS = 500;

/** Checks that nothing of the attempt before runs any more. @throws HttpError 409 */
export async function checkIsQuiet(record: Import): Promise<void> {
  for (let look = 1; ; look++) {
    const execution = await describeExecution(record);
    if (execution?.status !== 'RUNNING' && execution?.status !== 'PENDING_REDRIVE') return;
    if (look === LOOKS)
      throw conflict(
        `Import ${record.id} has ended, and its workflow is still winding down. Try again in a few minutes.`,
      );
    await time.pause(PAUSE_MS);
  }
}

/** What a retry has to do, as far as it must be known before. */
export interface ToDo {
  /** Whether there is anything. */
  isAny: boolean;
  /** The selected entities that the import was asked for: they are looked up at the source by their paths. */
  requested: Entity[];
}

/**
 * Finds out whether there is anything that a retry would move. Of an import with thousands of groups no more is read than
 * to the first of those below the requested ones.
 *
 * @throws HttpError 404 when one of the entities is not of this import
 */
export async function findToDo(record: Import, retry: Retry): Promise<ToDo> {
  const toDo: ToDo = { isAny: false, requested: [] };
  for await (const page of candidates(record, retry)) {
    for (const entity of page) {
      const isRequested = entity.parentId === null;
      // The requested ones come first.
      if (toDo.isAny && !isRequested) return toDo;
      if ((await selectionOf(entity, retry)) === undefined) continue;
      toDo.isAny = true;
      if (isRequested) toDo.requested.push(entity);
    }
  }
  return toDo;
}

async function* candidates({ id }: Import, { entityIds }: Retry): AsyncGenerator<Entity[]> {
  if (entityIds === undefined) return yield* entityPages(id);
  const ids = [...new Set(entityIds)].sort((a, b) => a - b);
  const entities = await getEntities(ids.map(entityId => keys.entity(id, entityId)));
  if (entities.length < ids.length) throw recordNotFound();
  yield entities;
}
