import { type Circumstances, ORDINARY } from './circumstances.ts';
import type { GroupPlan, Schedule } from './schedule.ts';

const EMPTY: GroupPlan = {
  labels: [],
  milestones: [],
  badges: 0,
  lists: undefined,
  members: 0,
  projects: 0,
  hasAvatar: false,
  isLocked: false,
  children: [],
};

const CALM = {
  tree: EMPTY,
  mishaps: [],
  crashes: [],
  cancelAfter: undefined,
  stranger: undefined,
  destination: {},
  order: 0,
} satisfies Schedule;

/** What has broken a promise in an attempt after the first one, with what happened around it. */
export const KNOWN_AROUND: [Schedule, Circumstances][] = [
  // Somebody has deleted the upper group: GitLab marks nothing below it, which was written into.
  [
    { ...CALM, tree: { ...EMPTY, children: [EMPTY] } },
    {
      ...ORDINARY,
      scope: 'all',
      upheaval: { kind: 'scheduled', of: 'group', nth: 0, hasSuccessor: false },
    },
  ],
];

/** Schedules that have broken a promise once, as fast-check has cut them down. They come before all that are drawn. */
export const KNOWN: Schedule[] = [
  // GitLab's import of a project leaves an issue out, which a retry brings.
  { ...CALM, tree: { ...EMPTY, projects: 2 }, imports: { kind: 'left out' } },
  // The POST dies between its import and the entity; its repetition was answered with that import, which nobody starts.
  {
    tree: EMPTY,
    mishaps: [{ gitlab: 'source', requests: 'reads', nth: 3, times: 60, kind: 'GraphQL internal error' }],
    crashes: [{ at: 'before-write', nth: 7, victim: 'function' }],
    cancelAfter: undefined,
    stranger: undefined,
    destination: {},
    order: 0,
  },
  // The machine sleeps for a weekend's day in the middle, which is no standstill of the import.
  { ...CALM, crashes: [{ at: 'after-write', nth: 15, victim: 'process', pausedHours: 25 }] },
  // The record of the execution is damaged when the service is started again.
  { ...CALM, crashes: [{ at: 'after-write', nth: 15, victim: 'process', losesExecutions: true }] },
  // The caller asks again after trouble, and the machine sleeps for longer than the key of that POST is known.
  {
    ...CALM,
    crashes: [{ at: 'before-write', nth: 7, victim: 'process', pausedHours: 25 }],
    throttled: { nth: 1, times: 1 },
  },
  // All relations have finished, and the run dies three times before it says so: the entity is called crashed.
  {
    ...CALM,
    crashes: [
      { at: 'before-save', nth: 5, victim: 'function' },
      { at: 'before-save', nth: 7, victim: 'process' },
      { at: 'before-save', nth: 9, victim: 'function' },
    ],
  },
  // The run is killed three times while it makes the group: before it claims the path, twice, and after the creation.
  {
    ...CALM,
    crashes: [
      { at: 'before-save', nth: 2, victim: 'function' },
      { at: 'before-save', nth: 4, victim: 'process' },
      { at: 'before-save', nth: 7, victim: 'function' },
    ],
  },
  // A group that was refused and then is not: the failure of the first try is gone, and the group has none.
  {
    ...CALM,
    mishaps: [
      { gitlab: 'destination', requests: 'writes', nth: 1, times: 1, kind: 'refused now and not later' },
    ],
    crashes: [{ at: 'before-save', nth: 4, victim: 'function' }],
  },
  // A proxy switches to another protocol, once.
  { ...CALM, mishaps: [{ gitlab: 'source', requests: 'reads', nth: 6, times: 1, kind: 'upgraded' }] },
  // The source answers nonsense from some moment on: a relation fails while the failures of others are written.
  {
    ...CALM,
    mishaps: [{ gitlab: 'source', requests: 'all', nth: 8, times: 60, kind: 'a text in place of all' }],
  },
  // A run of which the workflow does not hear goes on beside the next one, and something is refused to both.
  {
    ...CALM,
    tree: { ...EMPTY, labels: ['', '', '', '', '', '', '', ''], milestones: [true, true, true], badges: 3 },
    mishaps: [{ gitlab: 'destination', requests: 'writes', nth: 3, times: 9, kind: 'empty objects' }],
    crashes: [{ at: 'after-save', nth: 3, victim: 'response' }],
    order: 3002,
  },
  // The index says 'started' while the record says 'finished'.
  { ...CALM, look: { nth: 20, lag: 8 } },
  // The source refuses its wikis to the token's user, which was taken for a source without a licence.
  {
    ...CALM,
    mishaps: [
      { gitlab: 'source', requests: 'reads', nth: 9, times: 1, kind: 'permission lost for a relation' },
    ],
  },
  // Two runs of one group are alive, and the second is told that a wiki page is there already.
  {
    ...CALM,
    tree: { ...EMPTY, badges: 1, children: [{ ...EMPTY, badges: 2 }] },
    crashes: [{ at: 'before-save', nth: 11, victim: 'response', pausedHours: 0, losesExecutions: false }],
    look: { nth: 5, lag: 0 },
    order: 6,
  },
  // A run is killed while it waits for a slot of a rate limit, to look people up for another as well.
  {
    ...CALM,
    tree: { ...EMPTY, labels: [''], members: 2 },
    mishaps: [{ gitlab: 'destination', requests: 'reads', nth: 6, times: 1, kind: 'quota going down' }],
    deadly: { name: 'members', nth: 3 },
    look: { nth: 5, lag: 0 },
  },
  // The boards kill each run, and the process dies when they have been failed, before it is written why.
  {
    ...CALM,
    tree: { ...EMPTY, lists: 0 },
    crashes: [{ at: 'after-save', nth: 13, victim: 'process', pausedHours: 0, losesExecutions: false }],
    deadly: { name: 'boards', nth: 1 },
    cancelAfter: 10,
    throttled: { nth: 1, times: 1 },
  },
  // Somebody else's project has the name of ours: the number of the next name was forgotten with each run.
  {
    ...CALM,
    tree: { ...EMPTY, projects: 1 },
    projectStranger: { nth: 1, isOursLost: false, isUs: false, isImported: true, hasSameName: true },
  },
  // The source could not be counted before its archive was made: a retry has to find out whether all has arrived.
  {
    ...CALM,
    tree: { ...EMPTY, children: [{ ...EMPTY, projects: 1 }] },
    mishaps: [{ gitlab: 'source', requests: 'projects', nth: 2, times: 1, kind: 'replica lag' }],
    deadly: { name: 'project_attributes', nth: 1 },
    throttled: { nth: 1, times: 1 },
  },
  // The machine sleeps for a day in the middle of an archive: the export of the other project was under way by then.
  {
    ...CALM,
    tree: { ...EMPTY, children: [{ ...EMPTY, children: [{ ...EMPTY, projects: 2 }] }] },
    crashes: [{ at: 'in-transfer', nth: 1, victim: 'process', pausedHours: 25 }],
    stranger: {
      nth: 2,
      isOursLost: false,
      visibility: 'private',
      includesUs: false,
      hasSameName: false,
      holds: 'nothing',
    },
    destination: { version: '17.11.2-ee', replicaLagMs: 0 },
    order: 8114,
  },
];
