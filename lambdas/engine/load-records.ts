import { StoreError } from '../domain/store-errors.ts';
import { TemporaryError } from '../gitlab/errors.ts';
import type { Foreseen } from '../store/changes.ts';
import type { Counts, Waited } from '../store/trackers.ts';
import type { Attempt } from './attempt.ts';
import { recordFailure, retractFailure } from './record-failures.ts';
import { type PipelineContext, type RecordName, type Relation, Skip, type StagedEntry } from './relation.ts';
import { isWaitedFor } from './wait-policy.ts';
import { type Final, isFinal, RecordWriter } from './write-records.ts';

/** How a record ended; a skip says why. */
export type Outcome = 'imported' | 'failed' | Skip;

export interface LoadOptions {
  /** Whether an earlier run may have met these records and was interrupted before it could save. */
  isRepeat: boolean;
  /** What the pipeline has waited since something was got done. */
  waited: Waited;
  /** Whether the destination has been found not to take many records at once. */
  isSingle?: boolean;
  /** In a later attempt, is told of each record that was brought. */
  retried?: { overcome(name: RecordName): Promise<void> } | undefined;
}

export interface LoadResult {
  /** Outcomes of the records from the first on, without a gap; of all of them, or of those before trouble. */
  outcomes: Outcome[];
  /** What was foreseen of these by a run that only looks. */
  foreseen: Foreseen[];
  /** What the record after them met, when it passes and the run must wait for it. */
  trouble?: TemporaryError;
  /**
   * What one of the records met when no other can fare better: a token that is not accepted any more, or a budget of
   * the whole run that is spent. Nothing can be waited for.
   */
  rejection?: Final;
  /** Whether a record failed because the run gave up waiting. */
  gaveUp: boolean;
  /** Whether the destination takes these records only one by one. */
  isSingle: boolean;
}

/** Adds outcomes to the counts of a relation. */
export function countOutcomes(counts: Counts, outcomes: Outcome[]): void {
  for (const outcome of outcomes) {
    counts.fetched++;
    if (outcome instanceof Skip) {
      counts.skipped++;
      counts.skips[outcome.reason] = (counts.skips[outcome.reason] ?? 0) + 1;
    } else counts[outcome]++;
  }
}

/**
 * Decides about a few records at the same time, and writes what has to be written. Only the outcomes before the first record that must wait
 * count: those behind it are met again after the wait, and found at the destination by their natural keys. The
 * failure rows of what counts are written before this returns.
 *
 * @throws StoreError when the table cannot be used
 */
export async function loadRecords<Source, Attributes, Known>(
  pipeline: Relation<Source, Attributes, Known> & StagedEntry,
  context: PipelineContext,
  known: Known,
  records: Source[],
  options: LoadOptions,
): Promise<LoadResult> {
  const writer = new RecordWriter(pipeline, context, known, options.isSingle ?? false);
  const { attempts, isSingle } = await writer.write(records);
  const outcomes: Outcome[] = [];
  const foreseen: Foreseen[] = [];
  const rejection = rejectionIn(attempts);
  let gaveUp = false;
  for (const [index, result] of attempts.entries()) {
    if (result === undefined) break;
    const name = pipeline.nameOf(records[index] as Source, context);
    if (result.outcome === 'failed') {
      const { error } = result;
      if (error instanceof StoreError) throw error;
      if (isFinal(error)) return { outcomes, foreseen, gaveUp, isSingle, rejection: error };
      if (error instanceof TemporaryError) {
        if (isWaitedFor(error, options.waited)) {
          return {
            outcomes,
            foreseen,
            gaveUp,
            isSingle,
            ...(rejection === undefined ? { trouble: error } : { rejection }),
          };
        }
        gaveUp = true;
      }
      await recordFailure(pipeline, context, result.step, name, error, true);
    } else if (options.retried !== undefined) {
      await options.retried.overcome(name);
    } else if (options.isRepeat) {
      await retractFailure(pipeline, context, name);
    }
    outcomes.push(result.outcome);
    if (result.foreseen !== undefined) foreseen.push(result.foreseen);
  }
  return { outcomes, foreseen, gaveUp, isSingle };
}

function rejectionIn(attempts: Attempt[]): Final | undefined {
  for (const result of attempts) {
    if (result?.outcome === 'failed' && isFinal(result.error)) return result.error;
  }
  return undefined;
}
