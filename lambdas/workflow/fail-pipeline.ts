import { fitted } from '../domain/failure-message.ts';
import { endEntity } from '../engine/end-entity.ts';
import { ofPipeline, recordFailure } from '../engine/record-failures.ts';
import { recordSubgroupsUnlisted } from '../pipelines/left-out-failures.ts';
import { pipelineEntry } from '../pipelines/stages.ts';
import { invocation, noteIds } from '../platform/invocation.ts';
import { getEntity } from '../store/entities.ts';
import { getImport } from '../store/imports.ts';
import { endTracker, getTracker } from '../store/trackers.ts';
import { causeOf, pipelineFailedEventSchema } from './events.ts';

/** A pipeline's Lambda crashed or ran out of time, also when tried again: its tracker fails and a failure says why. */
export const handler = invocation(async (event: unknown): Promise<Record<string, never>> => {
  const { importId, entityId, pipeline, error } = pipelineFailedEventSchema.parse(event);
  const entry = pipelineEntry(pipeline);
  const [record, entity] = await Promise.all([getImport(importId), getEntity(importId, entityId)]);
  noteIds({ correlationId: record.correlationId });
  // First, so that a run which is still under way saves no more. One that has done all and died before it could say so
  // has not failed; its counts are copied when the entity ends.
  const tracker = { importId, entityId, stage: entry.stage, pipeline };
  await endTracker(tracker, 'failed');
  if ((await getTracker(tracker)).status !== 'failed') return {};
  const cause = causeOf(error);
  const message = `The pipeline stopped unexpectedly and did not recover when it was run again (${cause}). What it had moved before is kept. Search the log for the correlation id.`;
  const crash = new Error(fitted(message, cause));
  crash.name = 'BulkImports::PipelineCrashedError';
  await recordFailure(entry, { record, entity }, 'pipeline_worker_run', ofPipeline('crash'), crash);
  if (entry.abortOnFailure) await recordSubgroupsUnlisted({ record, entity });
  if (entry.abortOnFailure) await endEntity(entity, 'failed', true);
  return {};
});
