import { messageOf } from '../domain/errors.ts';
import { TemporaryError, TokenRejectedError } from '../gitlab/errors.ts';
import { type PipelineEntry, pipelineEntry } from '../pipelines/stages.ts';
import { measure } from '../platform/invocation.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { time } from '../platform/time.ts';
import type { PipelineStep } from '../store/failures.ts';
import { StoreError } from '../store/table.ts';
import { saveTracker, type Tracker } from '../store/trackers.ts';
import { endEntity } from './end-entity.ts';
import { closeImport } from './end-import.ts';
import { countOutcomes, type LoadResult, loadRecords } from './load-records.ts';
import { PageWalk } from './page-walk.ts';
import type { Pipeline, PipelineContext } from './pipeline.ts';
import { ofPipeline, recordFailure, withUnread } from './record-failures.ts';
import { contextOf, isOver, readSubject } from './run-context.ts';
import { RunProgress } from './run-progress.ts';
import { RunOvertakenError, SentRecordsOfTracker } from './sent-records.ts';
import { afterWait, isWaitedFor, nextWait, reasonOf, type Wait } from './wait-policy.ts';

/** What the state machine does next: go to the next stage, call again at once, or wait and call again. */
export interface RunResult {
  status: 'finished' | 'continue' | 'wait';
  /** Seconds; 0 unless the status is `wait`. */
  waitSeconds: number;
}

/** Nothing is left to do for the pipeline. */
export const FINISHED: RunResult = { status: 'finished', waitSeconds: 0 };
const CONTINUE: RunResult = { status: 'continue', waitSeconds: 0 };

/** No page and no group of records is begun with less time than this. */
const LEAST_TIME_MS = 30_000;
/** Progress within a page is saved this often, so that a slow page can be watched. */
const SAVE_EVERY_MS = 2_000;
/** So many short waits in a row are sat out; then the workflow waits, however short the next one is. */
const MOST_PAUSES = 3;

/** What is waited for when a request that has had no response, and was sent again, may still take effect. */
function lateEffect(seconds: number): TemporaryError {
  return new TemporaryError('A request that had no response may still take effect.', {
    instance: 'destination',
    method: 'POST',
    reason: 'a request that had no response may still take effect',
    waitsFor: 'job',
    retryAfter: seconds,
  });
}

/** A page or record could not be dealt with now, and is waited for. */
class MustWait extends Error {
  override readonly name = 'MustWait';
  readonly trouble: TemporaryError;

  constructor(trouble: TemporaryError) {
    super(trouble.message);
    this.trouble = trouble;
  }
}

/** One run of one pipeline for one entity: from its cursor to the end, or as far as time and both GitLabs allow. */
export class Run<Source, Attributes, Known> {
  readonly #pipeline: Pipeline<Source, Attributes, Known>;
  readonly #entry: PipelineEntry;
  readonly #tracker: Tracker;
  readonly #deadline: number;
  readonly #progress: RunProgress;
  readonly #walk: PageWalk;
  readonly #sent: SentRecordsOfTracker;
  /** The step that concerns a whole page and was begun last. */
  #current: PipelineStep = 'extractor';
  /** Whether an earlier run may have met the records of the page. */
  #isRepeat: boolean;
  /** Short waits in a row. */
  #pauses = 0;
  /** Since when nothing was got done, by a clock that stands still while the machine sleeps; milliseconds. */
  #trying = performance.now();

  constructor(pipeline: Pipeline<Source, Attributes, Known>, tracker: Tracker, deadline: number) {
    this.#pipeline = pipeline;
    this.#entry = pipelineEntry(pipeline.name);
    this.#walk = new PageWalk(this.#entry.relation);
    this.#tracker = tracker;
    this.#deadline = deadline;
    this.#progress = new RunProgress(this.#entry, tracker);
    this.#isRepeat = tracker.run > 1;
    this.#sent = new SentRecordsOfTracker(tracker);
  }

