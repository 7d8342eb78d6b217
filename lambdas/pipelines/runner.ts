import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { pipelineClients } from '../gitlab/connections.ts';
import { messageOf, type TemporaryError, TokenRejectedError } from '../shared/errors.ts';
import { invocation, measure, noteIds } from '../shared/invocation.ts';
import { LogEvent, logger } from '../shared/logger.ts';
import { RECORD_OUTCOMES } from '../shared/metrics.ts';
import { isTerminal } from '../shared/statuses.ts';
import { time } from '../shared/time.ts';
import { type Entity, getEntity, showProgress } from '../store/entities.ts';
import type { PipelineStep } from '../store/failures.ts';
import { getImport, hasImportEnded, type Import } from '../store/imports.ts';
import { getTokens, TokensErasedError } from '../store/sealed-tokens.ts';
import { StoreError } from '../store/table.ts';
import { type Counts, endTracker, saveTracker, startRun, type Tracker } from '../store/trackers.ts';
import { closeImport, endOpenEntities } from '../workflow/close-import.ts';
import { endEntity } from '../workflow/outcomes.ts';
import { ofPipeline, recordFailure, withUnread } from './failure-rows.ts';
import { loadRecords, type Outcome } from './load-records.ts';
import { PageWalk } from './page-walk.ts';
import { type Pipeline, type PipelineContext, Skip } from './pipeline.ts';
import { type PipelineEntry, pipelineEntry } from './stages.ts';
import { afterWait, isWaitedFor, nextWait, reasonOf, type Wait } from './waiting.ts';

/** What the state machine hands to a pipeline's Lambda: ids only. */
export const pipelineEventSchema = z.object({ importId: z.int(), entityId: z.int(), pipeline: z.string() });

/** What the state machine does next: go to the next stage, call again at once, or wait and call again. */
export interface RunResult {
  status: 'finished' | 'continue' | 'wait';
  /** Seconds; 0 unless the status is `wait`. */
  waitSeconds: number;
}

const FINISHED: RunResult = { status: 'finished', waitSeconds: 0 };
const CONTINUE: RunResult = { status: 'continue', waitSeconds: 0 };

/** Time kept back at the end of a Lambda for the last writes. No request to a GitLab runs into it. */
const RESERVED_MS = 5_000;
/** No page and no group of records is begun with less time than this. */
const LEAST_TIME_MS = 30_000;
/** Progress within a page is saved this often, so that a slow page can be watched. */
const SAVE_EVERY_MS = 2_000;
/** So many short waits in a row are sat out; then the workflow waits, however short the next one is. */
const MOST_PAUSES = 3;
/** A wait of the workflow may end this much before its time by the clock of the run after it. */
const CLOCK_TOLERANCE_MS = 500;

/** The Lambda handler of a pipeline. */
export function pipelineHandler<Source, Attributes, Known>(pipeline: Pipeline<Source, Attributes, Known>) {
  return invocation(
    async (event: unknown, lambda: Pick<Context, 'getRemainingTimeInMillis'>): Promise<RunResult> => {
      const { importId, entityId } = pipelineEventSchema.parse(event);
      return new Run(pipeline, importId, entityId, Date.now() + lambda.getRemainingTimeInMillis()).execute();
    },
  );
}

/** A page or record could not be dealt with now; the run ends and the workflow waits. */
class MustWait extends Error {
  override readonly name = 'MustWait';
  readonly trouble: TemporaryError;

  constructor(trouble: TemporaryError) {
    super(trouble.message);
    this.trouble = trouble;
  }
}

type Clients = Pick<PipelineContext, 'source' | 'destination'>;

function contextOf(record: Import, entity: Entity, { source, destination }: Clients): PipelineContext {
  return {
    record,
    entity,
    source,
    destination,
    groupId() {
      if (entity.namespaceId === null) throw new Error('The group does not exist at the destination yet.');
      return entity.namespaceId;
    },
  };
}

/** One run of one pipeline for one entity: from its cursor to the end, or as far as time and both GitLabs allow. */
class Run<Source, Attributes, Known> {
  readonly #pipeline: Pipeline<Source, Attributes, Known>;
  readonly #entry: PipelineEntry;
  readonly #importId: number;
  readonly #entityId: number;
  readonly #deadline: number;
  /** The step that concerns a whole page and was begun last. */
  #current: PipelineStep = 'extractor';
  /** What the metrics have been told of so far. */
  #measured: Counts | undefined;
  /** Whether the entity says that this pipeline waits. */
  #isShownWaiting = false;
  /** Whether an earlier run may have met the records of the page. */
  #isRepeat = true;
  readonly #walk = new PageWalk();
  /** Short waits in a row. */
  #pauses = 0;
  /** Since when nothing was got done, by a clock that stands still while the machine sleeps; milliseconds. */
  #trying = performance.now();

  constructor(
    pipeline: Pipeline<Source, Attributes, Known>,
    importId: number,
    entityId: number,
    deadline: number,
  ) {
    this.#pipeline = pipeline;
    this.#entry = pipelineEntry(pipeline.name);
    this.#importId = importId;
    this.#entityId = entityId;
    this.#deadline = deadline;
  }

