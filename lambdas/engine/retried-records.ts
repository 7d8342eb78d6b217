import { IncompleteRecordError } from '../domain/errors.ts';
import { messageText } from '../domain/failure-message.ts';
import {
  deleteFailure,
  type Failure,
  listFailures,
  listResolvedFailures,
  putFailure,
  resolveFailure,
} from '../store/failures.ts';
import type { Counts, Scope, Tracker } from '../store/trackers.ts';
import type { Outcome } from './load-records.ts';
import { failureKey, failuresOf, pipelineKeys } from './record-failures.ts';
import {
  Change,
  type PipelineContext,
  type RecordName,
  type Relation,
  Skip,
  type StagedEntry,
} from './relation.ts';

type Context = Pick<PipelineContext, 'entity'> & { fence?: () => Promise<void> };

/** What is done with the first ones of some records. */
export interface Share {
  /** So many are left as they are, and not even looked for at the destination. */
  passedOver: number;
  /** So many behind these are moved in the same way. */
  alike: number;
  /** Whether those of them that are at the destination stay as they are there. */
  isKept: boolean;
}

/**
 * What a later attempt makes of the records of one relation: which it moves again, and what becomes of the failures that
 * earlier attempts have left. A failure that was overcome before a crash counts as open until it is counted: its record is
 * met again, and found by its key.
 */
export class RetriedRecords {
  readonly #entry: StagedEntry;
  readonly #context: Context;
  /** Failures of earlier attempts, by their keys, with those that a run of this one has overcome. */
  readonly #earlier: ReadonlyMap<string, Failure>;
  /** Keys of those that are open and that runs of this attempt have written. */
  readonly #own: ReadonlySet<string>;
  readonly scope: Scope | undefined;

  private constructor(
    entry: StagedEntry,
    context: Context,
    { scope, open, overcome }: { scope: Scope | undefined; open: Failure[]; overcome: Failure[] },
  ) {
    const { attempt } = context.entity;
    this.#entry = entry;
    this.#context = context;
    this.scope = scope;
    const earlier = [...overcome, ...open.filter(failure => failure.attempt < attempt)];
    this.#earlier = new Map(earlier.map(failure => [failure.key, failure]));
    this.#own = new Set(open.filter(failure => failure.attempt >= attempt).map(({ key }) => key));
  }

  /** Reads what earlier attempts have left; `undefined` in the first one. */
  static async of(
    entry: StagedEntry,
    { scope }: Pick<Tracker, 'scope'>,
    context: Context,
  ): Promise<RetriedRecords | undefined> {
    const { importId, id, attempt } = context.entity;
    if (attempt === 1) return undefined;
    const [open, resolved] = await Promise.all([
      listFailures(importId, id, { beginsWith: failuresOf(entry) }),
      listResolvedFailures(importId, id, failuresOf(entry)),
    ]);
    const overcome = resolved.filter(({ resolvedAttempt }) => resolvedAttempt === attempt);
    return new RetriedRecords(entry, context, { scope, open, overcome });
  }

  /** What is done with records that are still to be moved: with the first ones, until one has to fare otherwise. */
  shareOf<Source>(records: readonly Source[], nameOf: (record: Source) => RecordName): Share {
    if (this.scope === undefined) return { passedOver: 0, alike: records.length, isKept: false };
    const hasFailed = (record: Source) => this.#earlier.has(failureKey(this.#entry, nameOf(record)));
    const countUntil = (from: number, isOther: (record: Source) => boolean): number => {
      const other = records.slice(from).findIndex(isOther);
      return other === -1 ? records.length - from : other;
    };
    if (this.scope === 'failed') {
      const passedOver = countUntil(0, hasFailed);
      return { passedOver, alike: countUntil(passedOver, record => !hasFailed(record)), isKept: false };
    }
    const isRetried = records[0] !== undefined && hasFailed(records[0]);
    return {
      passedOver: 0,
      alike: countUntil(0, record => hasFailed(record) !== isRetried),
      isKept: !isRetried,
    };
  }

  /** A record was brought after all. */
  async overcome(name: RecordName): Promise<void> {
    const key = failureKey(this.#entry, name);
    const failure = this.#earlier.get(key);
    if (failure === undefined && !this.#own.has(key)) return;
    await this.#context.fence?.();
    const { importId, id, attempt } = this.#context.entity;
    if (failure === undefined) await deleteFailure(importId, id, key);
    else await resolveFailure(failure, attempt);
  }

  /** Adds outcomes to the counts of a relation of which only failures are tried again: those were counted before. */
  count(counts: Counts, outcomes: Outcome[]): void {
    for (const outcome of outcomes) {
      if (outcome === 'failed' || counts.failed === 0) continue;
      counts.failed--;
      if (outcome instanceof Skip) {
        counts.skipped++;
        counts.skips[outcome.reason] = (counts.skips[outcome.reason] ?? 0) + 1;
      } else counts.imported++;
    }
  }

  /**
   * Closes the failures of earlier attempts that are over with the end of the relation: those of whole pages; of one that
   * was moved from its beginning all that were not met again. A record that has left the source stays failed where it
   * stays counted, and its failure says so.
   */
  async finish(): Promise<void> {
    const { importId, id, attempt } = this.#context.entity;
    const open = await listFailures(importId, id, { beginsWith: failuresOf(this.#entry) });
    const left = open.filter(failure => failure.attempt < attempt);
    if (left.length === 0) return;
    await this.#context.fence?.();
    for (const failure of left) {
      if (this.#isOver(failure)) await resolveFailure(failure, attempt);
      else if (failure.isCounted) await putFailure(goneFromSource(failure, attempt));
    }
  }

  #isOver(failure: Failure): boolean {
    if (this.scope === undefined || pipelineKeys(this.#entry).includes(failure.key)) return true;
    return this.scope === 'new' && (failure.isCounted === true || failure.exceptionMessage.startsWith(GONE));
  }
}

const GONE = 'It had failed, and is not at the source any more, so that it could not be tried again: ';

function goneFromSource(failure: Failure, attempt: number): Failure {
  const message = messageText({
    before: GONE,
    quoted: failure.exceptionMessage.replace(/\.+$/, ''),
    after: '.',
  });
  return { ...failure, attempt, retryable: false, isCounted: false, exceptionMessage: message };
}

/** The same relation for records that stay as they are at the destination where they are there, whatever differs. */
export function withoutChanges<Source, Wanted, Existing>(
  relation: Relation<Source, Wanted, Existing> & StagedEntry,
): Relation<Source, Wanted, Existing> & StagedEntry {
  return {
    ...relation,
    async decide(wanted, existing, context) {
      try {
        const decision = await relation.decide(wanted, existing, context);
        return decision instanceof Change ? 'keep' : decision;
      } catch (error) {
        if (error instanceof IncompleteRecordError) return 'keep';
        throw error;
      }
    },
  };
}
