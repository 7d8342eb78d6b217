import type { Status } from '../domain/statuses.ts';
import { measure } from '../platform/invocation.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { outcomeOf } from '../platform/metrics.ts';
import { type Entity, moveEntity } from '../store/entities.ts';
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
 * Ends an entity that is still open. Whether it has failures is noted with its status, in one write: they may be gone
 * when whoever is interrupted before that comes again. The import is told before; its end sets that right.
 *
 * @returns whether this call ended it; each end is counted and logged once
 */
export async function endEntity(
  entity: Pick<Entity, 'id' | 'importId' | 'destinationUrl' | 'userId'>,
  status: 'finished' | 'failed' | 'timeout',
  hasFailures: boolean,
): Promise<boolean> {
  const { id: entityId, importId } = entity;
  if (hasFailures) await markImportFailures(importId);
  if ((await moveEntity(entity, status, hasFailures)) === undefined) return false;
  countEntityEnd(status, hasFailures);
  logger.info(LogEvent.EntityEnded, { importId, entityId, status, hasFailures });
  return true;
}