  /** Runs the pipeline until it has ended, must wait, or has no time left. */
  async work(context: PipelineContext): Promise<RunResult> {
    try {
      return await this.#pages(
        this.#pipeline.removeTwins === undefined ? context : { ...context, sent: this.#sent },
      );
    } catch (error) {
      if (error instanceof RunOvertakenError) return FINISHED;
      if (error instanceof MustWait) return this.#wait(context, error.trouble);
      if (error instanceof TokenRejectedError) return this.#endImport(error);
      if (error instanceof StoreError) throw error;
      return this.#fail(context, error);
    }
  }

  async #pages(context: PipelineContext): Promise<RunResult> {
    const tracker = this.#tracker;
    const known = await this.#step('loader', () => this.#pipeline.prepare(context));
    for (;;) {
      const page = await this.#step('extractor', () => this.#pipeline.extract(context, tracker.cursor));
      const keys = page.records.map(record => this.#pipeline.nameOf(record, context).key);
      this.#walk.check(tracker.cursor, keys, tracker.counts.fetched);
      const left = page.records.slice(tracker.done);
      const { counts } = tracker;
      counts.source = Math.max(counts.source, page.total ?? 0, counts.fetched + left.length);
      let saved = Date.now();
      while (left.length > 0) {
        if (this.#deadline - Date.now() < LEAST_TIME_MS)
          return (await this.#progress.save(this.#tracker)) ? CONTINUE : FINISHED;
        const group = left.splice(0, this.#pipeline.parallel);
        const result = await loadRecords(this.#pipeline, this.#entry, context, known, group, {
          isRepeat: this.#isRepeat,
          waited: tracker.waited,
        });
        // Before they count: when this must wait, the next run begins with the same records.
        if (result.outcomes.includes('failed')) await this.#accountForRest(context);
        this.#count(result);
        if (result.rejection !== undefined) throw result.rejection;
        if (result.trouble !== undefined) throw new MustWait(result.trouble);
        if (left.length > 0 && Date.now() - saved > SAVE_EVERY_MS) {
          if (!(await this.#progress.save(this.#tracker))) return FINISHED;
          saved = Date.now();
        }
      }
      // Here, where the page is not left yet: the next run comes back to its end.
      if (page.next === null) await this.#removeTwins(context);
      this.#walk.turn(page, keys);
      // A page that is smaller than it was before ends within what is done; the rest of that is in the next one.
      tracker.done = Math.max(0, tracker.done - page.records.length);
      tracker.cursor = page.next;
      this.#isRepeat = false;
      if (page.next === null) return this.#finish(context);
      if (!(await this.#progress.save(this.#tracker))) return FINISHED;
      if (this.#deadline - Date.now() < LEAST_TIME_MS) return CONTINUE;
    }
  }

  /** Removes what was made twice, as soon as no request that was sent again can take effect any more. */
  async #removeTwins(context: PipelineContext): Promise<void> {
    const until = this.#sent.doubtfulUntil;
    if (until === undefined || this.#pipeline.removeTwins === undefined) return;
    const left = until - Date.now();
    if (left > 0) throw new MustWait(lateEffect(left / 1000));
    const pipeline = this.#pipeline;
    await this.#step('loader', async () =>
      pipeline.removeTwins?.(context, key => this.#sent.isRepeated(key)),
    );
    this.#sent.clear();
  }

  #count({ outcomes, gaveUp }: LoadResult): void {
    const tracker = this.#tracker;
    tracker.done += outcomes.length;
    countOutcomes(tracker.counts, outcomes);
    if (outcomes.length === 0) return;
    tracker.waiting = null;
    this.#pauses = 0;
    this.#trying = performance.now();
    // After giving up on one record the next is not waited for as long again, until one succeeds.
    const { outage } = tracker.waited;
    tracker.waited = gaveUp && outage !== undefined ? { outage } : {};
  }

  /** Runs a step that concerns the whole page. Trouble that passes makes the run wait. */
  async #step<T>(step: PipelineStep, act: () => Promise<T>): Promise<T> {
    this.#current = step;
    try {
      return await act();
    } catch (error) {
      if (isWaitedFor(error, this.#tracker.waited)) throw new MustWait(error);
      throw error;
    }
  }

  async #finish(context: PipelineContext): Promise<RunResult> {
    const tracker = this.#tracker;
    const { counts } = tracker;
    if (counts.source > counts.fetched) {
      const error = new Error(
        `The source announced ${counts.source} records and sent ${counts.fetched}: it was changed while it was read. Compare both groups, and import again if something is missing.`,
      );
      error.name = 'BulkImports::SourceChangedError';
      await recordFailure(this.#entry, context, 'extractor', ofPipeline('count'), error);
      measure('RecordsMissing', counts.source - counts.fetched, {});
    }
    counts.source = counts.fetched;
    tracker.status = 'finished';
    tracker.waiting = null;
    const aborts = this.#entry.abortOnFailure === true && counts.failed > 0;
    if (aborts) {
      tracker.status = 'failed';
      await endEntity(context.entity, 'failed', true);
    }
    await this.#progress.save(this.#tracker);
    logger.info(LogEvent.PipelineRun, { ...this.#ids(), status: tracker.status, ...counts });
    return FINISHED;
  }

  /** Waits, and looks again: here when the wait is short, else by ending the run and having the workflow wait. */
  async #wait(context: PipelineContext, trouble: TemporaryError): Promise<RunResult> {
    const tracker = this.#tracker;
    const wait = nextWait(trouble, tracker.waited);
    const tried = (performance.now() - this.#trying) / 1000;
    tracker.waited = afterWait(tracker.waited, trouble, wait, tried);
    const timeLeft = this.#deadline - Date.now() - 1000 * wait.seconds;
    if (wait.isShort && this.#pauses < MOST_PAUSES && timeLeft > LEAST_TIME_MS) {
      this.#pauses++;
      // A restart must not ask any earlier than the GitLab has said.
      if (trouble.retryAfter !== undefined && !(await this.#noteWait(trouble, wait.seconds))) return FINISHED;
      await time.pause(1000 * wait.seconds);
      return this.#lookAgain(context);
    }
    return this.#haveWorkflowWait(trouble, wait);
  }

  /** Goes on after a short wait as another run would: from what is written down, here and at the destination. */
  async #lookAgain(context: PipelineContext): Promise<RunResult> {
    this.#trying = performance.now();
    const subject = await readSubject(this.#tracker.importId, this.#tracker.entityId);
    if (!isOver(subject)) return this.work(contextOf(subject, context));
    await this.#progress.save(this.#tracker);
    return FINISHED;
  }

  async #haveWorkflowWait(trouble: TemporaryError, wait: Wait): Promise<RunResult> {
    const tracker = this.#tracker;
    const { instance, waitsFor, reason } = trouble;
    const seconds = Math.ceil(wait.seconds);
    tracker.waiting = this.#waiting(trouble, seconds);
    const waits = Object.values(tracker.waited).reduce((sum, { times }) => sum + times, 0);
    logger.info(LogEvent.PipelineWaits, { ...this.#ids(), instance, waitsFor, reason, seconds, waits });
    measure('WaitTime', seconds, { Instance: instance });
    return this.waitOn(seconds);
  }

  #waiting(trouble: TemporaryError, seconds: number): Tracker['waiting'] {
    const { instance, waitsFor } = trouble;
    const now = Date.now();
    return {
      waitsFor,
      instance,
      reason: reasonOf(trouble),
      since: this.#tracker.waiting?.since ?? new Date(now).toISOString(),
      until: new Date(now + 1000 * seconds).toISOString(),
    };
  }

  /** Writes a short wait down, which is not worth showing. @returns false when this run must stop */
  async #noteWait(trouble: TemporaryError, seconds: number): Promise<boolean> {
    this.#tracker.waiting = this.#waiting(trouble, seconds);
    return saveTracker(this.#tracker);
  }

  /** Ends the run and has the workflow wait. */
  async waitOn(seconds: number): Promise<RunResult> {
    return (await this.#progress.save(this.#tracker)) ? { status: 'wait', waitSeconds: seconds } : FINISHED;
  }

  /** A whole page or a look-up failed for good: the pipeline ends here, what it has moved stays. */
  async #fail(context: PipelineContext, error: unknown): Promise<RunResult> {
    const tracker = this.#tracker;
    const step = this.#current;
    const complete = withUnread(error, tracker.counts);
    try {
      await this.#accountForRest(context);
    } catch (trouble) {
      if (trouble instanceof MustWait) return this.#wait(context, trouble.trouble);
      throw trouble;
    }
    await recordFailure(this.#entry, context, step, ofPipeline('page'), complete);
    tracker.status = 'failed';
    tracker.waiting = null;
    // Before the tracker ends: a run that is repeated in between must come here again.
    if (this.#entry.abortOnFailure) await endEntity(context.entity, 'failed', true);
    await this.#progress.save(this.#tracker);
    return FINISHED;
  }

  /** Has a pipeline whose failure is that of its entity account for what is not migrated because of it. */
  async #accountForRest(context: PipelineContext): Promise<void> {
    if (!this.#entry.abortOnFailure) return;
    const { waited } = this.#tracker;
    await this.#step('loader', async () =>
      this.#pipeline.onAbort?.(context, error => isWaitedFor(error, waited)),
    );
  }

  /** Without a token nothing else can succeed, so the import ends at once instead of failing record by record. */
  async #endImport(error: TokenRejectedError): Promise<RunResult> {
    await this.#progress.save(this.#tracker);
    await closeImport(this.#tracker.importId, 'failed', {
      exceptionClass: error.name,
      message: messageOf(error),
    });
    return FINISHED;
  }

  #ids() {
    const { importId, entityId, pipeline } = this.#tracker;
    return { importId, entityId, pipeline };
  }
}
