import * as z from 'zod/mini';
import { isTerminal } from '../domain/statuses.ts';
import type { RunClients } from '../gitlab/connections.ts';
import { TemporaryError } from '../gitlab/errors.ts';
import { environment } from '../platform/environment.ts';
import { measure, noteIds, withIds } from '../platform/invocation.ts';
import { LogEvent, logger } from '../platform/logger.ts';
import { time } from '../platform/time.ts';
import { type Entity, startRun, startRunOf } from '../store/entities.ts';
import type { Import } from '../store/imports.ts';
import { readRun } from '../store/runs.ts';
import { endOfRun } from './end-entity.ts';
import { endOpenChildren, failEntity, type Reason } from './end-import.ts';
import { EntityRun, RunOvertakenError } from './entity-run.ts';
import { documentOf } from './group-document.ts';
import { startDelay } from './load-control.ts';
import { loadsOf, settleLoad } from './load-watch.ts';
import { isPaused, PAUSE_SECONDS } from './other-destination.ts';
import type { PipelineContext, Relation, StagedEntry } from './relation.ts';
import { type Progress, RelationRun } from './relation-run.ts';
import { contextOf, openClients } from './run-context.ts';
import { IN_LINE } from './wait-policy.ts';

/** What the state machine hands to a lane: ids only. */
export const runEventSchema = z.object({
  importId: z.int(),
  /** The attempt of the import whose execution this is. */
  attempt: z._default(z.int(), 1),
  entityId: z.int(),
  /** Lambda that is called next; a run may name another lane. */
  functionName: z.string(),
  /** The one relation to move, and the run of the entity that has handed it out; absent for all of them. */
  only: z.optional(z.string()),
  run: z.optional(z.int()),
  /** How often in a row the workflow has caught the death of a run, each time after its own retries. */
  crashes: z.optional(z.int()),
  /** How many entities of the import may run at the same time, until the first run of this one has begun. */
  places: z.optional(z.int()),
});
export type RunEvent = z.infer<typeof runEventSchema>;

/** What the state machine does next: run again at once, run again after a wait, run relations apart, or end. */
export type RunStatus = 'continue' | 'wait' | 'split' | 'ended';

/** Handed on to the next call of a lane, which is why it has all of its event. */
export interface RunResult extends RunEvent {
  status: RunStatus;
  /** Seconds; 0 unless the status is `wait`. */
  waitSeconds: number;
  /** The relations to run apart; empty unless the status is `split`. */
  relations: RunEvent[];
}

/** Any relation at its place. What it reads, wants and finds is its own business, and never leaves it. */
// biome-ignore lint/suspicious/noExplicitAny: the three types of a relation fit each other, and nobody else.
type AnyRelation = Relation<any, any, any> & StagedEntry;

/** The relations of each kind of entity that a lane runs. */
export type Lane = Partial<Record<Entity['sourceType'], readonly AnyRelation[]>>;

const UNSUPPORTED: Reason = {
  exceptionClass: 'BulkImports::Error',
  message: "This service does not migrate projects yet. Move this one by GitLab's project export and import.",
};

/** Time kept back at the end of a Lambda for the last writes. No request to a GitLab runs into it. */
const RESERVED_MS = 5_000;
/** A wait of the workflow may end this much before its time by the clock of the run after it. */
const CLOCK_TOLERANCE_MS = 500;

/**
 * Runs an entity: all of its relations that have not ended, stage by stage, those of a stage side by side, until
 * everything has ended, time is short, or all that is left must wait.
 *
 * @param relationsOf the relations of each kind of entity, in the order of their stages
 * @throws StoreError when the table cannot be used; the run can be repeated
 */
export async function runEntity(relationsOf: Lane, event: RunEvent, deadline: number): Promise<RunResult> {
  const { importId, entityId } = event;
  const result = (status: RunStatus, waitSeconds = 0, apart: RunEvent[] = []): RunResult => ({
    ...event,
    crashes: 0,
    status,
    waitSeconds,
    relations: apart,
  });
  const items = await readRun(importId, entityId);
  const { bulkImport } = items;
  noteIds({ correlationId: bulkImport.correlationId });
  const isOver = isTerminal(bulkImport.status) || isTerminal(items.entity.status);
  if (isOver || bulkImport.attempt !== event.attempt) return result('ended');
  if (isPaused(bulkImport)) {
    const seconds = PAUSE_SECONDS;
    logger.warn(LogEvent.PipelineWaits, { importId, entityId, reason: 'other_destination', seconds });
    return result('wait', seconds);
  }
  const relations = relationsOf[items.entity.sourceType];
  if (relations === undefined) {
    await failEntity(items.entity, 'failed', UNSUPPORTED, bulkImport.correlationId);
    return result('ended');
  }
  const delay = await delayOf(items.entity, bulkImport, event);
  if (delay > SHORT_DELAY_SECONDS) return { ...result('wait', Math.ceil(delay)), places: 0 };
  if (delay > 0) await time.pause(1000 * delay);
  const begun = await begin(items.entity, event, relations);
  if (begun === undefined) return result('ended');
  const clients = await openClients(bulkImport, items.sealedTokens, deadline - RESERVED_MS);
  if (clients === undefined) return result('ended');
  const began = performance.now();
  const isCareful = (event.crashes ?? 0) > 0;
  const work = new EntityWork({ relations, entity: begun, bulkImport, clients, deadline, isCareful });
  try {
    const next = await (event.only === undefined ? work.all() : work.only(event.only));
    const { attempt, functionName } = event;
    const ids = { importId, attempt, entityId, functionName };
    const apart = next.apart.map(only => ({ ...ids, only, run: begun.run }));
    return result(next.status, next.waitSeconds, apart);
  } catch (error) {
    if (!(error instanceof RunOvertakenError)) throw error;
    // Entities that this run has made after the import ended must not be left open.
    await endOpenChildren(importId, entityId);
    return result('ended');
  } finally {
    await clients.close();
    await settleLoads(bulkImport, clients, performance.now() - began);
  }
}

