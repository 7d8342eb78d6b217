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
  // The index says 'started' while the record says 'finished'.
  { ...CALM, look: { nth: 30, lag: 8 } },
];
