import type { SampleBoard, SampleGroup } from './model.ts';
import { PROJECT_RECORDS } from './project-records.ts';

/** A record of a group, in a form in which two GitLabs can be compared. */
export interface SampleRecord {
  /** As failures call it. */
  title: string;
  /** What of it a request of its own sets. */
  state?: string;
  /** All else of it that is compared. */
  contents?: readonly unknown[];
  /** Whose it is. Nobody has the same id at two GitLabs, and who has no account at the other is left out. */
  userId?: number;
  /** Id of the record that it is a part of: titles are told apart in there, and failures name the whole. */
  partOf?: number;
  /** Whether it needs Premium. */
  isPremium?: boolean;
}

/** Records that are counted together. */
export interface RecordKind {
  /** In plain words: `board lists`. */
  what: string;
  recordsOf(group: SampleGroup): SampleRecord[];
}

/** What a sample GitLab has of a relation: what its records are, and what tells them apart. */
export interface RelationRecords {
  /** The relation in plain words. */
  inWords: string;
  /** None for a relation that moves nothing of a group itself. */
  kinds: readonly RecordKind[];
  /**
   * With how many failures a group comes to the Free edition from Premium; as many as it has records that need Premium
   * without it.
   */
  failuresOf?(group: SampleGroup): number;
}

/**
 * The records of every relation, by GitLab's name of it, in the order in which the demo tells of them. The demo compares
 * by them, and so do the tests of all relations and what must hold in a soak: nothing else says what a record's key is.
 */
export const RELATION_RECORDS: Readonly<Record<string, RelationRecords>> = {
  group: { inWords: 'groups', kinds: [{ what: 'groups', recordsOf: group => [recordOfGroup(group)] }] },
  uploads: {
    inWords: 'avatars',
    kinds: [
      {
        what: 'avatars',
        recordsOf: ({ avatar }) =>
          avatar ? [{ title: 'avatar', contents: [avatar.bytes.toString('base64')] }] : [],
      },
    ],
  },
  labels: {
    inWords: 'labels',
    kinds: [
      {
        what: 'labels',
        recordsOf: ({ labels }) =>
          labels.map(({ title, color, description }) => ({ title, contents: [color, description] })),
      },
    ],
  },
  milestones: {
    inWords: 'milestones',
    kinds: [
      {
        what: 'milestones',
        recordsOf: ({ milestones }) =>
          milestones.map(({ title, state, description, startDate, dueDate }) => ({
            title,
            state,
            contents: [description, startDate, dueDate],
          })),
      },
    ],
  },
  badges: {
    inWords: 'badges',
    kinds: [
      {
        what: 'badges',
        recordsOf: ({ badges }) =>
          badges.map(({ name, linkUrl, imageUrl }) => ({
            title: String(name),
            contents: [linkUrl, imageUrl],
          })),
      },
    ],
  },
  boards: {
    inWords: 'boards',
    kinds: [
      {
        what: 'boards',
        recordsOf: ({ boards }) =>
          boards.map(({ name, hideBacklogList, hideClosedList }, index) => ({
            title: name,
            contents: [hideBacklogList, hideClosedList],
            isPremium: index > 0,
          })),
      },
      { what: 'board lists', recordsOf: ({ boards }) => boards.flatMap(recordsOfLists) },
    ],
    // A list that needs Premium is a failure of its board.
    failuresOf: ({ boards }) =>
      boards.filter((board, index) => recordsOfLists(board, index).some(isPremium) || index > 0).length,
  },
  members: {
    inWords: 'members',
    kinds: [
      {
        what: 'memberships',
        recordsOf: ({ members }) =>
          members.map(({ userId, accessLevel, expiresAt }) => ({
            title: String(userId),
            userId,
            contents: [accessLevel, expiresAt],
          })),
      },
    ],
  },
  wikis: {
    inWords: 'wiki pages',
    kinds: [
      {
        what: 'wiki pages',
        recordsOf: ({ wikis }) =>
          wikis.map(({ slug, content, format, frontMatter }) => ({
            title: slug,
            contents: [content, format, frontMatter],
            isPremium: true,
          })),
      },
    ],
    // A group whose wiki cannot be asked for has one failure for all pages.
    failuresOf: ({ wikis }) => Number(wikis.length > 0),
  },
  self: {
    inWords: 'group attributes',
    kinds: [
      {
        what: 'membership locks',
        recordsOf: ({ settings }) =>
          settings.membershipLock ? [{ title: 'membership_lock', isPremium: true }] : [],
      },
    ],
  },
  namespace_settings: {
    inWords: 'sharing settings',
    kinds: [
      {
        what: 'sharing settings',
        recordsOf: ({ settings }) =>
          settings.preventSharingGroupsOutsideHierarchy
            ? [{ title: 'prevent_sharing_groups_outside_hierarchy' }]
            : [],
      },
    ],
  },
  // It is compared with the other settings of a group.
  project_creation_level: { inWords: 'closed to new projects', kinds: [] },
  // Each of them is an entity of its own.
  project_entities: { inWords: 'projects to move', kinds: [] },
  subgroup_entities: { inWords: 'subgroups', kinds: [] },
  ...PROJECT_RECORDS,
};

/** The records of a relation. @throws for one that nobody has described */
export function recordsOfRelation(relation: string): RelationRecords {
  const records = RELATION_RECORDS[relation];
  if (records === undefined) {
    throw new Error(
      `The relation '${relation}' needs its entry in lib/gitlab-simulator/relation-records.ts.`,
    );
  }
  return records;
}

/** All of a record by which it is compared, but for whose it is. */
export function keyOf({ title, state, contents = [] }: SampleRecord): string {
  return JSON.stringify([title, state, ...contents]);
}

export const isPremium = (record: SampleRecord): boolean => record.isPremium === true;

/** A group with the settings that are not relations of their own. */
function recordOfGroup({ name, description, visibility, settings }: SampleGroup): SampleRecord {
  const { membershipLock: _, preventSharingGroupsOutsideHierarchy: __, ...others } = settings;
  return { title: name, contents: [description, visibility, others] };
}

/** Free has one board in a group, with lists of labels. */
function recordsOfLists({ id, name, lists }: SampleBoard, index: number): SampleRecord[] {
  return lists.map(({ position, label, milestone, assignee }) => ({
    title: `${name}/${label?.title}`,
    contents: [position, milestone?.title, assignee?.username],
    partOf: id,
    isPremium: index > 0 || label === null,
  }));
}
