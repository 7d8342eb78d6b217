import fc from 'fast-check';
import { CHOICES } from '../../lambdas/domain/choices.ts';
import { RELATIONS } from '../../lambdas/pipelines/stages.ts';
import type { SampleGitLabOptions } from '../../lib/gitlab-simulator/options.ts';
import { MISHAP_KINDS } from './fault-kinds.ts';
import type { CrashPoint, DeadlyRelation } from './lambda-crashes.ts';
import type { Mishap } from './mishaps.ts';
import { counterpartOf, PEOPLE, type Person } from './people.ts';

/** What a group of the source has. */
export interface GroupPlan {
  /** Endings of the labels' titles, which begin with a number. */
  labels: string[];
  /** Whether it has a label besides that has one title in all groups, also below another that has it; absent in old schedules. */
  hasSharedLabel?: boolean;
  /** Whether each milestone is closed. */
  milestones: boolean[];
  badges: number;
  /** Lists of the group's board, of its first labels; no board without it. */
  lists: number | undefined;
  /** Boards, each with the same lists; one without it. */
  boards?: number;
  /** Of the people that both GitLabs know. */
  members: number;
  projects: number;
  /** Whether nobody may create projects in it; absent in schedules from before that was drawn. */
  isClosed?: boolean;
  hasAvatar: boolean;
  isLocked: boolean;
  children: GroupPlan[];
}

/** One migration and everything that goes wrong on its way. */
export interface Schedule {
  tree: GroupPlan;
  /** Whether the owner asks what the migration would do, and for no more. */
  isPlan?: boolean;
  /** Whether the owner asks for a verification together with the migration. */
  isVerified?: boolean;
  /** Whether the owner asks for a retry in the moment in which the import has ended, and its workflow has not. */
  isImpatient?: boolean;
  /** What the owner wishes besides; nothing without it. */
  wishes?: Wishes;
  mishaps: Mishap[];
  crashes: CrashPoint[];
  /** A relation that kills its run each time. */
  deadly?: DeadlyRelation | undefined;
  /** The user cancels when so many requests have been sent. */
  cancelAfter: number | undefined;
  stranger: Stranger | undefined;
  projectStranger?: ProjectStranger | undefined;
  /** How GitLab's imports of projects end, where they do not just succeed. */
  imports?: ImportTrouble | undefined;
  destination: Pick<SampleGitLabOptions, 'version' | 'replicaLagMs'>;
  /** Operations of the table for which DynamoDB has no throughput left, from the nth on. */
  throttled?: { nth: number; times: number } | undefined;
  /** When the owner looks at their imports, by the number of the request to a GitLab, and how many writes the indexes lag. */
  look?: { nth: number; lag: number } | undefined;
  /** Which of the requests that are sent at the same time comes first, as the seed of a draw; 0 for the first one. */
  order: number;
}

/** What an owner can say of an import. */
export interface Wishes {
  /** Names of relations. */
  excluded: string[];
  /** Whom a user mapping names for a person of the source, by user name; `null` leaves them out. */
  mapped: Partial<Record<Person, string | null>>;
  /** Whether the owner is an administrator of the destination, whose imports take members from archives. */
  isAdministrator?: boolean;
}

/** Somebody who makes a group of their own just where the import is about to make one. */
export interface Stranger {
  /** Before the import's nth request to create a group. */
  nth: number;
  /** Whether that request is then lost without effect, so that the import finds the group where its own could be. */
  isOursLost: boolean;
  visibility: 'private' | 'public';
  /** Whether the importing user is made an owner of it. */
  includesUs: boolean;
  /** Whether it has the name, too, that is asked for. */
  hasSameName: boolean;
  /** What it holds besides its members. */
  holds: 'nothing' | 'a label';
}

/** What a destination's imports of projects meet in the background. */
export interface ImportTrouble {
  /** `interrupted` can pass; `once`, when what the first one has left is deleted. */
  kind: 'interrupted once' | 'interrupted' | 'refused' | 'left out';
}

/** Somebody who makes a project of their own just where the import is about to have one made. */
export interface ProjectStranger {
  /** Before the import's nth request to import an archive. */
  nth: number;
  /** Whether that request is then lost without effect. */
  isOursLost: boolean;
  /** Whether the importing user makes it, elsewhere. */
  isUs: boolean;
  /** Whether it comes from an archive, too; not from one of the importing user. */
  isImported: boolean;
  /** Whether it has the name, too, that is asked for. */
  hasSameName: boolean;
}

/** Titles may hold what breaks careless code: paths, markup, quotes, prototype keys, more than one byte a letter. */
const ENDINGS = ['', '', '', ' é', ' <b>', ' "q"', ' __proto__', ' a/b', ' 💥', ' %2F', ' {:x=>1}'];

const contents = {
  labels: fc.oneof(
    { weight: 12, arbitrary: fc.array(fc.constantFrom(...ENDINGS), { maxLength: 6 }) },
    // More than a page of 100.
    { weight: 1, arbitrary: fc.constant(Array.from({ length: 103 }, () => '')) },
  ),
  hasSharedLabel: fc.boolean(),
  milestones: fc.array(fc.boolean(), { maxLength: 3 }),
  badges: fc.nat(3),
  lists: fc.option(fc.nat(3), { nil: undefined }),
  members: fc.nat(4),
  projects: fc.constantFrom(0, 0, 1, 2),
  isClosed: fc.constantFrom(false, false, true),
  hasAvatar: fc.boolean(),
  isLocked: fc.boolean(),
};

/** Trees of up to three levels; subgroups are few, since each takes about fifty requests. */
export const tree: fc.Arbitrary<GroupPlan> = fc.record({
  ...contents,
  children: fc.array(
    fc.record({
      ...contents,
      children: fc.array(fc.record({ ...contents, children: fc.constant<GroupPlan[]>([]) }), {
        maxLength: 1,
      }),
    }),
    { maxLength: 2 },
  ),
});

