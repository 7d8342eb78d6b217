import { TemporaryError } from '../gitlab/errors.ts';
import { measure, withIds } from '../platform/invocation.ts';
import type { LaneName } from '../platform/lanes.ts';
import type { Entity } from '../store/entity.ts';
import type { Import } from '../store/imports.ts';
import { AuditTrail } from './audit-trail.ts';
import { endOfRun } from './end-entity.ts';
import { recordCrash } from './end-relation.ts';
import { type Alone, EntityRun, RunOvertakenError } from './entity-run.ts';
import { documentOf } from './group-document.ts';
import type { PipelineContext, Relation, StagedEntry } from './relation.ts';
import { type Progress, RelationRun } from './relation-run.ts';
import { openAgain } from './reopened-entity.ts';
import { type CountedClients, contextOf } from './run-context.ts';
import type { RunStatus } from './run-event.ts';
import { IN_LINE } from './wait-policy.ts';

/** Any relation at its place. What it reads, wants and finds is its own business, and never leaves it. */
// biome-ignore lint/suspicious/noExplicitAny: the three types of a relation fit each other, and nobody else.
export type AnyRelation = Relation<any, any, any> & StagedEntry;

/** A wait of the workflow may end this much before its time by the clock of the run after it. */
const CLOCK_TOLERANCE_MS = 500;

/** What the workflow does next with an entity. */
export interface Next {
  status: RunStatus;
  waitSeconds: number;
  /** Names of the relations that are to run apart. */
  apart: string[];
  /** The lane that goes on, where that is another one. */
  lane?: LaneName;
  /** Whether nothing was tried by this run. */
  isIdle?: boolean;
}

const AGAIN: Next = { status: 'continue', waitSeconds: 0, apart: [] };
const ENDED: Next = { status: 'ended', waitSeconds: 0, apart: [] };

/** What a run works with. */
export interface Work {
  relations: readonly AnyRelation[];
  entity: Entity;
  bulkImport: Import;
  clients: CountedClients;
  /** Epoch ms. */
  deadline: number;
  /** Whether relations run one by one, because runs before this one have died with several in hand. */
  isCareful: boolean;
  /** The lane that this is, and the one in which entities of this kind begin. */
  lanes: { own: LaneName; home: LaneName };
  /** Whether all projects of the import have ended. */
  afterProjects: boolean;
}

/** The work of one run. */
export class EntityWork {
  readonly #work: Work;
  /** Whether this run has slots at both GitLabs, as far as these have limits. */
  #isReady = false;
  /** What is read of the source's group for several relations at once, if anything. */
  #document: PipelineContext['document'];

  /** What is written down of all that is written at the destination. */
  readonly #trail: AuditTrail;

  constructor(work: Work) {
    this.#work = work;
    const { entity, bulkImport } = work;
    this.#trail = new AuditTrail(entity, bulkImport.attempt, mayHaveOpenWrites(entity));
  }

  /** To be awaited before the run is over, however it ends. */
  settled(): Promise<void> {
    return this.#trail.settled();
  }

