import { measure } from '../platform/invocation.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import type { PipelineStep } from '../store/failures.ts';
import type { Tracker } from '../store/trackers.ts';
import { ofPipeline, recordFailure } from './record-failures.ts';
import type { PipelineContext, StagedEntry } from './relation.ts';

/** The last page is done: the relation has ended, with a failure when records are missing that were announced. */
export async function finishRelation(
  relation: StagedEntry,
  tracker: Tracker,
  context: PipelineContext,
): Promise<void> {
  const { counts } = tracker;
  if (counts.source > counts.fetched) {
    const error = new Error(
      `The source announced ${counts.source} records and sent ${counts.fetched}: it was changed while it was read. Compare both groups, and import again if something is missing.`,
    );
    error.name = 'BulkImports::SourceChangedError';
    await recordFailure(relation, context, 'extractor', ofPipeline('count'), error);
    measure('RecordsMissing', counts.source - counts.fetched, {});
  }
  counts.source = counts.fetched;
  const isAborted = relation.abortOnFailure === true && counts.failed > 0;
  tracker.status = isAborted ? 'failed' : 'finished';
  tracker.waiting = null;
  delete tracker.state;
  logger.info(LogEvent.PipelineRun, { status: tracker.status, ...counts });
}

/** Writes down that a relation was failed because its runs die, as often as one likes. */
export async function recordCrash(
  relation: StagedEntry,
  of: Parameters<typeof recordFailure>[1],
  message: string,
): Promise<void> {
  const crash = new Error(message);
  crash.name = 'BulkImports::PipelineCrashedError';
  await recordFailure(relation, of, 'pipeline_worker_run', ofPipeline('crash'), crash);
}

/** A whole page or a look-up failed for good: the relation ends here, what it has moved stays. */
export async function failRelation(
  relation: StagedEntry,
  tracker: Tracker,
  context: PipelineContext,
  step: PipelineStep,
  error: unknown,
): Promise<void> {
  await recordFailure(relation, context, step, ofPipeline('page'), error);
  const { counts } = tracker;
  // Whoever adds up finds each record that the source has: what was not read has not arrived.
  counts.failed += counts.source - counts.fetched;
  counts.fetched = counts.source;
  tracker.status = 'failed';
  tracker.waiting = null;
}
