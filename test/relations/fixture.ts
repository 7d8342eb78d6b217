import type { Changes } from '../../lambdas/store/changes.ts';
import type { SampleGroup, SampleGroupSeed } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import type { Bench, Migration } from '../support/service/pipeline-bench.ts';

/** A kind of request that a relation sends. */
export interface RelationRequest {
  /** A `read` goes to the source, as does the `order` of an export; the others go to the destination. */
  role: 'read' | 'order' | 'look-up' | 'write';
  /** Method and path, with names for what differs from group to group. */
  request: string;
  /** Only this page of a list. */
  page?: string;
  /**
   * Sent only when a group's creation was not answered: what it may have made is looked for, and proved to be ours. Or when
   * a project's import was interrupted: what it has left is deleted. Or when it has left a record out, which a retry brings.
   * Or when the document by which records are made together was refused: each is made alone.
   */
  after?: 'lost creation' | 'unread document' | 'refused document' | 'interrupted import' | 'left out record';
  /** Sent only to destinations of this version. */
  version?: string;
  /**
   * Whether smaller requests make up for one that is refused, or that brings nothing of use: then everything arrives all
   * the same, or what the smaller ones meet is told.
   */
  isMadeUpFor?: true;
  /** Whether it asks for what is good to know, and no more: what cannot be counted is told once, when all was tried. */
  isAside?: true;
  /** Whether a whole archive goes with it. */
  isStream?: true;
}

/** What every relation does, told once in `contract.ts`. */
export type Story =
  | 'moves'
  | 'plan'
  | 'missing'
  | 'different'
  | 'new at source'
  | 'rerun'
  | 'refused'
  | 'next page'
  | 'throttled'
  | 'lost answer'
  | 'two runs';

/** Changes at a destination. */
type RecordChanges = Readonly<Record<string, (group: SampleGroup, gitlab: SampleGitLab) => void>>;

/** All that tests know of one relation; what its records are is in `lib/gitlab-simulator/relation-records.ts`. */
export interface RelationFixture {
  /** All that it asks the two GitLabs for: the fault matrix meets each of them with every fault. */
  requests: readonly RelationRequest[];

  /** Contents of a group at the source with so many records. It may need people. */
  seed(count: number, bench: Bench): Partial<SampleGroupSeed>;
  /** The subgroups that it has, for so many records. */
  subgroups?(count: number): SampleGroupSeed[];
  /** How many records there can be; as many as one likes without it. */
  most?: number;
  /** What has to be at the destination before. */
  before?(count: number, bench: Bench): Partial<SampleGroupSeed>;
  /** Whether there are destinations that take its records only one by one. */
  isSentAloneToo?: true;
  /** Whether it makes the group itself. */
  makesGroup?: true;
  /** How failures call a record, by its number. */
  titleOf(index: number): string;
  /** What is in every write for a record, and in none for another; its title without it. */
  markOf?(index: number, bench: Bench): string;
  /** The class of a failure when the destination refuses a record; `BulkImports::NetworkError` without it. */
  refusedAs?: string;
  /** What becomes of the records; without it, all are imported. */
  endsAs?: 'failed';
  /** Whether a record that is found where an unanswered request has put it may count as skipped. */
  isFoundAsSkip?: true;
  /** Of a plan of so many records, what becomes of them; without it all are created. */
  planned?(count: number): Partial<Changes>;
  /** Why a second run writes, and changes nothing. */
  writesAgain?: string;
  /** Takes a record away from a group, by its number. @returns what puts it back */
  take?(group: SampleGroup, index: number, gitlab: SampleGitLab): () => void;
  /** What can be changed of its first record, by what the failure of a verification calls that. */
  changes?: RecordChanges;
  /** The same of others, by their numbers, where the source has more or less of them. */
  changesOfOthers?: Readonly<Record<number, RecordChanges>>;

  /** What cannot happen to this relation. */
  skip?: readonly { story: Story; reason: string }[];

  /** What is compared of a GitLab in place of the records of `acme`. */
  comparedAt?(gitlab: SampleGitLab): unknown;
  /** What of a migration is compared with the source, where it is not the destination. */
  arrived?(migration: Migration): Promise<unknown>;

  /** What the groups of the larger tests have of it, where they do not say so themselves. */
  sample?: Partial<SampleGroupSeed>;
}

/** Takes a record out of a list. @returns what puts it back */
export function takeFrom<T>(list: T[], isMeant: (record: T) => boolean): () => void {
  const index = list.findIndex(isMeant);
  const [taken] = list.splice(index, 1);
  if (index === -1 || taken === undefined) throw new Error('there is no such record');
  return () => void list.splice(index, 0, taken);
}

/** Changes the record of a list that is meant. */
export function changeIn<T extends object>(
  list: T[],
  isMeant: (record: T) => boolean,
  change: Partial<T>,
): void {
  const found = list.find(isMeant);
  if (found === undefined) throw new Error('there is no such record');
  Object.assign(found, change);
}
