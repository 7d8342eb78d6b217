import { messageOf } from '../domain/errors.ts';
import { StoreError } from '../domain/store-errors.ts';
import { type TemporaryError, TokenRejectedError } from '../gitlab/errors.ts';
import { NOTHING_FORESEEN, sumForeseen } from '../store/changes.ts';
import type { PipelineStep } from '../store/failures.ts';
import type { Tracker } from '../store/trackers.ts';
import { closeImport } from './end-import.ts';
import { failRelation, finishRelation } from './end-relation.ts';
import { type EntityRun, RunOvertakenError } from './entity-run.ts';
import { readPage } from './group-document.ts';
import { countOutcomes, type LoadResult, loadRecords } from './load-records.ts';
import { PageWalk } from './page-walk.ts';
import { isOnlyPlanned } from './planned.ts';
import { withUnread } from './record-failures.ts';
import type { PipelineContext, Relation, StagedEntry } from './relation.ts';
import { MustWait, RelationWaits, type Waiting } from './relation-waits.ts';
import { RetriedRecords, withoutChanges } from './retried-records.ts';
import { SentRecordsOfTracker } from './sent-records.ts';
import { isWaitedFor } from './wait-policy.ts';

/**
 * How far a relation has come in one run: to its end, as far as there was time, to something it must wait for, to the
 * end of a page with so much behind it that it should have a run to itself, or not at all before all projects have ended.
 */
export type Progress = { is: 'ended' } | { is: 'out of time' } | Waiting | { is: 'large' } | { is: 'parked' };

const ENDED: Progress = { is: 'ended' };
const OUT_OF_TIME: Progress = { is: 'out of time' };
const LARGE: Progress = { is: 'large' };
const PARKED: Progress = { is: 'parked' };

/** With more records left than this a relation takes minutes: at 100 a second, 20 s and up. */
const MANY_RECORDS = 2_000;

/** No page and no group of records is begun with less time than this. */
const LEAST_TIME_MS = 30_000;
/** Progress within a page is saved this often, so that a slow page can be watched. */
const SAVE_EVERY_MS = 2_000;

/** One relation in one run of its entity: from its cursor to the end, or as far as time and both GitLabs allow. */
export class RelationRun<Source, Wanted, Existing> {
  readonly #relation: Relation<Source, Wanted, Existing> & StagedEntry;
  readonly #run: EntityRun;
  readonly #tracker: Tracker;
  readonly #deadline: number;
  readonly #walk: PageWalk;
  readonly #sent: SentRecordsOfTracker;
  readonly #waits: RelationWaits;
  /** The step that concerns a whole page and was begun last. */
  #current: PipelineStep = 'extractor';
  /** Whether an earlier run may have met the records of the page. */
  #isRepeat: boolean;
  /** Whether this run was the latest after it last asked a GitLab for something. */
  #isFenced = false;
  /** Whether the destination was found to take records only one by one. */
  #isSingle = false;
  /** Whether a request may have had an effect of which this run knows nothing. */
  #hasMetTrouble = false;
  /** What earlier attempts of the import have left; `undefined` in the first one. */
  #retried: RetriedRecords | undefined;
  /** Whether other relations share the run. */
  readonly #isShared: boolean;
  readonly #afterProjects: boolean;

  /**
   * @param isShared whether other relations share the run, so that one with much to do should have one to itself
   * @param afterProjects whether all projects of the import have ended
   */
  constructor(
    relation: Relation<Source, Wanted, Existing> & StagedEntry,
    run: EntityRun,
    {
      deadline,
      isShared,
      afterProjects = false,
    }: { deadline: number; isShared: boolean; afterProjects?: boolean },
  ) {
    this.#relation = relation;
    this.#isShared = isShared;
    this.#afterProjects = afterProjects;
    this.#run = run;
    this.#tracker = run.tracker(relation);
    this.#deadline = deadline;
    this.#walk = new PageWalk(relation.relation);
    // Where no failure was ever written there is none to take back.
    this.#isRepeat = run.entity.run > 1 && run.entity.failuresRecorded;
    this.#sent = new SentRecordsOfTracker(this.#tracker, () => this.#save());
    this.#waits = new RelationWaits(this.#tracker, deadline - LEAST_TIME_MS, () => this.#save());
    this.#tracker.status = 'started';
  }

