import { fitted } from '../domain/failure-message.ts';
import { isTerminal, isTrackerTerminal } from '../domain/statuses.ts';
import { recordCrash } from '../engine/end-relation.ts';
import { recordFailure } from '../engine/record-failures.ts';
import { type RunEvent, type RunResult, runEventSchema } from '../engine/run-event.ts';
import { recordUnlisted } from '../pipelines/left-out-failures.ts';
import { relationOf } from '../pipelines/stages.ts';
import { invocation, noteIds } from '../platform/invocation.ts';
import { findEntity, getEntity } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import { failTracker } from '../store/entity-runs.ts';
import { getImport, type Import } from '../store/imports.ts';
import { newTracker } from '../store/trackers.ts';
import { failCrashedEntity } from './crashed-entity.ts';
import { type Caught, caughtSchema, causeOf } from './events.ts';

/**
 * A run died, also when tried again. The first time the relations are to be run one by one, which shows whose doing it
 * is; then that one fails, and the others go on. What dies outside of its relations fails as a whole.
 */
export const handler = invocation(async (event: unknown): Promise<RunResult> => {
  const run = runEventSchema.parse(event);
  const { error } = caughtSchema.parse(event);
  const [bulkImport, entity] = await Promise.all([
    getImport(run.importId),
    getEntity(run.importId, run.entityId),
  ]);
  noteIds({ correlationId: bulkImport.correlationId, kind: bulkImport.kind });
  const next = (status: RunResult['status']): RunResult => ({
    ...run,
    crashes: (run.crashes ?? 0) + 1,
    status,
    waitSeconds: 0,
    relations: [],
  });
  const isOver = isTerminal(bulkImport.status) || bulkImport.attempt !== run.attempt;
  if (isOver || isTerminal(entity.status)) return next('ended');
  const culprit = run.only ?? entity.alone;
  if (culprit !== null) {
    await failRelation(culprit, { bulkImport, entity, error, ranApart: run.only !== undefined });
    return next(run.only === undefined ? 'continue' : 'ended');
  }
  if (isSuspected(run)) {
    await failCrashedEntity(bulkImport, entity, error);
    return next('ended');
  }
  return next('continue');
});

/** Whether the run had one relation in hand at a time, if any. */
const isSuspected = ({ crashes = 0 }: RunEvent) => crashes > 0;

interface Crash {
  bulkImport: Import;
  entity: Entity;
  error: Caught;
  ranApart: boolean;
}

async function failRelation(name: string, { bulkImport, entity, error, ranApart }: Crash): Promise<void> {
  const relation = relationOf(entity.sourceType, name);
  const tracker = entity.trackers[name] ?? newTracker(relation.relation);
  // First, so that a run which is still under way saves no more. One that has done all and died before it could say so
  // has not failed.
  const cause = causeOf(error);
  const message = `The pipeline stopped unexpectedly and did not recover when it was run again (${cause}). What it had moved before is kept. Search the log for the correlation id.`;
  const crash = fitted(message, cause);
  if (!isTrackerTerminal(tracker.status)) await failTracker(entity, name, { ...tracker, crash }, ranApart);
  const now = await findEntity(entity.importId, entity.id);
  if (now?.trackers[name]?.status !== 'failed') return;
  const failed = { bulkImport, entity };
  await recordCrash(relation, failed, crash);
  if (!relation.abortOnFailure || entity.sourceType === 'project_entity') return;
  await recordUnlisted({
    recordFailure: (step, of, reason) => recordFailure(relation, failed, step, of, reason),
  });
}
