import type { GroupRead, WantedGroup } from '../gitlab/api/group-read.ts';
import type { GroupPart } from '../gitlab/api/group-read-plan.ts';
import type { GitLabClient, Page } from '../gitlab/client.ts';
import type { LaneName } from '../platform/lanes.ts';
import type { AuditEvent } from '../store/audit-events.ts';
import type { Entity } from '../store/entity.ts';
import type { PathNote } from '../store/entity-runs.ts';
import type { PipelineStep } from '../store/failures.ts';
import type { Import } from '../store/imports.ts';

/** What a relation can note of its entity: where its group or project is about to be, and then is. */
export type EntityNote = Partial<
  PathNote &
    Pick<
      Entity,
      | 'namespaceId'
      | 'projectId'
      | 'destinationFullPath'
      | 'destinationCreatedAt'
      | 'destinationShown'
      | 'counted'
      | 'awaitsArchiving'
      | 'notMigrated'
      | 'compared'
      | 'newAtSource'
      | 'archiveBytes'
      | 'deaths'
    >
>;

/** What is written into at the destination. */
export interface Target {
  kind: 'group' | 'project';
  id: number;
}

/** What a relation keeps in its tracker for its own next run. It lives as long as the relation is under way. */
export interface RelationState {
  get(): Readonly<Record<string, unknown>>;
  /** Replaces it; the next save writes it. */
  set(state: Record<string, unknown>): void;
}

/** What a relation can use while it is moved for one entity. */
export interface PipelineContext {
  bulkImport: Import;
  entity: Entity;
  source: GitLabClient;
  destination: GitLabClient;
  /**
   * What one document tells of the source's group; `undefined` when the source does not tell it. Absent in a run that
   * reads relation by relation.
   */
  document?: () => Promise<GroupRead | undefined>;
  /** What the entity is at the destination. @throws before `group` or `project` has made it */
  target(): Target;
  /** Whether this is the first try: no earlier run of the entity, and no trouble of the relation in this one. */
  isFirstTry: boolean;
  /** Whether the run only looks: it decides about every record, and writes none. */
  isClosed: boolean;
  /**
   * Whether the group was made by this very run, and the relation has met no trouble in it, so that nothing is in it that
   * nobody knows of.
   */
  isFresh: boolean;
  /** When the run should be over; epoch ms. Before a record is begun half a minute is left. */
  deadline: number;
  state: RelationState;
  /** Notes something of the entity itself, which the next save writes. */
  noteOnEntity(note: EntityNote): void;
  /** Saves what was noted. @throws RunOvertakenError when another run has taken over */
  save(): Promise<void>;
  /** Has another relation of the entity begin anew, at the next run. */
  reopen(name: string): void;
  /** Writes the failure of a record, of which there may be several per record under different keys. */
  recordFailure(step: PipelineStep, name: RecordName, error: unknown): Promise<void>;
  /** What is known of requests for records that GitLab takes twice; only for relations with `isTakenTwice`. */
  sent?: SentRecords;
  /** What was written down of all that was sent. */
  audit?: RecordAudit;
}

/** A write as it was written down before it was sent. */
export type SentWrite = Pick<AuditEvent, 'target' | 'targetId' | 'title' | 'within'>;

/** The writes of one relation of which nobody knows yet what became of them. */
export interface RecordAudit {
  /** Whether there can be any. */
  readonly isInDoubt: boolean;
  /** Writes down that the record of these writes is at the destination. */
  found(isAbout: (write: SentWrite) => boolean): Promise<void>;
}

/** The records, by natural key, that were sent and perhaps not answered. Without it a twin can be made. */
export interface SentRecords {
  /** Notes what is sent next, in one write. @throws RunOvertakenError when another run does so now */
  note(keys: readonly string[]): Promise<void>;
  /**
   * Sends a record that was noted.
   *
   * @param isKnown whether a response settles what became of it; it does by default
   */
  send<T>(key: string, request: () => Promise<T>, isKnown?: boolean): Promise<T>;
  /**
   * Sends several that were noted by one request.
   *
   * @param isKnown whether by this it is known for good what became of a record
   */
  sendTogether<T>(
    keys: readonly string[],
    request: () => Promise<T[]>,
    isKnown: (result: T) => boolean,
  ): Promise<T[]>;
  /** Notes that a record is at the destination, or was not sent after all. */
  settle(key: string): void;
  /**
   * Whether one of these was sent before, and it is not known what became of it. Its request can have no effect any
   * more, so that one more look tells.
   *
   * @throws TemporaryError as long as it may
   */
  areInDoubt(keys: Iterable<string>): boolean;
}

