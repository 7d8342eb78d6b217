import { RunBudgetError, TemporaryError, TokenRejectedError } from '../gitlab/errors.ts';
import type { PipelineStep } from '../store/failures.ts';
import { StoreError } from '../store/table.ts';
import type { Counts, Waited } from '../store/trackers.ts';
import { recordFailure, retractFailure } from './record-failures.ts';
import { checkTexts } from './record-texts.ts';
import { Change, type PipelineContext, type Relation, Skip, type StagedEntry } from './relation.ts';
import { isWaitedFor } from './wait-policy.ts';

/** How a record ended; a skip says why. */
export type Outcome = 'imported' | 'failed' | Skip;

export interface LoadOptions {
  /** Whether an earlier run may have met these records and was interrupted before it could save. */
  isRepeat: boolean;
  /** What the pipeline has waited since something was got done. */
  waited: Waited;
}

export interface LoadResult {
  /** Outcomes of the records from the first on, without a gap. */
  outcomes: Outcome[];
  /** What the record after them met, when it passes and the run must wait for it. */
  trouble?: TemporaryError;
  /**
   * What one of the records met when no other can fare better: a token that is not accepted any more, or a budget of
   * the whole run that is spent. Nothing can be waited for.
   */
  rejection?: Final;
  /** Whether a record failed because the run gave up waiting. */
  gaveUp: boolean;
}

type Final = TokenRejectedError | RunBudgetError;

function isFinal(error: unknown): error is Final {
  return error instanceof TokenRejectedError || error instanceof RunBudgetError;
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

type Attempt = { outcome: 'imported' | Skip } | { outcome: 'failed'; step: PipelineStep; error: unknown };

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
  const attempts = await Promise.all(records.map(record => attempt(pipeline, context, known, record)));
  const outcomes: Outcome[] = [];
  const rejection = rejectionIn(attempts);
  let gaveUp = false;
  for (const [index, result] of attempts.entries()) {
    const name = pipeline.nameOf(records[index] as Source, context);
    if (result.outcome === 'failed') {
      const { error } = result;
      if (error instanceof StoreError) throw error;
      if (isFinal(error)) return { outcomes, gaveUp, rejection: error };
      if (error instanceof TemporaryError) {
        if (isWaitedFor(error, options.waited)) {
          return { outcomes, gaveUp, ...(rejection === undefined ? { trouble: error } : { rejection }) };
        }
        gaveUp = true;
      }
      await recordFailure(pipeline, context, result.step, name, error);
    } else if (options.isRepeat) {
      await retractFailure(pipeline, context, name);
    }
    outcomes.push(result.outcome);
  }
  return { outcomes, gaveUp };
}

function rejectionIn(attempts: Attempt[]): Final | undefined {
  for (const result of attempts) {
    if (result.outcome === 'failed' && isFinal(result.error)) return result.error;
  }
  return undefined;
}

async function attempt<Source, Wanted, Existing>(
  relation: Relation<Source, Wanted, Existing>,
  context: PipelineContext,
  existing: Existing,
  record: Source,
): Promise<Attempt> {
  let step: PipelineStep = 'extractor';
  try {
    checkTexts(record);
    step = 'transformer';
    const wanted = relation.want(record, context);
    if (wanted instanceof Skip) return { outcome: wanted };
    step = 'loader';
    const decision = await relation.decide(wanted, existing, context);
    if (decision instanceof Skip) return { outcome: decision };
    const verb = decision instanceof Change ? 'change' : decision;
    const written = verb === 'keep' ? undefined : await relation[verb]?.(wanted, context, existing);
    return { outcome: written instanceof Skip ? written : 'imported' };
  } catch (error) {
    return { outcome: 'failed', step, error };
  }
}
