import type { SampleBoard as Board, SampleGroup } from '../gitlab-simulator/model.ts';
import { IMPORTING_USER } from './sample-people.ts';
import type { SampleInstance } from './sample-source.ts';

/** How the records of one kind at the destination compare with those at the source. */
export interface Comparison {
  what: string;
  /** At the source. */
  wanted: number;
  /** At the destination with the same contents. */
  found: number;
  /** At the destination without a record at the source, be it a second copy or something else. */
  surplus: number;
  /** Of those wanted: what this destination cannot have, and says so in a failure. */
  impossible: number;
}

/** What identifies the records of one kind in a group: everything of them that is compared. */
type KeysOf = (group: SampleGroup) => string[];

/**
 * Compares both GitLabs, group by group and record by record, by what they contain and not by what the service says
 * about it.
 */
export function compareGitLabs(source: SampleInstance, destination: SampleInstance): Comparison[] {
  const pairs = source.gitlab
    .groups()
    .map(group => [group, destination.gitlab.group(destinationPath(group))] as const);
  const compare = (what: string, keysOf: KeysOf, impossible = 0, keysOfCopy = keysOf): Comparison => {
    const total: Comparison = { what, wanted: 0, found: 0, surplus: 0, impossible };
    for (const [there, here] of pairs) {
      const wanted = keysOf(there);
      const left = here ? keysOfCopy(here) : [];
      total.wanted += wanted.length;
      for (const key of wanted) {
        const at = left.indexOf(key);
        if (at === -1) continue;
        left.splice(at, 1);
        total.found++;
      }
      total.surplus += left.length;
    }
    return total;
  };
  const groups = compare('groups', group => [keyOfGroup(group)]);
  groups.surplus += destination.gitlab.groups().length - pairs.filter(([, here]) => here).length;
  return [
    groups,
    compare('avatars', ({ avatar }) => (avatar ? [avatar.bytes.toString('base64')] : [])),
    compare('labels', ({ labels }) => labels.map(keyOfLabel)),
    compare('milestones', ({ milestones }) => milestones.map(keyOfMilestone)),
    compare('badges', ({ badges }) => badges.map(badge => key(badge.name, badge.linkUrl, badge.imageUrl))),
    compare(
      'boards',
      ({ boards }) => boards.map(board => key(board.name, board.hideBacklogList, board.hideClosedList)),
      sumOf(source, ({ boards }) => Math.max(0, boards.length - 1)),
    ),
    compare(
      'board lists',
      ({ boards }) => boards.flatMap(board => board.lists.map(list => keyOfList(board, list))),
      sumOf(source, ({ boards }) =>
        boards
          .flatMap(({ lists }, index) => lists.map(list => index > 0 || !list.label))
          .reduce((sum, impossible) => sum + Number(impossible), 0),
      ),
    ),
    compare('memberships', membershipsOf(source, destination), 0, membershipsOf(destination, source)),
  ];
}

/** Whether a comparison is as good as it can be: nothing missing but the impossible, and nothing twice. */
export function isExact({ wanted, found, surplus, impossible }: Comparison): boolean {
  return found === wanted - impossible && surplus === 0;
}

/** Failures that the demo must end with, by relation: what a Free destination does not have, and projects. */
export function expectedFailures(source: SampleInstance): Map<string, number> {
  return new Map([
    ['self', sumOf(source, ({ settings }) => Number(settings.membershipLock))],
    [
      'boards',
      sumOf(source, ({ boards }) => boards.filter((board, index) => index > 0 || needsPremium(board)).length),
    ],
    ['project_entities', sumOf(source, ({ projects }) => Number(projects.length > 0))],
  ]);
}

function sumOf({ gitlab }: SampleInstance, count: (group: SampleGroup) => number): number {
  return gitlab.groups().reduce((sum, group) => sum + count(group), 0);
}

function needsPremium({ lists }: Board): boolean {
  return lists.some(({ milestone, assignee }) => milestone !== null || assignee !== null);
}

/** GitLab makes lower case of a path that is a slug, and a slug of any other. */
function destinationPath({ fullPath }: SampleGroup): string {
  return fullPath.toLowerCase().replaceAll(/([._-])[._-]+/g, '$1');
}

const key = (...parts: unknown[]) => JSON.stringify(parts);

/** Everything of a group that every edition has. `membershipLock` is not among it. */
function keyOfGroup({ name, description, visibility, settings }: SampleGroup): string {
  const { membershipLock: _, ...others } = settings;
  return key(name, description, visibility, others);
}

const keyOfLabel = ({ title, color, description }: SampleGroup['labels'][number]) =>
  key(title, color, description);

const keyOfList = (board: Board, { label, milestone, assignee, position }: Board['lists'][number]) =>
  key(board.name, position, label?.title, milestone?.title, assignee?.username);

const keyOfMilestone = (milestone: SampleGroup['milestones'][number]) => {
  const { title, description, state, startDate, dueDate } = milestone;
  return key(title, description, state, startDate, dueDate);
};

/**
 * Direct memberships by e-mail address, with role and expiry date. Only those count whose user shows an address that
 * an account of the destination has, as GitLab's rule is. The importing user, who owns at the destination what the
 * import creates, is left out on both sides.
 */
function membershipsOf(instance: SampleInstance, other: SampleInstance) {
  const accounts = new Set(other.users.map(user => user.publicEmail));
  const people = new Map(
    instance.users
      .filter(
        ({ publicEmail, username }) =>
          publicEmail && accounts.has(publicEmail) && username !== IMPORTING_USER,
      )
      .map(user => [user.id, user.publicEmail]),
  );
  return ({ members }: SampleGroup): string[] =>
    members
      .filter(({ userId }) => people.has(userId))
      .map(({ userId, accessLevel, expiresAt }) => key(people.get(userId), accessLevel, expiresAt));
}