  async execute(): Promise<RunResult> {
    const { record, entity } = await this.#read();
    noteIds({ correlationId: record.correlationId });
    const tracker = {
      importId: record.id,
      entityId: entity.id,
      stage: this.#entry.stage,
      pipeline: this.#entry.name,
    };
    if (record.status === 'canceled' || entity.status === 'canceled') {
      await endTracker(tracker, 'canceled');
      return FINISHED;
    }
    if (isTerminal(record.status) || isTerminal(entity.status)) {
      await endTracker(tracker, 'skipped');
      return FINISHED;
    }
    const started = await startRun(tracker);
    if (started === undefined) return FINISHED;
    this.#measured = { ...started.counts };
    this.#isRepeat = started.run > 1;
    this.#isShownWaiting = started.waiting !== null;
    const left = Date.parse(started.waiting?.until ?? '') - Date.now();
    // Called before its time, after a restart: the GitLab is not asked any earlier for that.
    if (left > CLOCK_TOLERANCE_MS) return this.#waitOn(started, Math.ceil(left / 1000));
    const clients = await this.#clients(record);
    return clients === undefined ? FINISHED : this.#work(contextOf(record, entity, clients), started);
  }

  async #read() {
    const [record, entity] = await Promise.all([
      getImport(this.#importId),
      getEntity(this.#importId, this.#entityId),
    ]);
    return { record, entity };
  }

  async #clients(record: Import): Promise<Clients | undefined> {
    const deadline = this.#deadline - RESERVED_MS;
    try {
      return pipelineClients(record.sourceUrl, await getTokens(record.id), deadline);
    } catch (error) {
      // Canceled between the two reads: the tokens go first.
      if (error instanceof TokensErasedError && (await hasImportEnded(record.id))) return undefined;
      throw error;
    }
  }

