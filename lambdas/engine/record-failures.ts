import { createHash } from 'node:crypto';
import { messageOf } from '../domain/errors.ts';
import { fitted, shortened, withoutMiddle } from '../domain/failure-message.ts';
import { BlockedUrlError, NetworkError } from '../gitlab/errors.ts';
import { measure } from '../platform/invocation.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { markFailuresRecorded } from '../store/entities.ts';
import { deleteFailure, type PipelineStep, putFailure } from '../store/failures.ts';
import type { Counts } from '../store/trackers.ts';
import type { PipelineContext, RecordName, StagedEntry } from './relation.ts';
import { isWorthAnotherTry } from './retryable.ts';

/** Characters of a title in a failure, as in GitLab. */
const LONGEST_TITLE = 255;

/** Whose failure it is, and what is asked before a row is written or deleted. */
type OfRun = Pick<PipelineContext, 'bulkImport' | 'entity'> & {
  /**
   * Throws when another run has taken over. Rows have no run of their own: whoever is overtaken and goes on would delete
   * those of its successor, or leave some for what that has brought.
   */
  fence?: () => Promise<void>;
};

/**
 * Writes the failure row of one record, or of the pipeline itself when `name` is that of the pipeline. The key is
 * made of the pipeline and the record, so the same failure met twice is one row.
 *
 * @param isCounted whether it is that of a record which its relation counts as failed
 */
export async function recordFailure(
  entry: StagedEntry,
  { bulkImport, entity, fence }: OfRun,
  step: PipelineStep,
  name: RecordName | PipelineName,
  error: unknown,
  isCounted = false,
): Promise<void> {
  await fence?.();
  const exceptionClass = error instanceof Error ? error.name : 'Error';
  const message = withoutMiddle(fitted(explanationOf(error), wordsIn(error)));
  if (!entity.failuresRecorded) {
    await markFailuresRecorded(entity);
    entity.failuresRecorded = true;
  }
  const isNew = await putFailure({
    importId: bulkImport.id,
    entityId: entity.id,
    key: failureKey(entry, name),
    relation: name.as?.relation ?? entry.relation,
    pipelineClass: name.as?.pipelineClass ?? entry.pipelineClass,
    step,
    exceptionClass,
    exceptionMessage: message,
    correlationId: name.as?.correlationId ?? bulkImport.correlationId,
    sourceUrl: name.url ?? null,
    sourceTitle: name.title && shortened(name.title, LONGEST_TITLE),
    createdAt: new Date().toISOString(),
    attempt: entity.attempt,
    retryable: isWorthAnotherTry(error),
    isCounted,
    ...(name.iid !== undefined && { iid: name.iid }),
    ...(name.broughtBy !== undefined && { broughtBy: name.broughtBy }),
  });
  if (isNew) measure('Failures', 1, { ExceptionClass: exceptionClass });
  logger.warn(LogEvent.RecordFailed, {
    importId: bulkImport.id,
    entityId: entity.id,
    pipeline: entry.name,
    step,
    exceptionClass,
    reason: message,
    correlationId: bulkImport.correlationId,
  });
}

/** What a failure says of an error. */
function explanationOf(error: unknown): string {
  return error instanceof BlockedUrlError ? error.explanation : messageOf(error);
}

/** What a GitLab said in an error, or in the one that it was made of. */
function wordsIn(error: unknown): string {
  if (error instanceof NetworkError) return error.reason;
  return error instanceof Error && error.cause !== undefined ? wordsIn(error.cause) : '';
}

/** Takes back the row of a record that failed in a run that was interrupted, and was loaded after all. */
export async function retractFailure(
  entry: StagedEntry,
  { bulkImport, entity, fence }: OfRun,
  name: RecordName,
): Promise<void> {
  await fence?.();
  await deleteFailure(bulkImport.id, entity.id, failureKey(entry, name));
}

/** What can fail of a relation besides its records. */
const OF_PIPELINE = ['page', 'count', 'crash'] as const;

/** The name of a failure of the pipeline itself, of which there is one per kind. */
export function ofPipeline(kind: (typeof OF_PIPELINE)[number]): PipelineName {
  return { key: kind, title: null, isPipeline: true };
}

/** The error of a pipeline that ends in the middle, which also says how many records it leaves unread: they have no names. */
export function withUnread(error: unknown, { source, fetched }: Pick<Counts, 'source' | 'fetched'>): unknown {
  if (source === fetched) return error;
  const unread = `${source - fetched} of ${source} records were not read.`;
  const explanation = explanationOf(error);
  const complete = new Error(
    error instanceof NetworkError
      ? error.messageWith(unread)
      : fitted(`${explanation} ${unread}`, wordsIn(error), explanation),
  );
  if (error instanceof Error) complete.name = error.name;
  return complete;
}

interface PipelineName extends RecordName {
  isPipeline: true;
}

/** How the keys of all failures of a relation begin. */
export const failuresOf = ({ stage, name }: Pick<StagedEntry, 'stage' | 'name'>): string =>
  `${stage}#${name}#`;

/** Whether a failure is one that a relation of this name has written, whatever it is shown as: its key says so. */
export const isFailureOf =
  (name: string) =>
  ({ key }: { key: string }): boolean =>
    key.split('#')[1] === name;

/** The keys of the failures of a relation as a whole, which are those of no record. */
export const pipelineKeys = (entry: Pick<StagedEntry, 'stage' | 'name'>): string[] =>
  OF_PIPELINE.map(kind => failureKey(entry, ofPipeline(kind)));

/** Keys are digested: a title can be longer than a sort key (1,024 bytes) may be. A label may be called `page`. */
export function failureKey(
  entry: Pick<StagedEntry, 'stage' | 'name'>,
  name: RecordName | PipelineName,
): string {
  const key = `${'isPipeline' in name ? 'pipeline' : 'record'}:${name.key}`;
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 32);
  return failuresOf(entry) + digest;
}
