import { isTerminal } from '../domain/statuses.ts';
import { failEntity } from '../engine/end-import.ts';
import { endTrackers } from '../engine/end-trackers.ts';
import { appliesTo, GROUP_PIPELINES } from '../pipelines/stages.ts';
import { environment } from '../platform/environment.ts';
import { invocation, measure, noteIds } from '../platform/invocation.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { type Entity, getEntity, moveEntity } from '../store/entities.ts';
import { getImport, hasImportEnded } from '../store/imports.ts';
import { createTracker, endTracker } from '../store/trackers.ts';
import { entityEventSchema } from './events.ts';

/** What the Map over the stages, and in it the Map over the pipelines, run. */
export interface EntityPlan {
  importId: number;
  entityId: number;
  stages: { pipelines: { importId: number; entityId: number; pipeline: string; functionName: string }[] }[];
}

/** Starts an entity: makes its trackers and returns the pipelines to run, stage by stage. */
export const handler = invocation(async (event: unknown): Promise<EntityPlan> => {
  const { importId, entityId } = entityEventSchema.parse(event);
  const [record, entity] = await Promise.all([getImport(importId), getEntity(importId, entityId)]);
  noteIds({ correlationId: record.correlationId });
  if (isTerminal(record.status) || isTerminal(entity.status)) return { importId, entityId, stages: [] };
  if (entity.sourceType === 'project_entity') {
    await failEntity(
      entity,
      'failed',
      {
        exceptionClass: 'BulkImports::Error',
        message:
          "This service does not migrate projects yet. Move this one by GitLab's project export and import.",
      },
      record.correlationId,
    );
    return { importId, entityId, stages: [] };
  }
  if ((await moveEntity(entity, 'started')) !== undefined) measure('EntitiesStarted', 1, {});
  logger.info(LogEvent.EntityStarted, { importId, entityId, correlationId: record.correlationId });
  const entityPlan = await plan(entity);
  if (!(await hasImportEnded(importId))) return entityPlan;
  // Its entities were closed just now, perhaps before the trackers of this one were made.
  await endTrackers(entity, 'canceled');
  return { importId, entityId, stages: [] };
});

async function plan(entity: Entity): Promise<EntityPlan> {
  const { importId, id: entityId } = entity;
  const functions = environment.pipelineFunctions();
  const stages: EntityPlan['stages'] = [];
  await Promise.all(
    GROUP_PIPELINES.map(async entry => {
      const tracker = { importId, entityId, stage: entry.stage, pipeline: entry.name };
      await createTracker(tracker);
      if (!appliesTo(entry, entity)) await endTracker(tracker, 'skipped');
    }),
  );
  for (const entry of GROUP_PIPELINES) {
    if (!appliesTo(entry, entity)) continue;
    const functionName = functions[entry.name];
    if (functionName === undefined) throw new Error(`There is no function for the pipeline '${entry.name}'.`);
    stages[entry.stage] ??= { pipelines: [] };
    stages[entry.stage]?.pipelines.push({ importId, entityId, pipeline: entry.name, functionName });
  }
  return { importId, entityId, stages: stages.filter(stage => stage !== undefined) };
}
