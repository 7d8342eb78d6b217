import { measure } from '../shared/invocation.ts';
import { LogEvent, logger } from '../shared/logger.ts';
import { outcomeOf } from '../shared/metrics.ts';
import type { Status } from '../shared/statuses.ts';
import { type Entity, markEntityFailures, moveEntity } from '../store/entities.ts';
import { markImportFailures } from '../store/imports.ts';

/** Counts the end of an import. Only for whoever moved its status, so that each end counts once. */
export function countImportEnd(status: Status, hasFailures = false): void {
  measure('ImportsEnded', 1, { Outcome: outcomeOf(status, hasFailures) });
}

/** Counts the end of an entity, likewise. */
export function countEntityEnd(status: Status, hasFailures = false): void {
  measure('EntitiesEnded', 1, { Outcome: outcomeOf(status, hasFailures) });
}

/**
 * Ends an entity that is still open. Its failures are noted before its status: whoever is interrupted in between and
 * comes again finds the entity open, and does all of it once more.
 *
 * @returns whether this call ended it; each end is counted and logged once
 */
export async function endEntity(
  entity: Pick<Entity, 'id' | 'importId' | 'destinationUrl' | 'userId'>,
  status: 'finished' | 'failed' | 'timeout',
  hasFailures: boolean,
): Promise<boolean> {
  const { id: entityId, importId } = entity;
  if (hasFailures) await Promise.all([markEntityFailures(entity), markImportFailures(importId)]);
  if ((await moveEntity(entity, status)) === undefined) return false;
  countEntityEnd(status, hasFailures);
  logger.info(LogEvent.EntityEnded, { importId, entityId, status, hasFailures });
  return true;
}
