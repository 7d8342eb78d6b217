import { ParentNotCreatedError } from '../domain/errors.ts';
import type { Status } from '../domain/statuses.ts';
import { measure } from '../platform/invocation.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { outcomeOf } from '../platform/metrics.ts';
import { entityIsOfAttempt } from '../store/conditions.ts';
import { moveEntity } from '../store/entities.ts';
import type { Entity, EntityKey } from '../store/entity.ts';
import { listFailures, resolveFailure } from '../store/failures.ts';
import { markImportFailures } from '../store/imports.ts';
import { OF_ENTITY } from './entity-failures.ts';
import type { EntityRun } from './entity-run.ts';
import { FINISHER, recordLeftUnarchived } from './left-behind.ts';
import { failuresOf } from './record-failures.ts';
import type { StagedEntry } from './relation.ts';

/** Counts the end of an import. Only for whoever moved its status, so that each end counts once. */
export function countImportEnd(status: Status, hasFailures = false): void {
  measure('ImportsEnded', 1, { Outcome: outcomeOf(status, hasFailures) });
}

/** Counts the end of an entity, likewise. */
export function countEntityEnd(status: Status, hasFailures = false): void {
  measure('EntitiesEnded', 1, { Outcome: outcomeOf(status, hasFailures) });
}

/**
 * Ends an entity that is still open, in the attempt in which it was read. Whether it has failures is noted with its status, in one write: they may be gone
 * when whoever is interrupted before that comes again. The import is told before; its end sets that right.
 *
 * @returns whether this call ended it; each end is counted and logged once
 */
export async function endEntity(
  entity: EntityKey & Pick<Entity, 'attempt'>,
  status: 'finished' | 'failed' | 'timeout',
  hasFailures: boolean,
): Promise<boolean> {
  if (hasFailures) await markImportFailures(entity.importId);
  const moved = await moveEntity(entity, status, hasFailures, [entityIsOfAttempt(entity)]);
  if (moved === undefined) return false;
  tellEnd(entity, status, hasFailures);
  return true;
}

/**
 * Ends an entity of which all relations have ended. It has failed if all of them have, or one without which there is
 * nothing, and is finished otherwise, failures of single records notwithstanding. One write, with whatever the run has
 * not saved yet.
 *
 * @throws RunOvertakenError when another run has taken over, or the entity has ended
 */
export async function endOfRun(run: EntityRun, relations: readonly StagedEntry[]): Promise<void> {
  const { bulkImport, entity } = run;
  const status = outcomeOfRun(run, relations);
  if (entity.awaitsArchiving === true && relations.some(({ name }) => name === FINISHER.name)) {
    await run.save();
    await recordLeftUnarchived(entity, bulkImport.correlationId);
  }
  if (entity.attempt > 1 && entity.failuresRecorded) {
    await run.save();
    await resolveEarlier(entity, relations, status);
  }
  const hasFailures =
    entity.failuresRecorded && (await listFailures(entity.importId, entity.id, { limit: 1 })).length > 0;
  if (hasFailures) await markImportFailures(entity.importId);
  await run.save({ status, hasFailures });
  tellEnd(entity, status, hasFailures);
}

/**
 * What was said of the entity as a whole when an earlier attempt ended it is over, since it has come to its own end; and so
 * is, where that is a good one, what was said of the groups and projects below it: they were listed.
 */
async function resolveEarlier(
  { importId, id, attempt }: Entity,
  relations: readonly StagedEntry[],
  status: 'failed' | 'finished',
): Promise<void> {
  const makers = status === 'finished' ? relations.filter(({ inRetries }) => inRetries === 'check') : [];
  const [whole, ...below] = await Promise.all(
    [OF_ENTITY, ...makers.map(failuresOf)].map(beginsWith => listFailures(importId, id, { beginsWith })),
  );
  const leftOut = below.flat().filter(({ exceptionClass }) => exceptionClass === LEFT_OUT);
  for (const failure of [...(whole ?? []), ...leftOut])
    if (failure.attempt < attempt) await resolveFailure(failure, attempt);
}

/** The class of the failures of what is below a group that could not be made. */
const LEFT_OUT = new ParentNotCreatedError('').name;

function outcomeOfRun(run: EntityRun, relations: readonly StagedEntry[]): 'failed' | 'finished' {
  const statuses = relations.map(relation => ({ relation, status: run.tracker(relation).status }));
  const failed = statuses.filter(({ status }) => status === 'failed');
  const isAborted = failed.some(({ relation }) => relation.abortOnFailure);
  return isAborted || failed.length === relations.length ? 'failed' : 'finished';
}

function tellEnd(
  { importId, id: entityId }: Pick<Entity, 'importId' | 'id'>,
  status: Status,
  hasFailures: boolean,
) {
  countEntityEnd(status, hasFailures);
  logger.info(LogEvent.EntityEnded, { importId, entityId, status, hasFailures });
}
