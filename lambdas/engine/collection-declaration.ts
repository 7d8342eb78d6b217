import type { GroupRead } from '../gitlab/api/group-read.ts';
import type { KnownGroup } from '../gitlab/api/source-members.ts';
import type { GitLabClient, Page } from '../gitlab/client.ts';
import type { DocumentPart, PipelineContext, RecordName, RelationEntry } from './relation.ts';

/** Writes about one record that is at the destination. */
export type WriteTo<Shown> = (client: GitLabClient, groupId: number, record: Shown) => Promise<Shown>;

/**
 * What became of one record of a request for several: it was made; its key is taken; it was refused, or the whole
 * request unread, so that it may be sent alone; or nobody knows.
 */
export type CreatedOfMany<Shown> =
  | { kind: 'created'; record: Shown }
  | { kind: 'taken' }
  | { kind: 'refused' | 'document_refused' | 'unknown'; error: unknown };

/**
 * A relation of many records that are alike and told apart by a key: read here, existing there, created where they are
 * missing. What is there already is left as it is.
 */
export interface Collection<Source, Wanted extends object, Shown extends { id: number }>
  extends RelationEntry {
  /** What one record is called in failures. */
  what: string;
  /** One page of the source's records. */
  read(client: GitLabClient, group: KnownGroup, cursor: string | null): Promise<Page<Source>>;
  /** The first page of them in what is read of the source's group as a whole, where that has them. */
  part?: Pick<DocumentPart<Source>, 'only'> & { page(group: GroupRead): Page<Source> | undefined };
  /** All that the destination's group has itself. */
  existing(client: GitLabClient, groupId: number): Promise<Shown[]>;
  /** All that can be used in the group, those of the groups above it among them, where these stand for its own. */
  usable?(client: GitLabClient, groupId: number): Promise<Shown[]>;
  /** What a verification compares besides what is wanted. */
  compared?(record: Source): object;
  /** By what a record is found again. */
  keyOf(record: Wanted | Shown): string;
  /** How failures name a record; by its key without it. */
  nameOf?: (record: Source, context: PipelineContext) => RecordName;
  /** What the destination should have. */
  want(record: Source): Wanted;
  create(client: GitLabClient, groupId: number, wanted: Wanted): Promise<Shown>;
  /**
   * Creates several by one request, and one alone in the same way, so that it is told by no chance of paging how a record is
   * made. Those of which it is not known whether they are there are looked up by their keys.
   */
  createMany?: {
    /** So many at most. */
    size: number;
    create(client: GitLabClient, groupFullPath: string, wanted: Wanted[]): Promise<CreatedOfMany<Shown>[]>;
  };
  /**
   * What is written instead of an attribute that the destination refuses, `undefined` for nothing. The refusal of one
   * that is not here is that of the record.
   */
  optional?: { [Name in keyof Wanted]?: Wanted[Name] | undefined };
  /** What the destination does not take at a record's creation, and is set after it; at one that was there, too. */
  afterwards?: { attributes: (keyof Wanted)[]; write: WriteTo<Shown> };
  /** Whether a refusal says that there is such a record, in the group or above it, which can be used here. */
  isTaken?: (error: unknown) => boolean;
  /** Whether it says that the group itself has one: then a request without a response may have made it. */
  isTakenHere?: (error: unknown) => boolean;
  /**
   * When a record was made. What is missing in one that was made since the import began is told: the run that has made
   * it may have been interrupted before it could.
   */
  createdAt?: (record: Shown) => string | null | undefined;
  /** Whether GitLab takes the same record twice, so that one that may have been sent is not sent again at once. */
  isTakenTwice?: true;
}
