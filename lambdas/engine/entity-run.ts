import { isTrackerTerminal } from '../domain/statuses.ts';
import { StoreError } from '../domain/store-errors.ts';
import { measure } from '../platform/invocation.ts';
import { RECORD_OUTCOMES } from '../platform/metrics.ts';
import type { Entity } from '../store/entity.ts';
import { NOTHING_SENT, type Requests, type RunChanges, saveRun } from '../store/entity-runs.ts';
import type { Import } from '../store/imports.ts';
import { type Counts, newTracker, type Tracker } from '../store/trackers.ts';
import type { RelationEntry } from './relation.ts';

/** Another run works on the entity, or the entity was ended: nothing more may be sent. */
export class RunOvertakenError extends StoreError {
  constructor() {
    super('Another run has taken over, or the entity has ended.');
  }
}

/** What a relation that runs alone, beside others of its stage, is fenced by. */
export interface Alone {
  name: string;
  run: number;
}

/**
 * What one run knows of its entity, and what it has not saved yet. All relations of a stage share it: whatever has
 * changed goes into one write, and the write that is refused tells all of them that the run is over.
 */
export class EntityRun {
  readonly bulkImport: Import;
  readonly entity: Entity;
  readonly #alone: Alone | undefined;
  readonly #trackers = new Map<string, Tracker>();
  /** Names of the trackers that have changed since they were saved. */
  readonly #changed = new Set<string>();
  /** What the metrics have been told of, by the tracker's name. */
  readonly #measured = new Map<string, Counts>();
  #noted: NonNullable<RunChanges['set']> = {};
  #saving: Promise<void> | undefined;
  #isOver = false;
  readonly #isFirst: boolean;
  readonly #hadGroup: boolean;
  /** When the last request for the group was sent by a run before this one. */
  readonly #attemptedBefore: string | null;
  /** The requests of this run, counted by whoever sends them; and those of them that were saved. */
  readonly #sent: Requests;
  #sentSaved = NOTHING_SENT;

  constructor(bulkImport: Import, entity: Entity, sent: Requests, alone?: Alone) {
    this.bulkImport = bulkImport;
    this.entity = entity;
    this.#sent = sent;
    this.#alone = alone;
    this.#hadGroup = alone !== undefined || entity.namespaceId !== null;
    this.#attemptedBefore = entity.attemptedAt;
    this.#isFirst = entity.run === 1 && !this.#hadGroup;
  }

  /** Whether no run before this one can have sent anything for the entity. */
  get isFirst(): boolean {
    return this.#isFirst;
  }

  /**
   * Whether the group was made by a request of this very run. No run before it has sent anything into the group, for where
   * that is is saved before anything is. This is not told of a relation that was not begun when the run ended that has made
   * the group: people may have put something into it since, and a run that has died may have begun it and saved nothing.
   */
  get hasMadeGroup(): boolean {
    const { attemptedAt, namespaceId } = this.entity;
    return !this.#hadGroup && namespaceId !== null && attemptedAt !== this.#attemptedBefore;
  }

  /** Whether this run may do nothing more, because its last save was refused. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The tracker of a relation, which whoever moves it may change; `change` says that it has. */
  tracker({ name, relation }: RelationEntry): Tracker {
    const known = this.#trackers.get(name);
    if (known !== undefined) return known;
    const tracker = structuredClone(this.entity.trackers[name] ?? newTracker(relation));
    this.#trackers.set(name, tracker);
    this.#measured.set(name, structuredClone(tracker.counts));
    return tracker;
  }

  /** Whether a relation has ended. */
  hasEnded(entry: RelationEntry): boolean {
    return isTrackerTerminal(this.tracker(entry).status);
  }

  /** Whether a relation is still to be moved, or moved on. */
  isOpen(name: string): boolean {
    const tracker = this.#trackers.get(name) ?? this.entity.trackers[name];
    return tracker === undefined || !isTrackerTerminal(tracker.status);
  }

  /** Forgets how far a relation has come: the next save writes that, and the next run moves it from its beginning. */
  reopen(name: string): void {
    const known = this.#trackers.get(name) ?? this.entity.trackers[name];
    if (known === undefined) return;
    this.replace(name, newTracker(known.relation));
  }

  /** Has a relation begin with this tracker. */
  replace(name: string, tracker: Tracker): void {
    this.#trackers.set(name, tracker);
    this.#measured.set(name, structuredClone(tracker.counts));
    this.#changed.add(name);
  }

  /** Notes that a tracker has changed: the next save writes it. */
  change({ name }: RelationEntry): void {
    this.#changed.add(name);
  }

  /** Whether something of the entity itself is noted that no save has written yet. */
  get hasNotes(): boolean {
    return Object.keys(this.#noted).length > 0;
  }

  /** Notes something of the entity itself: the next save writes it. */
  note(set: NonNullable<RunChanges['set']>): void {
    Object.assign(this.entity, set);
    this.#noted = { ...this.#noted, ...set };
  }

  /**
   * Saves what has changed. Several that ask at the same time are served by one write, or by two when the first had
   * begun before the last of them asked.
   *
   * @throws RunOvertakenError when this run is not the entity's latest, or the entity has ended
   */
  async save(end?: RunChanges['end']): Promise<void> {
    // Begun before this was asked, so without what has changed since.
    await this.#saving;
    if (this.#isOver) throw new RunOvertakenError();
    this.#saving ??= this.#write(end).finally(() => {
      this.#saving = undefined;
    });
    await this.#saving;
  }

  async #write(end: RunChanges['end']): Promise<void> {
    const names = [...this.#changed];
    const trackers = Object.fromEntries(
      names.map(name => [name, structuredClone(this.#trackers.get(name) as Tracker)]),
    );
    const set = this.#noted;
    const sent = { ...this.#sent };
    this.#changed.clear();
    this.#noted = {};
    try {
      const changes = { trackers, set, sent: this.#unsaved(sent), ...(end !== undefined && { end }) };
      this.#isOver = !(await saveRun(this.entity, changes, this.#alone));
    } catch (error) {
      for (const name of names) this.#changed.add(name);
      this.#noted = { ...set, ...this.#noted };
      throw error;
    }
    if (this.#isOver) throw new RunOvertakenError();
    this.#sentSaved = sent;
    for (const [name, { counts, relation }] of Object.entries(trackers))
      this.#measure(name, relation, counts);
  }

  #unsaved({ source, destination }: Requests): Requests {
    const { source: ofSource, destination: ofDestination } = this.#sentSaved;
    return { source: source - ofSource, destination: destination - ofDestination };
  }

  /** Counts what was saved since the last time; what an overtaken run could not save is counted by its successor. */
  #measure(name: string, relation: string, counts: Counts): void {
    const before = this.#measured.get(name);
    for (const outcome of RECORD_OUTCOMES) {
      const added = counts[outcome] - (before?.[outcome] ?? 0);
      if (added > 0) measure('Records', added, { Relation: relation, Outcome: outcome });
    }
    this.#measured.set(name, counts);
  }
}
