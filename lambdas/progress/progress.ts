import type { Status } from '../domain/statuses.ts';
import type { Cause } from '../report/causes.ts';
import type { VerifiedFigures } from '../report/figures.ts';
import type { SkippedRecords } from '../report/report.ts';
import type { PlanTotals } from '../store/changes.ts';
import type { Counts } from '../store/counts.ts';
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

/** What groups and projects of an import wait for. */
export interface ImportWait extends WaitProgress {
  /** How many do. */
  entities: number;
}

/** How quickly an import goes on. */
export interface PaceProgress {
  /** Records of its groups that were dealt with, lately; `null` while that is not known, or there are none. */
  recordsPerMinute: number | null;
  /** Requests to each GitLab that names a limit, lately, and what that is. */
  requests: { instance: Waiting['instance']; perMinute: number; limit: number }[];
  /** Milliseconds that its groups still take, about; `null` where nobody can know. */
  left: number | null;
  /** Whether it has projects, which are no part of these records and of that time. */
  hasProjects: boolean;
}

/** A cause of failures, with the paths of its examples. */
export interface CauseProgress extends Omit<Cause, 'examples'> {
  examples: { path: string; title: string | null }[];
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
  /** Whether it is there. */
  isMade: boolean;
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
  destinationUrl: string;
  status: Status;
  /** `null` without one. */
  verification: VerificationProgress | null;
  /** The plan that it was bound to; `null` without one. */
  planId: number | null;
  /** 1, and one more for each retry. */
  attempt: number;
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
  /** What caused them, of those that were read, the most frequent first; and how many causes there are. */
  causes: CauseProgress[];
  causesTotal: number;
  /** What was left out on purpose, of the entities that were read. */
  skips: SkippedRecords[];
  /** What they wait for. */
  waits: ImportWait[];
  /** `null` while it is not known, and of an import that does not run. */
  pace: PaceProgress | null;
  /** Those that are shown. */
  entities: EntityProgress[];
}

/** The last verification of an import, if that holds of what is there. */
export interface VerificationProgress {
  status: Status;
  /** When it began or, if it has ended, when that was. */
  at: string;
  /** `null` before its end. */
  figures: VerifiedFigures | null;
}

/** A plan, of which the page shows what it has come to. */
export interface PlanProgress {
  id: number;
  sourceUrl: string;
  status: Status;
  createdAt: string;
  /** Groups and projects that were found. */
  entities: number;
  hasBlockers: boolean;
  /** Why it was ended from outside; `null` when it was not. */
  failure: string | null;
  /** What it has come to; `null` before its end. */
  totals: PlanTotals | null;
}

export interface Progress {
  now: string;
  /** All imports in flight, shown or not. */
  inFlight: number;
  open: ImportProgress[];
  ended: ImportProgress[];
  /** The newest. */
  plans: PlanProgress[];
}