/** A shorter delay is sat out: it costs less than the state transitions of a wait. */
const SHORT_DELAY_SECONDS = 2;

const urlsOf = ({ sourceUrl, destinationUrl }: Import) => ({
  source: sourceUrl,
  destination: destinationUrl,
});

/** Seconds that the first run of an entity is put off, so that not more of them run than both GitLabs take. */
async function delayOf({ run }: Entity, bulkImport: Import, { places = 0 }: RunEvent): Promise<number> {
  if (run > 0 || places === 0) return 0;
  const loads = await loadsOf(Object.values(urlsOf(bulkImport)));
  return Math.max(...loads.map(load => startDelay(load, places)));
}

/** Has what this run has seen of both GitLabs decide how many entities run. */
async function settleLoads(bulkImport: Import, clients: RunClients, runMs: number): Promise<void> {
  const urls = urlsOf(bulkImport);
  for (const instance of ['source', 'destination'] as const) {
    await settleLoad(urls[instance], environment.entitiesInParallel(), {
      runMs,
      limit: clients.limitOf(instance),
    });
  }
}

/** Begins a run, of the entity or of one of its relations. `undefined` when somebody else has it, or it has ended. */
async function begin(
  entity: Entity,
  { only, run }: RunEvent,
  relations: readonly StagedEntry[],
): Promise<Entity | undefined> {
  if (only !== undefined) {
    const { relation } = relationNamed(only, relations);
    return startRunOf({ ...entity, run: run ?? 0 }, only, relation);
  }
  const begun = await startRun(entity);
  if (begun?.run === 1) {
    measure('EntitiesStarted', 1, {});
    logger.info(LogEvent.EntityStarted, {});
  }
  return begun;
}

interface Next {
  status: RunStatus;
  waitSeconds: number;
  /** Names of the relations that are to run apart. */
  apart: string[];
}

const AGAIN: Next = { status: 'continue', waitSeconds: 0, apart: [] };
const ENDED: Next = { status: 'ended', waitSeconds: 0, apart: [] };

interface Work {
  relations: readonly AnyRelation[];
  entity: Entity;
  bulkImport: Import;
  clients: RunClients;
  /** Epoch ms. */
  deadline: number;
  /** Whether relations run one by one, because runs before this one have died with several in hand. */
  isCareful: boolean;
}

/** The work of one run. */
class EntityWork {
  readonly #work: Work;
  /** Whether this run has slots at both GitLabs, as far as these have limits. */
  #isReady = false;
  /** What is read of the source's group for several relations at once, if anything. */
  #document: PipelineContext['document'];

  constructor(work: Work) {
    this.#work = work;
  }