const mishapSite: fc.Arbitrary<Pick<Mishap, 'gitlab' | 'requests' | 'nth'>> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      gitlab: fc.constantFrom('source', 'destination'),
      requests: fc.constantFrom('reads', 'writes', 'all'),
      nth: fc.integer({ min: 1, max: 60 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      gitlab: fc.constant('source'),
      requests: fc.constantFrom('exports', 'downloads', 'projects'),
      nth: fc.integer({ min: 1, max: 6 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      gitlab: fc.constant('destination'),
      requests: fc.constantFrom('imports', 'imports', 'projects'),
      nth: fc.integer({ min: 1, max: 6 }),
    }),
  },
);

const trouble: fc.Arbitrary<Pick<Mishap, 'times' | 'kind'>> = fc.record({
  // More than the two hours of tries that an outage is given to pass make it a failure.
  times: fc.oneof(
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 3 }) },
    { weight: 1, arbitrary: fc.constant(60) },
  ),
  kind: fc.constantFrom(...MISHAP_KINDS),
});

const mishap: fc.Arbitrary<Mishap> = fc
  .tuple(mishapSite, trouble)
  .map(([site, rest]) => ({ ...site, ...rest }));

/**
 * Where something breaks. A small group is ten writes, of them five by which its run begins and saves, and 50 requests; a
 * project is 40 writes, half of them by which its runs begin and save, and 20 requests.
 */
const crashSite: fc.Arbitrary<Pick<CrashPoint, 'at' | 'nth' | 'of'>> = fc.oneof(
  fc.record({ at: fc.constantFrom('before-write', 'after-write'), nth: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ at: fc.constant('after-request'), nth: fc.integer({ min: 1, max: 150 }) }),
  fc.record({ at: fc.constantFrom('before-save', 'after-save'), nth: fc.integer({ min: 1, max: 30 }) }),
  fc.record({
    at: fc.constantFrom('before-write', 'after-write', 'before-save', 'after-save', 'after-request'),
    nth: fc.integer({ min: 1, max: 60 }),
    of: fc.constant('projects'),
  }),
  fc.record({ at: fc.constant('in-transfer'), nth: fc.integer({ min: 1, max: 6 }) }),
);

const crash: fc.Arbitrary<CrashPoint> = fc
  .tuple(
    crashSite,
    fc.record({
      victim: fc.constantFrom('function', 'function', 'process', 'response', 'execution'),
      pausedHours: fc.constantFrom(0, 0, 0, 25),
      losesExecutions: fc.constantFrom(false, false, false, true),
    }),
  )
  .map(([site, rest]) => ({ ...site, ...rest }));

const deadly: fc.Arbitrary<DeadlyRelation> = fc.record({
  name: fc.constantFrom(...new Set(Object.values(RELATIONS).flatMap(all => all.map(({ name }) => name)))),
  nth: fc.constantFrom(1, 1, 2, 3),
});

/** Draws something in one of so many schedules; it shrinks to nothing. */
const oneIn = <T>(count: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: count - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const stranger: fc.Arbitrary<Stranger> = fc.record({
  nth: fc.integer({ min: 1, max: 4 }),
  isOursLost: fc.boolean(),
  visibility: fc.constantFrom('private', 'public'),
  includesUs: fc.boolean(),
  hasSameName: fc.boolean(),
  holds: fc.constantFrom('nothing', 'a label', 'a label'),
});

const projectStranger: fc.Arbitrary<ProjectStranger> = fc.record({
  nth: fc.integer({ min: 1, max: 3 }),
  isOursLost: fc.boolean(),
  isUs: fc.boolean(),
  isImported: fc.boolean(),
  hasSameName: fc.boolean(),
});

/** Each of the people can be mapped to somebody else, who has no address there, or be left out. */
export const wishes: fc.Arbitrary<Wishes> = fc.record({
  excluded: fc.subarray(Object.keys(CHOICES.excluded.group_entity)),
  mapped: fc.record(
    Object.fromEntries(PEOPLE.map(person => [person, fc.constantFrom(null, counterpartOf(person))])),
    { requiredKeys: [] },
  ),
  isAdministrator: fc.boolean(),
});

/** Draws schedules; fast-check shrinks one that fails to the fewest groups, mishaps and crashes that still do. */
export const schedule: fc.Arbitrary<Schedule> = fc.record({
  tree,
  mishaps: fc.array(mishap, { maxLength: 4 }),
  crashes: fc.array(crash, { maxLength: 4 }),
  deadly: oneIn(4, deadly),
  cancelAfter: oneIn(6, fc.integer({ min: 10, max: 120 })),
  stranger: oneIn(3, stranger),
  projectStranger: oneIn(3, projectStranger),
  imports: oneIn(
    4,
    fc.record({ kind: fc.constantFrom('interrupted once', 'interrupted', 'refused', 'left out') }),
  ),
  destination: fc.record({
    version: fc.constantFrom('17.11.2-ee', '17.11.2-ee', '16.11.0-ee', '14.10.5-ee'),
    // Less than the two minutes for which a path that is taken and shows nothing is believed to be ours.
    replicaLagMs: fc.constantFrom(0, 0, 0, 3_000, 60_000),
  }),
  throttled: oneIn(
    3,
    fc.record({ nth: fc.integer({ min: 1, max: 120 }), times: fc.constantFrom(1, 1, 2, 5, 20) }),
  ),
  look: oneIn(3, fc.record({ nth: fc.integer({ min: 5, max: 120 }), lag: fc.constantFrom(0, 3, 30, 300) })),
  order: fc.nat(9_999),
});
