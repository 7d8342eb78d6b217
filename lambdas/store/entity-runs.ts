import type { Instance } from '../domain/errors.ts';
import { type Condition, entityIsOfAttempt, statusIsOneOf } from './conditions.ts';
import { changeEntity, statusKeys } from './entities.ts';
import type { Entity, EntityKey } from './entity.ts';
import { keys } from './keys.ts';
import { changeItem } from './table-updates.ts';
import { newTracker, type Tracker, trackerItem } from './trackers.ts';

/** Where an entity is about to create its group. */
export type PathNote = Pick<Entity, 'claimedFullPath' | 'claimedAt' | 'attemptedAt'>;

/**
 * Begins a run: the entity belongs to it from now on. `undefined` when the entity has ended, or another attempt has had it
 * since it was read.
 */
export async function startRun(
  entity: EntityKey & Partial<Pick<Entity, 'attempt' | 'status'>>,
): Promise<Entity | undefined> {
  const begins = {
    begunAt: new Date().toISOString(),
    sourceRequests: 0,
    destinationRequests: 0,
  } satisfies Partial<Entity>;
  return changeEntity(entity, {
    set: { ...statusKeys(entity, 'started'), alone: null, ...(entity.status === 'created' && begins) },
    add: { run: 1, deaths: 1 },
    when: [statusIsOneOf(['created', 'started']), entityIsOfAttempt(entity)],
  });
}

/**
 * Begins a run of one relation alone, within a run of the entity. `undefined` when that run is not the latest any more, or
 * somebody else has begun one of the relation since the entity was read.
 *
 * @param relation GitLab's name of it, for a tracker that is not there yet: DynamoDB sets nothing within what is not there
 */
export async function startRunOf(
  entity: Pick<Entity, 'id' | 'importId' | 'run' | 'trackers'>,
  name: string,
  relation: string,
): Promise<Entity | undefined> {
  const tracker = entity.trackers[name];
  const set =
    tracker === undefined
      ? { [`trackers.${name}`]: trackerItem({ ...newTracker(relation), run: 1 }) }
      : { [`trackers.${name}.run`]: tracker.run + 1 };
  return changeEntity(entity, {
    set,
    when: [isLatest(entity), isLatestOf({ name, run: tracker?.run ?? 0 })],
  });
}

/** How many requests were sent to each GitLab. */
export type Requests = Readonly<Record<Instance, number>>;

export const NOTHING_SENT: Requests = { source: 0, destination: 0 };

/** What a run saves at a time, in one write that is done only if the run is the latest and the entity has not ended. */
export interface RunChanges {
  /** Trackers that have changed, by name. */
  trackers?: Record<string, Tracker>;
  /** The claim of the entity, what it has become, what was counted, and which relation is alone in hand. */
  set?: Partial<
    PathNote &
      Pick<
        Entity,
        | 'namespaceId'
        | 'projectId'
        | 'counted'
        | 'awaitsArchiving'
        | 'notMigrated'
        | 'compared'
        | 'newAtSource'
        | 'archiveBytes'
        | 'redo'
        | 'arrivedBefore'
        | 'destinationFullPath'
        | 'destinationCreatedAt'
        | 'destinationShown'
        | 'alone'
        | 'deaths'
        | 'hasOpenWrites'
        | 'failuresRecorded'
      >
  >;
  /** Requests that were sent to each GitLab since the last save. */
  sent?: Requests;
  /** How the entity ends, at the end of its last run. */
  end?: { status: 'finished' | 'failed'; hasFailures: boolean };
}

/**
 * Saves what a run has done. Returns false when another run has taken over, or the entity has ended.
 *
 * @param alone the relation that the run has in hand alone, beside other runs for those of the same stage
 */
export async function saveRun(
  entity: EntityKey & Pick<Entity, 'run'>,
  { trackers = {}, set = {}, sent = NOTHING_SENT, end }: RunChanges,
  alone?: { name: string; run: number },
): Promise<boolean> {
  const changed = Object.entries(trackers).map(([name, tracker]) => [
    `trackers.${name}`,
    trackerItem(tracker),
  ]);
  return changeItem(keys.entity(entity.importId, entity.id), {
    set: {
      ...Object.fromEntries(changed),
      ...set,
      ...(end !== undefined && { ...statusKeys(entity, end.status), hasFailures: end.hasFailures }),
      updatedAt: new Date().toISOString(),
    },
    // Added, since the relations of a stage can have a run each.
    add: {
      ...(sent.source > 0 && { sourceRequests: sent.source }),
      ...(sent.destination > 0 && { destinationRequests: sent.destination }),
    },
    when: [isLatest(entity), ...(alone === undefined ? [] : [isLatestOf(alone)])],
  });
}

function isLatest({ run }: Pick<Entity, 'run'>): Condition {
  return {
    expression: '#status = :started AND #run = :run',
    names: { '#status': 'status', '#run': 'run' },
    values: { ':started': 'started', ':run': run },
    needsItem: true,
  };
}

function isLatestOf({ name, run }: { name: string; run: number }): Condition {
  const names = { '#trackers': 'trackers', '#one': name, '#run': 'run' };
  // As a tracker is stored before its first run.
  if (run === 0) return { expression: 'attribute_not_exists(#trackers.#one.#run)', names };
  return { expression: '#trackers.#one.#run = :oneRun', names, values: { ':oneRun': run } };
}

/**
 * Ends a relation whose run has died, from outside: no run of it that still lives can save after it.
 *
 * @param tracker its tracker, with the reason
 * @param ranApart whether the run had this relation alone, beside runs of others, which go on
 * @returns the entity after it; `undefined` when it has ended, or somebody has begun another run
 */
export async function failTracker(
  entity: EntityKey & Pick<Entity, 'run'>,
  name: string,
  tracker: Tracker & { crash: string },
  ranApart = false,
): Promise<Entity | undefined> {
  const run = ranApart ? tracker.run + 1 : tracker.run;
  return changeEntity(entity, {
    set: {
      [`trackers.${name}`]: trackerItem({ ...tracker, status: 'failed', waiting: null, run }),
      // What comes next has not died yet.
      ...(!ranApart && { deaths: 0 }),
    },
    ...(!ranApart && { add: { run: 1 } }),
    when: [isLatest(entity)],
  });
}
