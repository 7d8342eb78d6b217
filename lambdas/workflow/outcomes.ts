import { measure } from '../shared/invocation.ts';
import { outcomeOf } from '../shared/metrics.ts';
import type { Status } from '../shared/statuses.ts';

/** Counts the end of an import. Only for whoever moved its status, so that each end counts once. */
export function countImportEnd(status: Status, hasFailures = false): void {
  measure('ImportsEnded', 1, { Outcome: outcomeOf(status, hasFailures) });
}

/** Counts the end of an entity, likewise. */
export function countEntityEnd(status: Status, hasFailures = false): void {
  measure('EntitiesEnded', 1, { Outcome: outcomeOf(status, hasFailures) });
}
