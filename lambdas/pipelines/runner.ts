import type { Context } from 'aws-lambda';
import * as z from 'zod/mini';
import { pipelineClients } from '../gitlab/connections.ts';
import { QuotaSpentError } from '../gitlab/quota.ts';
import { messageOf, type TemporaryError, TokenRejectedError } from '../shared/errors.ts';
import { invocation, measure, noteIds } from '../shared/invocation.ts';
import { LogEvent, logger } from '../shared/logger.ts';
import { RECORD_OUTCOMES } from '../shared/metrics.ts';
import { isTerminal } from '../shared/statuses.ts';
import { getEntity, setRelationCounts } from '../store/entities.ts';
import type { PipelineStep } from '../store/failures.ts';
import { getImport, hasImportEnded } from '../store/imports.ts';
import { getTokens, TokensErasedError } from '../store/sealed-tokens.ts';
import { StoreError } from '../store/table.ts';
import { type Counts, endTracker, saveTracker, startRun, type Tracker } from '../store/trackers.ts';
import { closeImport, endOpenEntities } from '../workflow/close-import.ts';
import { isPaused, PAUSE_SECONDS } from '../workflow/other-destination.ts';
import { endEntity } from '../workflow/outcomes.ts';
import { ofPipeline, recordFailure, withUnread } from './failure-rows.ts';
import { loadRecords } from './load-records.ts';
import { type Pipeline, type PipelineContext, Skip } from './pipeline.ts';
import { type PipelineEntry, pipelineEntry } from './stages.ts';
import { canWaitFor, secondsInQueue } from './waiting.ts';

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
    const [record, entity] = await Promise.all([
      getImport(this.#importId),
      getEntity(this.#importId, this.#entityId),
    ]);
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
    if (isPaused(record)) return this.#pause();
    const started = await startRun(tracker);
    if (started === undefined) return FINISHED;
    this.#measured = { ...started.counts };
    const context = await this.#context(record, entity);
    return context === undefined ? FINISHED : this.#work(context, started);
  }

  /** The service has another destination than this import: nothing is sent, and nothing counts as a try. */
  #pause(): RunResult {
    const reason = 'other_destination';
    logger.warn(LogEvent.PipelineWaits, { ...this.#ids(), reason, seconds: PAUSE_SECONDS });
    return { status: 'wait', waitSeconds: PAUSE_SECONDS };
  }

  async #context(
    record: PipelineContext['record'],
    entity: PipelineContext['entity'],
  ): Promise<PipelineContext | undefined> {
    const deadline = this.#deadline - RESERVED_MS;
    try {
      const tokens = await getTokens(record.id);
      return {
        record,
        entity,
        ...pipelineClients(record, tokens, deadline),
        groupId() {
          if (entity.namespaceId === null)
            throw new Error('The group does not exist at the destination yet.');
          return entity.namespaceId;
        },
      };
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
      if (error instanceof MustWait) return this.#wait(tracker, error.trouble);
      if (error instanceof TokenRejectedError) return this.#endImport(tracker, error);
      if (error instanceof StoreError) throw error;
      await this.#fail(context, tracker, error);
      return FINISHED;
    }
  }

  async #pages(context: PipelineContext, tracker: Tracker): Promise<RunResult> {
    const known = await this.#step(tracker, 'loader', () => this.#pipeline.prepare(context));
    for (let isRepeat = tracker.run > 1; ; isRepeat = false) {
      const page = await this.#step(tracker, 'extractor', () =>
        this.#pipeline.extract(context, tracker.cursor),
      );
      const left = page.records.slice(tracker.done);
      const { counts } = tracker;
      counts.source = Math.max(counts.source, page.total ?? 0, counts.fetched + left.length);
      let saved = Date.now();
      while (left.length > 0) {
        if (this.#deadline - Date.now() < LEAST_TIME_MS)
          return (await this.#save(tracker)) ? CONTINUE : FINISHED;
        const group = left.splice(0, this.#pipeline.parallel);
        const result = await loadRecords(this.#pipeline, this.#entry, context, known, group, {
          isRepeat,
          waits: tracker.waits,
        });
        tracker.done += result.outcomes.length;
        for (const outcome of result.outcomes) {
          counts.fetched++;
          if (outcome instanceof Skip) {
            counts.skipped++;
            counts.skips[outcome.reason] = (counts.skips[outcome.reason] ?? 0) + 1;
          } else counts[outcome]++;
        }
        // After giving up on one record the next is not waited for either, until one succeeds.
        if (result.outcomes.length > 0 && !result.gaveUp) tracker.waits = 0;
        if (result.outcomes.length > 0) tracker.queued = 0;
        if (result.rejection !== undefined) throw result.rejection;
        if (result.trouble !== undefined) throw new MustWait(result.trouble);
        if (left.length > 0 && Date.now() - saved > SAVE_EVERY_MS) {
          if (!(await this.#save(tracker))) return FINISHED;
          saved = Date.now();
        }
      }
      tracker.cursor = page.next;
      tracker.done = 0;
      if (page.next === null) return this.#finish(context, tracker);
      if (!(await this.#save(tracker))) return FINISHED;
      if (this.#deadline - Date.now() < LEAST_TIME_MS) return CONTINUE;
    }
  }

  /** Runs a step that concerns the whole page. Trouble that passes makes the run wait, up to ten times in a row. */
  async #step<T>(tracker: Tracker, step: PipelineStep, act: () => Promise<T>): Promise<T> {
    this.#current = step;
    try {
      return await act();
    } catch (error) {
      if (canWaitFor(error, tracker.waits)) throw new MustWait(error);
      throw error;
    }
  }

  /** Saves progress and copies it to the entity. Returns false when this run must stop: overtaken, or import ended. */
  async #save(tracker: Tracker): Promise<boolean> {
    const isSaved = await saveTracker(tracker);
    if (isSaved) this.#measureRecords(tracker.counts);
    if (isSaved && tracker.counts.source > 0) {
      const entity = { id: this.#entityId, importId: this.#importId };
      await setRelationCounts(entity, this.#entry.relation, tracker.counts);
    }
    const { status } = await getImport(this.#importId);
    // Entities that this page has made after the import ended must not be left open.
    if (isTerminal(status)) await endOpenEntities(this.#importId, { parentId: this.#entityId });
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
    const aborts = this.#entry.abortOnFailure === true && counts.failed > 0;
    if (aborts) {
      tracker.status = 'failed';
      await this.#abort(context);
    }
    await this.#save(tracker);
    logger.info(LogEvent.PipelineRun, { ...this.#ids(), status: tracker.status, ...counts });
    return FINISHED;
  }

  async #wait(tracker: Tracker, trouble: TemporaryError): Promise<RunResult> {
    const { instance, reason } = trouble;
    const isQueue = trouble instanceof QuotaSpentError;
    const seconds = isQueue ? secondsInQueue(trouble, tracker.queued) : trouble.waitSeconds;
    if (isQueue) tracker.queued++;
    else tracker.waits++;
    const { waits, queued } = tracker;
    logger.info(LogEvent.PipelineWaits, { ...this.#ids(), instance, reason, seconds, waits, queued });
    measure('WaitTime', seconds, { Instance: instance });
    return (await this.#save(tracker)) ? { status: 'wait', waitSeconds: seconds } : FINISHED;
  }

  /** A whole page or a look-up failed for good: the pipeline ends here, what it has moved stays. */
  async #fail(context: PipelineContext, tracker: Tracker, error: unknown): Promise<void> {
    const complete = withUnread(error, tracker.counts);
    await recordFailure(this.#entry, context, this.#current, ofPipeline('page'), complete);
    tracker.status = 'failed';
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