  /**
   * Moves the relation on until it has ended, must wait, or has no time left. What it has done is noted in the run, whose
   * next save writes it.
   *
   * @throws StoreError when the table cannot be used, RunOvertakenError among them
   */
  async work(unfenced: PipelineContext): Promise<Progress> {
    const context = { ...unfenced, fence: () => this.#fence() };
    try {
      return await this.#pages(this.#own(context));
    } catch (error) {
      // Awaited, so that what follows comes after them.
      if (error instanceof MustWait) return await this.#wait(context, error.trouble);
      if (error instanceof TokenRejectedError) return await this.#endImport(error);
      if (error instanceof StoreError) throw error;
      return await this.#fail(context, error);
    } finally {
      this.#run.change(this.#relation);
    }
  }

  /** Waits for something that concerns the run as a whole, and was met before anything of the relation was read. */
  hold(trouble: TemporaryError): Progress {
    this.#run.change(this.#relation);
    return this.#waits.hold(trouble);
  }

  /** What the relation can use, with what is known of its own past. */
  #own(context: PipelineContext): PipelineContext {
    return {
      ...context,
      isFirstTry: context.isFirstTry && !this.#hasMetTrouble,
      isFresh: context.isFresh && !this.#hasMetTrouble,
      ...(this.#relation.isTakenTwice && { sent: this.#sent }),
    };
  }

  /** What the destination has: nothing yet in a group that this very run has made, or that does not exist yet. */
  async #existing(context: PipelineContext): Promise<Existing> {
    const { nothing, planned } = this.#relation;
    const isPlanned = isOnlyPlanned(context);
    if (isPlanned && planned?.existing !== undefined) {
      const existing = planned.existing;
      return this.#step('loader', () => existing(context));
    }
    if ((isPlanned || context.isFresh) && nothing !== undefined) return nothing();
    return this.#step('loader', () => this.#relation.existing(context));
  }