  /** Moves the relations stage by stage. */
  async all(): Promise<Next> {
    const run = new EntityRun(this.#work.bulkImport, this.#work.entity);
    const { relations, clients, isCareful } = this.#work;
    // One by one each relation has to die of its own reading.
    if (!isCareful) this.#document = documentOf(relations, run, clients.source);
    const stages = stagesOf(relations);
    for (const stage of stages) {
      const open = stage.filter(relation => this.#isOpen(relation, run));
      const next = (await this.#queue(open, run)) ?? (await this.#stage(open, run));
      if (next !== undefined) {
        await run.save();
        return next;
      }
      // Where nothing was moved, nothing is lost if it is looked for again.
      if (stage !== stages.at(-1) && open.some(relation => run.tracker(relation).counts.source > 0))
        await run.save();
      if (stage.some(relation => relation.abortOnFailure && run.tracker(relation).status === 'failed')) break;
    }
    await endOfRun(run, relations);
    return ENDED;
  }

  /** Moves one relation, beside runs for the others of its stage. */
  async only(name: string): Promise<Next> {
    const relation = relationNamed(name, this.#work.relations);
    const run = new EntityRun(this.#work.bulkImport, this.#work.entity, {
      name,
      run: this.#work.entity.trackers[name]?.run ?? 0,
    });
    if (!this.#isOpen(relation, run)) return ENDED;
    const next = (await this.#queue([relation], run)) ?? (await this.#stage([relation], run));
    await run.save();
    return next ?? ENDED;
  }

  /** Whether a relation is still to be moved; one that the entity does not have is passed over. */
  #isOpen(relation: AnyRelation, run: EntityRun): boolean {
    if (run.hasEnded(relation)) return false;
    if (this.#work.entity.relations[relation.name] ?? !relation.optIn) return true;
    run.tracker(relation).status = 'skipped';
    run.change(relation);
    return false;
  }

  /** Gets in line for slots of a rate limit, before anything is read. @returns what the workflow waits for, if anything */
  async #queue([first]: AnyRelation[], run: EntityRun): Promise<Next | undefined> {
    if (this.#isReady || first === undefined) return undefined;
    try {
      await this.#work.clients.ready();
      this.#isReady = true;
      return undefined;
    } catch (error) {
      if (!(error instanceof TemporaryError)) throw error;
      const progress = this.#runOf(first, run, false).hold(error);
      return progress.is === 'waiting' ? { ...AGAIN, status: 'wait', waitSeconds: progress.seconds } : AGAIN;
    }
  }

  #runOf(relation: AnyRelation, run: EntityRun, isShared: boolean) {
    return new RelationRun(relation, run, { deadline: this.#work.deadline, isShared });
  }

  /** Moves the relations of a stage. @returns what the workflow does next; `undefined` when all of them have ended */
  async #stage(open: AnyRelation[], run: EntityRun): Promise<Next | undefined> {
    const progress = this.#work.isCareful
      ? await this.#oneByOne(open, run)
      : await this.#sideBySide(open, run);
    const left = open.filter((_, index) => progress[index]?.is !== 'ended');
    if (left.length > 1 && progress.some(({ is }) => is === 'large')) {
      return { status: 'split', waitSeconds: 0, apart: left.map(({ name }) => name) };
    }
    if (progress.some(({ is }) => is === 'out of time' || is === 'large')) return AGAIN;
    const waits = progress.flatMap(each => (each.is === 'waiting' ? [each.seconds] : []));
    return waits.length === 0 ? undefined : { ...AGAIN, status: 'wait', waitSeconds: Math.min(...waits) };
  }

  async #sideBySide(open: AnyRelation[], run: EntityRun): Promise<Progress[]> {
    const isShared = open.length > 1;
    const results = await Promise.allSettled(open.map(relation => this.#move(relation, run, isShared)));
    const errors = results.flatMap(result => (result.status === 'rejected' ? [result.reason] : []));
    // The table's trouble first: a run that is over need not be repeated, and one that is repeated finds that out.
    const worst = errors.find(error => !(error instanceof RunOvertakenError)) ?? errors[0];
    if (worst !== undefined) throw worst;
    return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []));
  }

  /** Each relation is noted before and saved after it: should the run die, its name is known. */
  async #oneByOne(open: AnyRelation[], run: EntityRun): Promise<Progress[]> {
    const progress: Progress[] = [];
    for (const relation of open) {
      run.note({ alone: relation.name });
      await run.save();
      progress.push(await this.#move(relation, run, false));
      run.note({ alone: null });
      await run.save();
    }
    return progress;
  }

  #move(relation: AnyRelation, run: EntityRun, isShared: boolean): Promise<Progress> {
    return withIds({ pipeline: relation.name }, async (): Promise<Progress> => {
      const { waiting } = run.tracker(relation);
      const isInLine = waiting?.reason === IN_LINE && this.#isReady;
      const left = isInLine ? 0 : Date.parse(waiting?.until ?? '') - Date.now();
      // Another relation of the stage has waited less, or the run is called before its time, after a restart: the GitLab
      // is not asked any earlier for that.
      if (left > CLOCK_TOLERANCE_MS) return { is: 'waiting', seconds: Math.ceil(left / 1000) };
      const context = contextOf(run, relation, this.#work.clients, this.#document);
      const began = performance.now();
      try {
        return await this.#runOf(relation, run, isShared).work(context);
      } finally {
        measure('RelationTime', Math.round(performance.now() - began), { Relation: relation.relation });
      }
    });
  }
}

function relationNamed<Entry extends StagedEntry>(name: string, relations: readonly Entry[]): Entry {
  const relation = relations.find(candidate => candidate.name === name);
  if (relation === undefined) throw new Error(`There is no relation '${name}'.`);
  return relation;
}

/** The relations by their stages, in order. */
function stagesOf(relations: readonly AnyRelation[]): AnyRelation[][] {
  return [...Map.groupBy(relations, ({ stage }) => stage)].sort(([a], [b]) => a - b).map(([, of]) => of);
}
