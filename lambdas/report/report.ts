import type { Kind } from '../domain/kinds.ts';
import type { Status } from '../domain/statuses.ts';
import type { Archives, PlanTotals } from '../store/changes.ts';
import type { Cause } from './causes.ts';
import type { Figures } from './figures.ts';
import type { Writes } from './writes.ts';

/** The figures of one relation. */
export interface RelationFigures extends Figures {
  /** GitLab's name, as in `stats`. */
  relation: string;
}

/** A group or project of the import. */
export interface ReportedEntity {
  id: number;
  type: 'group' | 'project';
  status: Status;
  sourceFullPath: string;
  /** `null` where nothing was made. */
  destinationFullPath: string | null;
  relations: RelationFigures[];
  /** Of a project in a plan, how large its archive would roughly be, in bytes; `null` where nobody knows. */
  archiveBytes: number | null;
  /** Problems of it. */
  problems: number;
}

/** Something that is not at the destination as it should be. */
export interface Problem {
  entityId: number;
  sourceFullPath: string;
  relation: string;
  /** Title or name of the record, when it is about one. */
  title: string | null;
  /** `failed`, of a plan `blocked`, while nothing was verified; else also what the verification has found. */
  kind: 'failed' | 'blocked' | 'different' | 'missing';
  /** Names of the fields that differ, as far as the message tells them. */
  fields: readonly string[];
  message: string;
  /** Whether it may go well another time. */
  retryable: boolean;
}

/** A subgroup or project that came to the source after the import. */
export interface NewAtSource {
  /** The group that has got it. */
  entityId: number;
  type: 'group' | 'project';
  sourceFullPath: string;
}

/** Records that were left out on purpose, for one reason. */
export interface SkippedRecords {
  relation: string;
  reason: string;
  count: number;
}

/** What was not moved, because it was ruled out or because it cannot be. */
export interface NotMigrated {
  /** By the name under which it is excluded, e.g. `projects`. */
  relation: string;
  /** How many records the source has; `null` where they were not counted. */
  source: number | null;
  /** Groups and projects of which it was not moved. */
  entities: number;
}

/**
 * What became of an import: the one model from which all formats are made, so that they tell the same. Titles, paths and
 * messages in it are as GitLabs have sent them; whoever writes them out makes them harmless.
 */
export interface Report {
  /** Of a plan it tells what an import would do. */
  kind: Kind;
  /** The id of the import, or of the plan. */
  importId: number;
  status: Status;
  attempt: number;
  /** Base URLs. */
  sourceUrl: string;
  destinationUrl: string;
  createdAt: string;
  /** When it ended, or changed last. */
  updatedAt: string;
  /** When the report was made. */
  madeAt: string;
  /** When both GitLabs were read again; `null` when they were not. */
  verifiedAt: string | null;
  /** Why the import as a whole was ended; `null` when it was not. */
  failure: string | null;
  /** How many groups and projects there are of each status. */
  statuses: Record<Status, number>;
  /** The plan that the import was bound to, if that is still there. */
  planId: number | null;
  /** What a plan has come to; `null` before its end, and for an import. */
  foreseen: PlanTotals | null;
  totals: Figures;
  /** Over all groups and projects; steps that move no records are not among them. */
  relations: RelationFigures[];
  /** What the archives of a plan would come to; `null` for an import. */
  archives: Archives | null;
  skips: SkippedRecords[];
  notMigrated: NotMigrated[];
  /** The most frequent first. */
  causes: Cause[];
  /** The first thousand. */
  problems: Problem[];
  problemsTotal: number;
  /** Subgroups and projects that came to the source after the import, as a verification has found; the first ones of each group. */
  newAtSource: NewAtSource[];
  /** What was written at the destination, as the audit events tell. */
  writes: Writes[];
  /** Whether all audit events were read, which those of a huge import are not. */
  areWritesWhole: boolean;
  /** Whether all failures were read, which those of a huge import are not. */
  isWhole: boolean;
  /** All, by id. */
  entities: ReportedEntity[];
}

/** Groups and projects that are listed as new at the source. */
export const MOST_NEW = 1_000;
/** Problems that are listed. */
export const MOST_PROBLEMS = 1_000;