  async #save(): Promise<void> {
    this.#run.change(this.#relation);
    await this.#run.save();
  }

  /**
   * Makes sure, by one write for all failures of a few records, that no other run has taken over. It says with that write
   * that the relation has begun.
   */
  async #fence(): Promise<void> {
    if (this.#isFenced) return;
    await this.#save();
    this.#isFenced = true;
  }

  async #pages(context: PipelineContext): Promise<Progress> {
    const tracker = this.#tracker;
    let known: { existing: Existing } | undefined;
    const retried = await this.#begin(context);
    for (;;) {
      const page = await this.#step('extractor', () => readPage(this.#relation, context, tracker));
      const keys = page.records.map(record => this.#relation.nameOf(record, context).key);
      // Where only failures are tried again, all records were counted before.
      const isCounted = retried?.scope === 'failed';
      this.#walk.check(tracker.cursor, keys, isCounted ? 0 : tracker.counts.fetched);
      const left = page.records.slice(tracker.done);
      if (!this.#afterProjects && left.some(record => this.#waitsForProjects(record))) {
        if (retried !== undefined && retried.scope === undefined) await this.#openForProjects(context);
        tracker.parked = true;
        return PARKED;
      }
      delete tracker.parked;
      const { counts } = tracker;
      if (!isCounted) counts.source = Math.max(counts.source, page.total ?? 0, counts.fetched + left.length);
      let saved = Date.now();
      while (left.length > 0) {
        if (this.#run.isOver) throw new RunOvertakenError();
        if (this.#deadline - Date.now() < LEAST_TIME_MS) return OUT_OF_TIME;
        const share = retried?.shareOf(left, record => this.#relation.nameOf(record, context));
        tracker.done += left.splice(0, share?.passedOver ?? 0).length;
        if (left.length === 0) break;
        // Where there is nothing to move, the destination is not asked what it has.
        known ??= { existing: await this.#existing(context) };
        const group = left.slice(0, Math.min(share?.alike ?? left.length, this.#groupSize()));
        const relation = share?.isKept ? withoutChanges(this.#relation) : this.#relation;
        this.#isFenced = false;
        const result = await loadRecords(relation, context, known.existing, group, {
          retried,
          isRepeat: this.#isRepeat,
          waited: tracker.waited,
          isSingle: this.#isSingle,
        });
        // Those behind one that met trouble may not have been tried yet.
        left.splice(0, result.outcomes.length);
        this.#isSingle = result.isSingle;
        // Before they count: when this must wait, the next run begins with the same records.
        if (result.outcomes.includes('failed')) await this.#accountForRest(context);
        this.#count(result);
        if (result.rejection !== undefined) throw result.rejection;
        if (result.trouble !== undefined) throw new MustWait(result.trouble);
        if (left.length > 0 && Date.now() - saved > SAVE_EVERY_MS) {
          await this.#save();
          saved = Date.now();
        }
      }
      this.#walk.turn(page, keys);
      // A page that is smaller than it was before ends within what is done; the rest of that is in the next one.
      tracker.done = Math.max(0, tracker.done - page.records.length);
      tracker.cursor = page.next;
      this.#isRepeat = false;
      if (page.next === null) {
        await retried?.finish();
        await finishRelation(this.#relation, tracker, context);
        return ENDED;
      }
      await this.#save();
      if (this.#isShared && counts.source - counts.fetched > MANY_RECORDS) return LARGE;
      if (this.#deadline - Date.now() < LEAST_TIME_MS) return OUT_OF_TIME;
    }
  }

  /** Noted before: whoever dies over it leaves word of it. */
  async #openForProjects(context: PipelineContext): Promise<void> {
    this.#tracker.parked = true;
    await this.#save();
    await this.#step('loader', async () => this.#relation.openForProjects?.(context));
  }

  /** In a later attempt: what is known of those before, and that what they have made can be written into. */
  async #begin(context: PipelineContext): Promise<RetriedRecords | undefined> {
    if (context.entity.attempt === 1) return undefined;
    await this.#step('loader', async () => this.#relation.checkAgain?.(context));
    this.#retried ??= await RetriedRecords.of(this.#relation, this.#tracker, context);
    return this.#retried;
  }

  /** Whether a record is moved only when all projects of the import have ended. */
  #waitsForProjects(record: Source): boolean {
    const { afterProjects = false, waitsForProjects } = this.#relation;
    return afterProjects && (waitsForProjects?.(record) ?? true);
  }

  /** How many records are dealt with before progress is looked at again. */
  #groupSize(): number {
    const { many, parallel } = this.#relation;
    return many === undefined || this.#isSingle ? parallel : many.size;
  }

  #count({ outcomes, foreseen, gaveUp }: LoadResult): void {
    const tracker = this.#tracker;
    if (foreseen.length > 0) {
      tracker.foreseen = sumForeseen([tracker.foreseen ?? NOTHING_FORESEEN, ...foreseen]);
    }
    tracker.done += outcomes.length;
    if (this.#retried?.scope === 'failed') this.#retried.count(tracker.counts, outcomes);
    else countOutcomes(tracker.counts, outcomes);
    if (outcomes.length === 0) return;
    this.#waits.gotOn();
    // After giving up on one record the next is not waited for as long again, until one succeeds.
    const { outage } = tracker.waited;
    tracker.waited = gaveUp && outage !== undefined ? { outage } : {};
  }

  /** Runs a step that concerns the whole page. Trouble that passes makes the run wait. */
  async #step<T>(step: PipelineStep, act: () => Promise<T>): Promise<T> {
    this.#current = step;
    this.#isFenced = false;
    try {
      return await act();
    } catch (error) {
      if (isWaitedFor(error, this.#tracker.waited)) throw new MustWait(error);
      throw error;
    }
  }

  /** Waits, and looks again where that was short. */
  async #wait(context: PipelineContext, trouble: TemporaryError): Promise<Progress> {
    this.#hasMetTrouble = true;
    return (await this.#waits.wait(trouble)) ?? this.work(context);
  }

  /** A whole page or a look-up failed for good: the relation ends here, what it has moved stays. */
  async #fail(context: PipelineContext, error: unknown): Promise<Progress> {
    const step = this.#current;
    const complete = withUnread(error, this.#tracker.counts);
    try {
      await this.#accountForRest(context);
    } catch (trouble) {
      if (trouble instanceof MustWait) return this.#wait(context, trouble.trouble);
      throw trouble;
    }
    await failRelation(this.#relation, this.#tracker, context, step, complete);
    return ENDED;
  }

  /** Has a relation whose failure is that of its entity account for what is not migrated because of it. */
  async #accountForRest(context: PipelineContext): Promise<void> {
    if (!this.#relation.abortOnFailure) return;
    const { waited } = this.#tracker;
    await this.#step('loader', async () =>
      this.#relation.onAbort?.(context, error => isWaitedFor(error, waited)),
    );
  }

  /** Without a token nothing else can succeed, so the import ends at once instead of failing record by record. */
  async #endImport(error: TokenRejectedError): Promise<never> {
    await this.#save();
    const reason = { exceptionClass: error.name, message: messageOf(error) };
    await closeImport(this.#run.bulkImport, 'failed', reason);
    throw new RunOvertakenError();
  }
}
