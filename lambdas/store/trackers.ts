import * as z from 'zod/mini';
import { isTrackerTerminal, TRACKER_STATUSES, type TrackerStatus } from '../domain/statuses.ts';
import { type Counts, countsSchema, NOTHING_COUNTED } from './counts.ts';
import { importPk, keys, TRACKER_PREFIX, trackerPrefix } from './keys.ts';
import { getItem, type Item, putNewItem, queryItems, statusIsOneOf, updateItem } from './table.ts';
import { waitingSchema } from './waiting.ts';

const VERSION = 1;

const waitedSchema = z.object({
  /** Waits in a row. */
  times: z.int(),
  /** Seconds that these waits took, and what was tried between them. Not the clock's: who is stopped does not wait. */
  seconds: z.int(),
});

/** What waiting has taken, by what was waited for. */
export type Waited = Record<string, z.infer<typeof waitedSchema>>;

const trackerSchema = z.object({
  v: z.literal(VERSION),
  importId: z.int(),
  entityId: z.int(),
  stage: z.int(),
  pipeline: z.string(),
  status: z.enum(TRACKER_STATUSES),
  /** How often the pipeline was run. Only the latest run may save: an older one that still lives has lost. */
  run: z.int(),
  /** Where the page begins that is being worked on; `null` for the first one. */
  cursor: z.nullable(z.string()),
  /** How many records of that page are dealt with. */
  done: z.int(),
  counts: countsSchema,
  /** What it waits for, or waited for last; `null` when something was got done since. */
  waiting: z.nullable(waitingSchema),
  /** What waiting has taken since something was got done, by what was waited for. */
  waited: z.record(z.string(), waitedSchema),
  /**
   * Of a relation whose records GitLab takes twice, by a digest of the record's natural key: when it was sent, of those
   * whose response has not come.
   */
  unanswered: z.optional(z.record(z.string(), z.string())),
  /** Those that were sent again without a response to the first request: when the one before the last was sent. */
  repeated: z.optional(z.record(z.string(), z.string())),
  updatedAt: z.string(),
});

/** How far one pipeline of one entity has come. */
export type Tracker = Omit<z.infer<typeof trackerSchema>, 'v'>;
export type { Counts };

type TrackerId = Pick<Tracker, 'importId' | 'entityId' | 'stage' | 'pipeline'>;

const keyOf = (id: TrackerId) => keys.tracker(id.importId, id.entityId, id.stage, id.pipeline);

function fromItem(item: Item): Tracker {
  const { v: _, ...tracker } = trackerSchema.parse(item);
  return tracker;
}

/** Writes a tracker in `created`. Does nothing when it exists. */
export async function createTracker(id: TrackerId): Promise<void> {
  await putNewItem({
    ...keyOf(id),
    v: VERSION,
    ...id,
    status: 'created',
    run: 0,
    cursor: null,
    done: 0,
    counts: NOTHING_COUNTED,
    waiting: null,
    waited: {},
    updatedAt: new Date().toISOString(),
  } satisfies Tracker & Item);
}

/** Reads a tracker that the caller knows to exist. */
export async function getTracker(id: TrackerId): Promise<Tracker> {
  const item = await getItem(keyOf(id));
  if (item === undefined)
    throw new Error(`The ${id.pipeline} tracker of entity ${id.entityId} does not exist.`);
  return fromItem(item);
}

/** Starts a run: the tracker becomes `started` and belongs to this run from now on. `undefined` if it has ended. */
export async function startRun(id: TrackerId): Promise<Tracker | undefined> {
  const result = await updateItem(keyOf(id), {
    set: { status: 'started', updatedAt: new Date().toISOString() },
    add: { run: 1 },
    when: [statusIsOneOf(['created', 'started'])],
  });
  return result.applied ? fromItem(result.item) : undefined;
}

/** Saves what a run has done. Returns false when another run has taken over or the tracker has ended. */
export async function saveTracker(tracker: Tracker): Promise<boolean> {
  const { status, cursor, done, counts, waiting, waited, unanswered, repeated, run } = tracker;
  const result = await updateItem(keyOf(tracker), {
    set: {
      ...{ status, cursor, done, counts, waiting, waited, updatedAt: new Date().toISOString() },
      ...(unanswered !== undefined && { unanswered }),
      ...(repeated !== undefined && { repeated }),
    },
    when: [
      statusIsOneOf(['created', 'started']),
      { expression: '#run = :run', names: { '#run': 'run' }, values: { ':run': run } },
    ],
  });
  return result.applied;
}

/** Ends a tracker that has not ended, whoever runs it. */
export async function endTracker(id: TrackerId, status: 'failed' | 'skipped' | 'canceled'): Promise<void> {
  await updateItem(keyOf(id), {
    set: { status, updatedAt: new Date().toISOString() },
    when: [statusIsOneOf(['created', 'started'])],
  });
}

/** All trackers of an entity, in the order of their stages. */
export async function listTrackers(importId: number, entityId: number): Promise<Tracker[]> {
  return (await queryItems(importPk(importId), { beginsWith: trackerPrefix(entityId) })).map(fromItem);
}

/** The ids of an import's entities that have a tracker that has not ended. */
export async function entitiesWithOpenTrackers(importId: number): Promise<Set<number>> {
  const items = await queryItems(importPk(importId), {
    beginsWith: TRACKER_PREFIX,
    attributes: ['entityId', 'status'],
  });
  const open = items.filter(({ status }) => !isTrackerTerminal(status as TrackerStatus));
  return new Set(open.map(({ entityId }) => Number(entityId)));
}
