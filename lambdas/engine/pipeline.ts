import type { GitLabClient, Page } from '../gitlab/client.ts';
import type { Entity } from '../store/entities.ts';
import type { Import } from '../store/imports.ts';

/** What a pipeline can use while it runs for one entity. */
export interface PipelineContext {
  record: Import;
  entity: Entity;
  source: GitLabClient;
  destination: GitLabClient;
  /** Id of the destination's group. @throws before the `group` pipeline has made it */
  groupId(): number;
  /** What is known of requests for records that GitLab takes twice; only for pipelines with `removeTwins`. */
  sent?: SentRecords;
}

/** The records, by natural key, that were sent and perhaps not answered. Without it a twin is never noticed. */
export interface SentRecords {
  /** Sends a record, which is noted before. @throws RunOvertakenError when another run does so now */
  send<T>(key: string, request: () => Promise<T>): Promise<T>;
  /** Notes that a record is at the destination. */
  settle(key: string): void;
}

/** Why a record can be left out on purpose, as the counts of its relation show it. */
export const SKIP_REASONS = {
  no_public_email: 'The member has no public e-mail address at the source.',
  no_user: 'Nobody at the destination has the address of the member.',
  has_access: 'The member has as much access at the destination already.',
  importing_user: 'The member is the user who runs the import.',
  invitation: 'The invitation was not accepted at the source yet.',
  no_access: 'The membership gives no access.',
} as const;
export type SkipReason = keyof typeof SKIP_REASONS;

/** A record that is left out on purpose. */
export class Skip {
  readonly reason: SkipReason;

  constructor(reason: SkipReason) {
    this.reason = reason;
  }
}

/** Whether a record is at the destination now, or was left out on purpose. */
export type Loaded = 'imported' | Skip;

/** How a record is named in failures. */
export interface RecordName {
  /** Unique among the records of the pipeline and the same on every reading, e.g. the id at the source. */
  key: string;
  /** Title or name, for people. */
  title: string | null;
  /** Page of the record at the source, where it has one. */
  url?: string;
}

/**
 * How one relation moves: read from the source, changed into what the destination takes, written there.
 *
 * A pipeline knows nothing of paging, cursors, counting, waiting or failures: it throws, and the runner decides.
 *
 * - `extract` reads one page and must return records in the same order each time.
 * - `prepare` looks up what the destination has already, once per run; it may change what it returned as records are
 *   loaded.
 * - `transform` is pure; a `Skip` leaves the record out.
 * - `load` must find by its natural key what an earlier, interrupted run has written, and not write it again.
 */
export interface Pipeline<Source, Attributes, Known> {
  name: string;
  extract(context: PipelineContext, cursor: string | null): Promise<Page<Source>>;
  prepare(context: PipelineContext): Promise<Known>;
  nameOf(record: Source, context: PipelineContext): RecordName;
  transform(record: Source, context: PipelineContext): Attributes | Skip;
  load(attributes: Attributes, context: PipelineContext, known: Known): Promise<Loaded>;
  /**
   * Accounts, in failure rows, for what is not migrated because this pipeline has failed and its entity with it. What
   * `isWaitedFor` is true of it throws, and is called again later.
   */
  onAbort?(context: PipelineContext, isWaitedFor: (error: unknown) => boolean): Promise<void>;
  /**
   * Removes, where GitLab takes the same record twice, what requests of ours have made twice: of each of these records
   * all but the first. Called when a request that was sent again can have no effect any more.
   */
  removeTwins?(context: PipelineContext, isRepeated: (key: string) => boolean): Promise<void>;
  /** How many records are loaded at the same time; 1 where their order matters. */
  parallel: number;
}

/** A page with these records and none after it. */
export function onlyPage<T>(records: T[]): Page<T> {
  return { records, next: null, total: records.length };
}

/** The attributes that are neither absent nor `null`: GitLab is not sent what the source does not have. */
export function present<T extends Record<string, unknown>>(
  attributes: T,
): { [Name in keyof T]?: NonNullable<T[Name]> } {
  return Object.fromEntries(
    Object.entries(attributes).filter(([, value]) => value !== undefined && value !== null),
  ) as { [Name in keyof T]?: NonNullable<T[Name]> };
}
