import type { SampleGroup, SampleGroupSeed } from '../gitlab-simulator/model.ts';
import type { SampleGitLab } from '../gitlab-simulator/sample-gitlab.ts';

/** A placeholder that stands for an access token. It opens nothing but the sample GitLabs of the benchmark. */
export const BENCH_TOKEN = 'sample-bench-token';
/** The top-level group of the source. */
export const BENCH_GROUP = 'bench';

/**
 * What is in the groups: `records` (labels, milestones and badges, by which the figures are defined), `full` (members
 * and a board as well), or `members` alone.
 */
export type Contents = 'records' | 'full' | 'members';
export const CONTENTS: readonly Contents[] = ['records', 'full', 'members'];

/** A source of the benchmark. */
export interface Load {
  contents: Contents;
  /** Below the top-level group. */
  subgroups: number;
  /** Labels, milestones and badges of each subgroup, together. */
  records: number;
}

/** How many records of each kind there are. */
export type Counts = Record<
  'groups' | 'labels' | 'milestones' | 'closedMilestones' | 'badges' | 'boards' | 'boardLists' | 'members',
  number
>;

/** People of the top-level group, who have an account at both GitLabs. */
export const PEOPLE = 20;
/** Of them, those who have a higher level in each subgroup. */
const RAISED = 2;
const LISTS_PER_BOARD = 3;

/** Records split as 20 labels, 6 milestones and 4 badges are of 30; the labels take what is left over by rounding. */
export function partsOf(records: number): { labels: number; milestones: number; badges: number } {
  const badges = Math.round((records * 4) / 30);
  const milestones = Math.round((records * 6) / 30);
  return { labels: records - milestones - badges, milestones, badges };
}

/** Adds the people, the administrator whose token the benchmark uses, and the groups if it is a source. */
export function seed(gitlab: SampleGitLab, load: Load | undefined): void {
  gitlab.addUser({ username: 'bench-admin', admin: true });
  gitlab.addToken(BENCH_TOKEN, { username: 'bench-admin' });
  for (const number of numbers(PEOPLE)) {
    gitlab.addUser({ username: person(number), publicEmail: `${person(number)}@example.com` });
  }
  if (load === undefined) return;
  const members = numbers(PEOPLE).map(number => ({ username: person(number), accessLevel: 30 as const }));
  gitlab.addGroup({
    name: 'Bench',
    path: BENCH_GROUP,
    ...(load.contents !== 'records' && { members }),
  });
  // One after the other: the seeds of ten thousand groups are not held at the same time.
  for (const number of numbers(load.subgroups)) gitlab.addGroup(subgroup(number, load));
}

function subgroup(number: number, { contents, records }: Load): SampleGroupSeed {
  const parts = partsOf(records);
  const labels = numbers(parts.labels).map(label => ({
    title: `label ${number}.${label}`,
    color: '#428bca',
  }));
  return {
    name: `Group ${number}`,
    path: `group-${number}`,
    parent: BENCH_GROUP,
    labels,
    milestones: numbers(parts.milestones).map(milestone => ({
      title: `milestone ${number}.${milestone}`,
      state: milestone % 3 === 0 ? 'closed' : 'active',
    })),
    badges: numbers(parts.badges).map(badge => ({
      name: `badge ${badge}`,
      linkUrl: `https://example.com/${number}/${badge}`,
      imageUrl: `https://example.com/${number}/${badge}.svg`,
    })),
    ...(contents === 'full' && {
      boards: [
        {
          name: 'Development',
          hideClosedList: true,
          lists: labels.slice(0, LISTS_PER_BOARD).map(({ title }) => ({ label: title })),
        },
      ],
      members: numbers(RAISED).map(index => ({
        username: person(((number + index) % PEOPLE) + 1),
        accessLevel: 40 as const,
      })),
    }),
  };
}

const person = (number: number) => `person-${number}`;

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** What a GitLab has, without the memberships of the administrator, who owns what the token makes. */
export function countContents(gitlab: SampleGitLab): Counts {
  const groups = gitlab.groups();
  const administrator = gitlab.userId('bench-admin');
  const sum = (count: (group: SampleGroup) => number) =>
    groups.reduce((total, group) => total + count(group), 0);
  return {
    groups: groups.length,
    labels: sum(({ labels }) => labels.length),
    milestones: sum(({ milestones }) => milestones.length),
    closedMilestones: sum(
      ({ milestones }) => milestones.filter(milestone => milestone.state === 'closed').length,
    ),
    badges: sum(({ badges }) => badges.length),
    boards: sum(({ boards }) => boards.length),
    boardLists: sum(({ boards }) => boards.reduce((lists, board) => lists + board.lists.length, 0)),
    members: sum(({ members }) => members.filter(({ userId }) => userId !== administrator).length),
  };
}
