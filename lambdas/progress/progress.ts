import type { Status } from '../domain/statuses.ts';
import type { Counts } from '../store/counts.ts';
import type { Failure } from '../store/failures.ts';
import type { Waiting } from '../store/waiting.ts';

/** What the page shows. */

/** What a group or project waits for, and the relations that do. */
export interface WaitProgress {
  instance: Waiting['instance'];
  reason: string;
  /** When the last of them is tried again. */
  until: string;
  relations: string[];
}

/** How many failures there are: exactly, or at least, when not all of them were read. */
export interface FailureCount {
  known: number;
  isExact: boolean;
}

export interface EntityProgress {
  id: number;
  source: string;
  /** Where the group or project is, or will be. */
  destination: string;
  status: Status;
  records: Counts;
  relations: ({ name: string } & Counts)[];
  /** By the GitLab and the reason; empty when nothing waits. */
  waits: WaitProgress[];
  failures: FailureCount;
}

export interface ImportProgress {
  id: number;
  sourceUrl: string;
  status: Status;
  createdAt: string;
  updatedAt: string;
  /** Over all entities, shown or not. */
  statuses: Record<Status, number>;
  /** The same, unless it has too many of them. */
  records: Counts;
  /** Whether it has, so that there are more records than those. */
  hasMoreRecords?: boolean;
  /** Whether it has ended with failures. */
  hasFailures: boolean;
  /** Why it was ended before its groups and projects had come to their own ends; `null` when it was not. */
  failure: string | null;
  failures: FailureCount;
  /** Those that are shown. */
  entities: EntityProgress[];
}

/** A failure, and where it was. */
export interface LastFailure extends Failure {
  /** Path of the group or project at the source. */
  path: string;
}

export interface Progress {
  now: string;
  /** All imports in flight, shown or not. */
  inFlight: number;
  open: ImportProgress[];
  ended: ImportProgress[];
  lastFailures: LastFailure[];
}