/** Why a record can be left out on purpose, as the counts of its relation show it. */
export const SKIP_REASONS = {
  no_public_email: 'The member has no public e-mail address at the source.',
  no_user: 'Nobody at the destination has the address of the member.',
  has_access: 'The member has as much access at the destination already.',
  importing_user: 'The member is the user who runs the import.',
  invitation: 'The invitation was not accepted at the source yet.',
  mapped_to_nobody: 'The user mapping leaves the member out.',
  no_access: 'The membership gives no access.',
  awaits_deletion: 'The project waits for its deletion at the source.',
} as const;
export type SkipReason = keyof typeof SKIP_REASONS;

/** A record that is left out on purpose. */
export class Skip {
  readonly reason: SkipReason;

  constructor(reason: SkipReason) {
    this.reason = reason;
  }
}

/** A record that is at the destination, and not as it should be there. */
export class Change {
  /** What differs, in words; empty where that is found out only as it is written. */
  readonly differs: readonly string[];

  constructor(differs: Iterable<string> = []) {
    this.differs = [...differs];
  }
}

/** What is to be done about a record. */
export type Decision = 'create' | 'keep' | Change | Skip;

/** How a record is named in failures. */
export interface RecordName {
  /** Unique among the records of the pipeline and the same on every reading, e.g. the id at the source. */
  key: string;
  /** Title or name, for people. */
  title: string | null;
  /** Page of the record at the source, where it has one. */
  url?: string;
  /** As what its failure is shown, where that is another relation's than the one that has found it. */
  as?: { relation: string; pipelineClass: string; correlationId?: string | null };
  /** Its number within its project, by which GitLab knows it again. */
  iid?: number;
  /**
   * The relation, by its name, that brings it in a later attempt, where that is none of its own records: a failure with it
   * has that relation moved again.
   */
  broughtBy?: string;
}

/** What a relation takes from the one document that is read of the source's group. */
export interface DocumentPart<Source> {
  /** The part of the document that nothing else needs: it is not asked for where the entity does not have the relation. */
  only?: GroupPart;
  /** What is asked for that is not asked for anyway. */
  asks?(of: Pick<PipelineContext, 'entity' | 'bulkImport'>): Pick<WantedGroup, 'memberRelations'>;
  /** The relation's first page; `undefined` where the document does not have it, so that `read` is asked. */
  page(
    group: GroupRead,
    context: PipelineContext,
  ): Promise<Page<Source> | undefined> | Page<Source> | undefined;
  /** The cursor under which `read` reads this page again, where the page of no cursor has other records or another order. */
  cursor?: string;
}

/** What is known of a relation without moving it. */
export interface RelationEntry {
  /** Name of the tracker, and of the file that has the relation. */
  name: string;
  /** GitLab's name of the pipeline, as failures show it. */
  pipelineClass: string;
  /** GitLab's name of the relation, as failures and `stats` show it. */
  relation: string;
  /** Whether the entity fails as a whole when this relation fails. */
  abortOnFailure?: boolean;
  /** Whether an entity that does not say so has it; it has by default. */
  optIn?: boolean;
  /** The edition that a GitLab needs for it, where that is not the Free one: failures say so. */
  edition?: 'premium';
  /** The lane that it needs, where that is not the one in which its entity begins. */
  lane?: LaneName;
  /** Whether it is moved after all projects of the import have ended, if there is anything to move. */
  afterProjects?: true;
  /**
   * Whether each later attempt that has the entity goes through it, although it had ended: to `check` what it has made, or
   * to do it `again`. Others do only where they have failed, or all is to be compared.
   */
  inRetries?: 'check' | 'again';
  /** The relation that needs what this one brings, and has it no longer when that has ended. */
  feeds?: string;
  /** The relation of which it tells what has come: whenever that is moved again as a whole, so is this. */
  tellsOf?: string;
  /** Whether its records are entities of the import and at no GitLab, so that a run that only looks makes them, too. */
  makesEntities?: true;
  /** Whether what it brings comes as a whole, so that once it has come nothing in it is new. */
  comesWhole?: true;
}

/** A relation at its place in the stage table. */
export type StagedEntry = RelationEntry & { stage: number };

/**
 * What became of one of several records that were created by one request: it is there, left out, or failed with an
 * error of its own (trouble that passes when it is not known whether it is there). `alone` must be sent by itself, as
 * one that was refused, so that its refusal says why; `unsent` was not sent since one before it met trouble.
 */
export type OneOfMany = 'imported' | Skip | { error: unknown } | 'alone' | 'unsent';

/**
 * How many records are created at once. Records of one request share its fate: after a lost answer each of them is
 * looked up by its key before it is sent again.
 */
export interface Many<Wanted, Existing> {
  /** So many at most. */
  size: number;
  /** Fewer than that are created singly. */
  least?: number;
  /**
   * Creates them. What it throws is met by each of them; a refusal of the whole has them created singly.
   *
   * @returns what became of each, in order; of those at the end that were not sent nothing need be said. `undefined` when
   *   this destination does not take them together
   */
  create(wanted: Wanted[], context: PipelineContext, existing: Existing): Promise<OneOfMany[] | undefined>;
}

