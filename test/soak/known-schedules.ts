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

/** Schedules that have broken a promise once, as fast-check has cut them down. They come before all that are drawn. */
export const KNOWN: Schedule[] = [
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
  { ...CALM, crashes: [{ at: 'after-write', nth: 30, victim: 'process', pausedHours: 25 }] },
  // The record of the execution is damaged when the service is started again.
  { ...CALM, crashes: [{ at: 'after-write', nth: 30, victim: 'process', losesExecutions: true }] },
  // The group's pipeline has finished and dies three times before the entity has its counts: it is called crashed.
  {
    ...CALM,
    crashes: [
      { at: 'before-write', nth: 37, victim: 'function' },
      { at: 'before-write', nth: 23, victim: 'process' },
      { at: 'before-write', nth: 45, victim: 'function' },
    ],
  },
  // The group's pipeline is killed three times, at three places.
  {
    ...CALM,
    crashes: [
      { at: 'before-write', nth: 32, victim: 'function' },
      { at: 'before-write', nth: 29, victim: 'process' },
      { at: 'before-write', nth: 31, victim: 'function' },
    ],
  },
  // A group that was refused and then is not: the failure of the first try is gone, and the group has none.
  {
    ...CALM,
    mishaps: [
      { gitlab: 'destination', requests: 'writes', nth: 1, times: 1, kind: 'refused now and not later' },
    ],
    crashes: [{ at: 'before-write', nth: 30, victim: 'function' }],
  },
  // A proxy switches to another protocol, once.
  { ...CALM, mishaps: [{ gitlab: 'source', requests: 'reads', nth: 6, times: 1, kind: 'upgraded' }] },
  // The index says 'started' while the record says 'finished'.
  { ...CALM, look: { nth: 30, lag: 8 } },
];
