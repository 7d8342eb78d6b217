import * as z from 'zod/mini';
import {
  isTerminal,
  isTrackerTerminal,
  type Status,
  TRACKER_STATUSES,
  type TrackerStatus,
} from '../domain/statuses.ts';
import { foreseenSchema } from './changes.ts';
import { type Counts, countsSchema, NOTHING_COUNTED } from './counts.ts';
import { waitingSchema } from './waiting.ts';

const waitedSchema = z.object({
  /** Waits in a row. */
  times: z.int(),
  /** Seconds that these waits took, and what was tried between them. Not the clock's: who is stopped does not wait. */
  seconds: z.int(),
});

/** What waiting has taken, by what was waited for. */
export type Waited = Record<string, z.infer<typeof waitedSchema>>;

/**
 * Which records of a relation that has come to its end before are moved again: those that have `failed`, or also those that
 * are `new` at the source.
 */
const SCOPES = ['failed', 'new'] as const;
export type Scope = (typeof SCOPES)[number];

/** How much of a relation is moved again: all of it, as for the first time, or a scope of its records. */
export const REDONE = ['all', ...SCOPES] as const;
export type Redone = (typeof REDONE)[number];

/**
 * How far one relation of an entity has come. All trackers of an entity are in its item, so that one write saves them;
 * what has its default is left out, for DynamoDB bills each begun kilobyte of the whole item at every write.
 */
export const trackerSchema = z.object({
  /** GitLab's name of the relation. */
  relation: z.string(),
  status: z.enum(TRACKER_STATUSES),
  /** Where the page begins that is being worked on; `null` for the first one. */
  cursor: z._default(z.nullable(z.string()), null),
  /** How many records of that page are dealt with. */
  done: z._default(z.int(), 0),
  counts: z._default(
    z.extend(countsSchema, { skips: z._default(countsSchema.shape.skips, () => ({})) }),
    () => structuredClone(NOTHING_COUNTED),
  ),
  /** What it waits for, or waited for last; `null` when something was got done since. */
  waiting: z._default(z.nullable(waitingSchema), null),
  /** What waiting has taken since something was got done, by what was waited for. */
  waited: z._default(z.record(z.string(), waitedSchema), () => ({})),
  /**
   * Of a relation whose records GitLab takes twice, by a digest of the record's natural key: when it was sent, of those
   * whose response has not come.
   */
  unanswered: z.optional(z.record(z.string(), z.string())),
  /** What the relation itself wants to find again in the next run, such as the id of a job. */
  state: z.optional(z.record(z.string(), z.unknown())),
  /** Of a run that only looks, what would be done about what is counted as imported or failed. */
  foreseen: z.optional(foreseenSchema),
  /** Why it was failed from outside, for a run after that: whoever failed it may have died before the failure was written. */
  crash: z.optional(z.string()),
  /** Whether it is put off until all projects of the import have ended. */
  parked: z.optional(z.boolean()),
  /** Which records are moved, in an attempt after the one in which all of them were. */
  scope: z.optional(z.enum(SCOPES)),
  /** Which run of the relation alone has it, where the relations of a stage run apart; 0 before the first. */
  run: z._default(z.int(), 0),
});

export type Tracker = z.infer<typeof trackerSchema>;
export type { Counts };

/** The tracker of a relation that nobody has begun. */
export function newTracker(relation: string, status: TrackerStatus = 'created'): Tracker {
  return trackerSchema.parse({ relation, status });
}

const DEFAULTS = newTracker('');

/** A tracker as it is stored, without what has its default. */
export function trackerItem({ counts, ...tracker }: Tracker): Record<string, unknown> {
  const { skips, ...numbers } = counts;
  const changed = Object.entries(tracker).filter(
    ([name, value]) =>
      name === 'relation' ||
      name === 'status' ||
      (value !== undefined &&
        JSON.stringify(value) !== JSON.stringify(DEFAULTS[name as keyof typeof DEFAULTS])),
  );
  const isCounted = counts.source > 0 || counts.fetched > 0;
  return {
    ...Object.fromEntries(changed),
    ...(isCounted && { counts: { ...numbers, ...(Object.keys(skips).length > 0 && { skips }) } }),
  };
}

/**
 * A tracker of an entity as it is after the entity's end, however that came: whoever ends an entity ends, with the same
 * write, what is open in it. A relation of which an attempt was to move what had failed, and that it never began, is what
 * it was before: at its end, with those failures.
 */
export function endedWith(status: Status, tracker: Tracker): Tracker {
  if (isTrackerTerminal(tracker.status)) return tracker;
  if (!isTerminal(status)) return tracker;
  const ends: Partial<Record<Status, TrackerStatus>> = {
    finished: 'skipped',
    canceled: 'canceled',
    failed: 'failed',
    timeout: 'failed',
  };
  const isAsBefore = tracker.status === 'created' && tracker.scope === 'failed' && status !== 'canceled';
  const end = isAsBefore ? 'finished' : ends[status];
  return end === undefined ? tracker : { ...tracker, status: end, waiting: null };
}