  async #work(context: PipelineContext, tracker: Tracker): Promise<RunResult> {
    try {
      return await this.#pages(context, tracker);
    } catch (error) {
      if (error instanceof MustWait) return this.#wait(context, tracker, error.trouble);
      if (error instanceof TokenRejectedError) return this.#endImport(tracker, error);
      if (error instanceof StoreError) throw error;
      await this.#fail(context, tracker, error);
      return FINISHED;
    }
  }

  async #pages(context: PipelineContext, tracker: Tracker): Promise<RunResult> {
    const known = await this.#step(tracker, 'loader', () => this.#pipeline.prepare(context));
    for (;;) {
      const page = await this.#step(tracker, 'extractor', () =>
        this.#pipeline.extract(context, tracker.cursor),
      );
      const keys = page.records.map(record => this.#pipeline.nameOf(record, context).key);
      this.#walk.check(tracker.cursor, keys);
      const left = page.records.slice(tracker.done);
      const { counts } = tracker;
      counts.source = Math.max(counts.source, page.total ?? 0, counts.fetched + left.length);
      let saved = Date.now();
      while (left.length > 0) {
        if (this.#deadline - Date.now() < LEAST_TIME_MS)
          return (await this.#save(tracker)) ? CONTINUE : FINISHED;
        const group = left.splice(0, this.#pipeline.parallel);
        const result = await loadRecords(this.#pipeline, this.#entry, context, known, group, {
          isRepeat: this.#isRepeat,
          waited: tracker.waited,
        });
        this.#count(tracker, result);
        if (result.rejection !== undefined) throw result.rejection;
        if (result.trouble !== undefined) throw new MustWait(result.trouble);
        if (left.length > 0 && Date.now() - saved > SAVE_EVERY_MS) {
          if (!(await this.#save(tracker))) return FINISHED;
          saved = Date.now();
        }
      }
      this.#walk.turn(page, keys);
      // A page that is smaller than it was before ends within what is done; the rest of that is in the next one.
      tracker.done = Math.max(0, tracker.done - page.records.length);
      tracker.cursor = page.next;
      this.#isRepeat = false;
      if (page.next === null) return this.#finish(context, tracker);
      if (!(await this.#save(tracker))) return FINISHED;
      if (this.#deadline - Date.now() < LEAST_TIME_MS) return CONTINUE;
    }
  }

  #count(tracker: Tracker, { outcomes, gaveUp }: { outcomes: Outcome[]; gaveUp: boolean }): void {
    const { counts } = tracker;
    tracker.done += outcomes.length;
    for (const outcome of outcomes) {
      counts.fetched++;
      if (outcome instanceof Skip) {
        counts.skipped++;
        counts.skips[outcome.reason] = (counts.skips[outcome.reason] ?? 0) + 1;
      } else counts[outcome]++;
    }
    if (outcomes.length === 0) return;
    tracker.waiting = null;
    this.#pauses = 0;
    this.#trying = performance.now();
    // After giving up on one record the next is not waited for as long again, until one succeeds.
    const { outage } = tracker.waited;
    tracker.waited = gaveUp && outage !== undefined ? { outage } : {};
  }

  /** Runs a step that concerns the whole page. Trouble that passes makes the run wait. */
  async #step<T>(tracker: Tracker, step: PipelineStep, act: () => Promise<T>): Promise<T> {
    this.#current = step;
    try {
      return await act();
    } catch (error) {
      if (isWaitedFor(error, tracker.waited)) throw new MustWait(error);
      throw error;
    }
  }

  /** Saves progress and copies it to the entity. Returns false when this run must stop: overtaken, or import ended. */
  async #save(tracker: Tracker): Promise<boolean> {
    const isSaved = await saveTracker(tracker);
    if (isSaved) this.#measureRecords(tracker.counts);
    if (isSaved && (tracker.counts.source > 0 || tracker.waiting !== null || this.#isShownWaiting)) {
      const entity = { id: this.#entityId, importId: this.#importId };
      await showProgress(entity, this.#entry.relation, tracker);
      this.#isShownWaiting = tracker.waiting !== null;
    }
    const { status } = await getImport(this.#importId);
    // Entities that this page has made after the import ended must not be left open.
    if (isTerminal(status)) await endOpenEntities(this.#importId);
    return isSaved && !isTerminal(status);
  }

  /** Counts what was saved since the last time; what an overtaken run could not save is counted by its successor. */
  #measureRecords(counts: Counts): void {
    for (const outcome of RECORD_OUTCOMES) {
      const added = counts[outcome] - (this.#measured?.[outcome] ?? 0);
      if (added > 0) measure('Records', added, { Relation: this.#entry.relation, Outcome: outcome });
    }
    this.#measured = { ...counts };
  }

  async #finish(context: PipelineContext, tracker: Tracker): Promise<RunResult> {
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
      await this.#abort(context);
    }
    await this.#save(tracker);
    logger.info(LogEvent.PipelineRun, { ...this.#ids(), status: tracker.status, ...counts });
    return FINISHED;
  }

  /** Waits, and looks again: here when the wait is short, else by ending the run and having the workflow wait. */
  async #wait(context: PipelineContext, tracker: Tracker, trouble: TemporaryError): Promise<RunResult> {
    const wait = nextWait(trouble, tracker.waited);
    const tried = (performance.now() - this.#trying) / 1000;
    tracker.waited = afterWait(tracker.waited, trouble, wait, tried);
    const timeLeft = this.#deadline - Date.now() - 1000 * wait.seconds;
    if (wait.isShort && this.#pauses < MOST_PAUSES && timeLeft > LEAST_TIME_MS) {
      this.#pauses++;
      await time.pause(1000 * wait.seconds);
      return this.#lookAgain(context, tracker);
    }
    return this.#haveWorkflowWait(tracker, trouble, wait);
  }

  /** Goes on after a short wait as another run would: from what is written down, here and at the destination. */
  async #lookAgain(context: PipelineContext, tracker: Tracker): Promise<RunResult> {
    this.#trying = performance.now();
    const { record, entity } = await this.#read();
    if (isTerminal(record.status) || isTerminal(entity.status)) {
      await this.#save(tracker);
      return FINISHED;
    }
    return this.#work(contextOf(record, entity, context), tracker);
  }

  async #haveWorkflowWait(tracker: Tracker, trouble: TemporaryError, wait: Wait): Promise<RunResult> {
    const { instance, waitsFor, reason } = trouble;
    const seconds = Math.ceil(wait.seconds);
    const now = Date.now();
    tracker.waiting = {
      waitsFor,
      instance,
      reason: reasonOf(trouble),
      since: tracker.waiting?.since ?? new Date(now).toISOString(),
      until: new Date(now + 1000 * seconds).toISOString(),
    };
    const waits = Object.values(tracker.waited).reduce((sum, { times }) => sum + times, 0);
    logger.info(LogEvent.PipelineWaits, { ...this.#ids(), instance, waitsFor, reason, seconds, waits });
    measure('WaitTime', seconds, { Instance: instance });
    return this.#waitOn(tracker, seconds);
  }

  async #waitOn(tracker: Tracker, seconds: number): Promise<RunResult> {
    return (await this.#save(tracker)) ? { status: 'wait', waitSeconds: seconds } : FINISHED;
  }

  /** A whole page or a look-up failed for good: the pipeline ends here, what it has moved stays. */
  async #fail(context: PipelineContext, tracker: Tracker, error: unknown): Promise<void> {
    const complete = withUnread(error, tracker.counts);
    await recordFailure(this.#entry, context, this.#current, ofPipeline('page'), complete);
    tracker.status = 'failed';
    tracker.waiting = null;
    if (this.#entry.abortOnFailure) await this.#abort(context);
    await this.#save(tracker);
  }

  /** Before the tracker ends: a run that is repeated in between must come here again. */
  async #abort({ entity }: PipelineContext): Promise<void> {
    await endEntity(entity, 'failed', true);
  }

  /** Without a token nothing else can succeed, so the import ends at once instead of failing record by record. */
  async #endImport(tracker: Tracker, error: TokenRejectedError): Promise<RunResult> {
    await this.#save(tracker);
    await closeImport(this.#importId, 'failed', { exceptionClass: error.name, message: messageOf(error) });
    return FINISHED;
  }

  #ids() {
    return { importId: this.#importId, entityId: this.#entityId, pipeline: this.#entry.name };
  }
}