/**
 * What a run that only looks says of a record that would be written: how many records of the destination that would
 * write, itself included, and how many people get an e-mail.
 */
export interface Outlook {
  writes: number;
  emails?: number;
  /** Whether only the attempt can tell if the destination takes it. */
  isUnknown?: boolean;
  /** What of it the destination cannot have, so that it would fail, in part. */
  problem?: Error;
}

/** What a relation says in a run that only looks, where that is more than its decisions. */
export interface Planned<Source, Wanted, Existing> {
  /** What there would be in a group or project that does not exist yet; `nothing`, or `existing`, without it. */
  existing?(context: PipelineContext): Promise<Existing>;
  /**
   * What would be done about a record; one write without it. It notes in `existing` what would be there then, so that
   * what comes after it finds that.
   *
   * @throws what stands against the record
   */
  outlook?(
    wanted: Wanted,
    decision: Decision,
    context: PipelineContext,
    existing: Existing,
  ): Outlook | Promise<Outlook>;
  /** Is told of each record that was decided about, whatever it would come to. */
  note?(record: Source, context: PipelineContext): Promise<void>;
}

/**
 * How one relation moves: read from the source, changed into what the destination takes, compared with what is there,
 * and written. Most relations are a `collection` or a `setting`, and write none of this out.
 *
 * A relation knows nothing of paging, cursors, counting, waiting or failures: it throws, and the engine decides.
 *
 * - `part` takes the first page from what was read of the group as a whole; `read` reads one page by itself. Both must
 *   return records in the same order each time.
 * - `existing` looks up what the destination has already, once per run; whoever writes keeps it up to date.
 * - `want` is pure; a `Skip` leaves the record out.
 * - `decide` changes nothing at a GitLab. It must find by its natural key what an earlier, interrupted run has written.
 * - `create` and `change` write; a `Skip` that they return leaves the record out, as when somebody else was faster.
 */
export interface Relation<Source, Wanted, Existing> extends RelationEntry {
  part?: DocumentPart<Source>;
  read(context: PipelineContext, cursor: string | null): Promise<Page<Source>>;
  existing(context: PipelineContext): Promise<Existing>;
  /**
   * In a later attempt of the import, looks whether what an earlier one has made can still be written into. What it throws
   * is the failure of the relation.
   */
  checkAgain?(context: PipelineContext): Promise<void>;
  /** Of one with `afterProjects`, whether a record waits for them; each does by default. */
  waitsForProjects?(record: Source): boolean;
  /**
   * Of one with `afterProjects`, in a later attempt that moves projects again: takes back what it has set after them before,
   * where that keeps them from being moved.
   */
  openForProjects?(context: PipelineContext): Promise<void>;
  /** What there is in a group that this very run has made; `existing` is not asked for it. */
  nothing?(): Existing;
  nameOf(record: Source, context: PipelineContext): RecordName;
  want(record: Source, context: PipelineContext): Wanted | Skip;
  decide(wanted: Wanted, existing: Existing, context: PipelineContext): Decision | Promise<Decision>;
  create?(wanted: Wanted, context: PipelineContext, existing: Existing): Promise<unknown>;
  /**
   * Whether a refusal of `create` says that there is such a record, so that it was made since the look-up, by a run of
   * the same entity that still lives or by somebody else: it is looked up again, and decided about anew.
   */
  isTakenHere?(error: unknown): boolean;
  /** Instead of `create`, for several of one page. No two of them may have the same key. */
  many?: Many<Wanted, Existing>;
  change?(wanted: Wanted, context: PipelineContext, existing: Existing): Promise<unknown>;
  /**
   * For verifications: what of a record is at the destination other than at the source, in words; `undefined` when it is
   * not there. Without it the decision says that.
   */
  differences?(
    record: Source,
    wanted: Wanted,
    context: PipelineContext,
    existing: Existing,
  ): readonly string[] | undefined | Promise<readonly string[] | undefined>;
  /** What it says in a run that only looks. */
  planned?: Planned<Source, Wanted, Existing>;
  /**
   * Accounts, in failure rows, for what is not migrated because this relation has failed and its entity with it. What
   * `isWaitedFor` is true of it throws, and is called again later.
   */
  onAbort?(context: PipelineContext, isWaitedFor: (error: unknown) => boolean): Promise<void>;
  /**
   * Whether a write that was sent before was about this record. By default it is told by the title that it stated, and
   * where it stated none, it was about the only one.
   */
  isAbout?(write: SentWrite, wanted: Wanted): boolean;
  /** Whether GitLab takes the same record twice, so that what is sent is noted before. */
  isTakenTwice?: true;
  /** How many records are dealt with at the same time; 1 where their order matters. */
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