  /** Moves the relations stage by stage. */
  async all(): Promise<Next> {
    const run = this.#run();
    const { relations, clients, isCareful } = this.#work;
    openAgain(run, relations);
    // One by one each relation has to die of its own reading.
    if (!isCareful) this.#document = documentOf(relations, run, clients.source);
    await this.#tellCrashes(run);
    const stages = stagesOf(relations);
    let isUnsaved = false;
    for (const [index, stage] of stages.entries()) {
      const open = stage.filter(relation => this.#isOpen(relation, run));
      const next = this.#otherLane(open) ?? (await this.#queue(open, run)) ?? (await this.#stage(open, run));
      if (next !== undefined) {
        run.note({ deaths: next.isIdle ? this.#deathsBefore : 0, hasOpenWrites: this.#trail.isInDoubt });
        await run.save();
        return next;
      }
      // Where nothing was moved, nothing is lost if it is looked for again.
      isUnsaved ||= open.some(relation => run.tracker(relation).counts.source > 0);
      const following = stages[index + 1];
      if (isUnsaved && following !== undefined && !this.#isSavedSoon(following, run)) {
        await run.save();
        isUnsaved = false;
      }
      if (stage.some(relation => relation.abortOnFailure && run.tracker(relation).status === 'failed')) break;
    }
    await endOfRun(run, relations);
    return ENDED;
  }

  #run(alone?: Alone): EntityRun {
    const { bulkImport, entity, clients } = this.#work;
    return new EntityRun(bulkImport, entity, clients.sent, alone);
  }

  /** Runs in a row that have died before this one. */
  get #deathsBefore(): number {
    return Math.max(0, (this.#work.entity.deaths ?? 0) - 1);
  }

  /** Moves one relation, beside runs for the others of its stage. */
  async only(name: string): Promise<Next> {
    const relation = relationNamed(name, this.#work.relations);
    const run = this.#run({ name, run: this.#work.entity.trackers[name]?.run ?? 0 });
    if (!this.#isOpen(relation, run)) return ENDED;
    const next = (await this.#queue([relation], run)) ?? (await this.#stage([relation], run));
    await run.save();
    return next ?? ENDED;
  }

  /** Whoever has failed a relation whose runs die may have died itself before it could say so. */
  async #tellCrashes(run: EntityRun): Promise<void> {
    const { bulkImport, entity, relations } = this.#work;
    for (const relation of relations) {
      const { crash } = run.tracker(relation);
      if (crash !== undefined)
        await recordCrash(relation, { bulkImport, entity, fence: () => run.save() }, crash);
    }
  }

  /**
   * Whether a stage notes what it sends before it sends that, and saves with the same write what was moved before it.
   * Where the group is, which cannot be looked up for nothing, is not left to that.
   */
  #isSavedSoon(stage: AnyRelation[], run: EntityRun): boolean {
    return !run.hasNotes && stage.some(relation => relation.isTakenTwice && this.#isOpen(relation, run));
  }

  /** Whether a relation is still to be moved; one that the entity does not have is passed over. */
  #isOpen(relation: AnyRelation, run: EntityRun): boolean {
    if (run.hasEnded(relation)) return false;
    if (this.#work.entity.relations[relation.name] ?? !relation.optIn) return true;
    run.tracker(relation).status = 'skipped';
    run.change(relation);
    return false;
  }

  /** Hands the entity over where the relations of a stage, which share a lane, need another one than this. */
  #otherLane([first]: AnyRelation[]): Next | undefined {
    if (first === undefined) return undefined;
    const { own, home } = this.#work.lanes;
    const lane = first.lane ?? home;
    return lane === own ? undefined : { ...AGAIN, lane };
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
      return progress.is === 'waiting'
        ? { ...AGAIN, status: 'wait', waitSeconds: progress.seconds, isIdle: true }
        : AGAIN;
    }
  }

  #runOf(relation: AnyRelation, run: EntityRun, isShared: boolean) {
    const { deadline, afterProjects } = this.#work;
    return new RelationRun(relation, run, { deadline, isShared, afterProjects });
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
    const waits = progress.filter(each => each.is === 'waiting');
    if (waits.length > 0) {
      const waitSeconds = Math.min(...waits.map(({ seconds }) => seconds));
      return { ...AGAIN, status: 'wait', waitSeconds, isIdle: waits.every(({ isIdle }) => isIdle) };
    }
    // The workflow comes back to an entity that is still open when the projects have ended.
    return progress.some(({ is }) => is === 'parked') ? ENDED : undefined;
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
      if (left > CLOCK_TOLERANCE_MS) return { is: 'waiting', seconds: Math.ceil(left / 1000), isIdle: true };
      const { clients, deadline } = this.#work;
      const document = this.#document;
      const context = contextOf(run, relation, clients, this.#trail, {
        deadline,
        ...(document && { document }),
      });
      const began = performance.now();
      try {
        return await this.#runOf(relation, run, isShared).work(context);
      } finally {
        measure('RelationTime', Math.round(performance.now() - began), { Relation: relation.relation });
      }
    });
  }
}

/** Whether a run before this one may have sent something of which nobody knows what became of it. */
function mayHaveOpenWrites({ deaths = 0, hasOpenWrites = false, trackers }: Entity): boolean {
  return hasOpenWrites || deaths > 1 || Object.values(trackers).some(({ run }) => run > 1);
}

/** The relation of a name. @throws when there is none */
export function relationNamed<Entry extends StagedEntry>(name: string, relations: readonly Entry[]): Entry {
  const relation = relations.find(candidate => candidate.name === name);
  if (relation === undefined) throw new Error(`There is no relation '${name}'.`);
  return relation;
}

/** The relations by their stages, in order. */
function stagesOf(relations: readonly AnyRelation[]): AnyRelation[][] {
  return [...Map.groupBy(relations, ({ stage }) => stage)].sort(([a], [b]) => a - b).map(([, of]) => of);
}
