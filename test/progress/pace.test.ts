import { describe, expect, it } from 'vitest';
import { type PaceSources, paceOf } from '../../lambdas/progress/pace.ts';
import type { EntitiesRead } from '../../lambdas/progress/read-entities.ts';
import type { PlanTotals } from '../../lambdas/store/changes.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import type { GitLabLoad } from '../../lambdas/store/gitlab-loads.ts';
import type { Import } from '../../lambdas/store/imports.ts';
import { entityWith } from '../report/drawn-reports.ts';
import { countsOf } from '../support/table/counts.ts';
import { newImport } from '../support/table/records.ts';

const NOW = new Date('2026-01-02T04:00:00.000Z');
const ago = (minutes: number) => new Date(NOW.getTime() - 60_000 * minutes).toISOString();

const MINUTE = 60_000;

/** A group or project that has dealt with so many records between two moments, in minutes before now. */
function done(records: number, [from, to]: [number, number], attributes: Partial<Entity> = {}): Entity {
  const labels = countsOf({ source: Math.max(records, 1), fetched: records, imported: records });
  return entityWith({ counts: { labels }, begunAt: ago(from), updatedAt: ago(to), ...attributes });
}

/** How far one that runs has come, of so many records. */
function running(
  records: number,
  of: number,
  from: number,
  waiting?: { for: 'limit' | 'outage'; s: number },
) {
  const entity = done(records, [from, 0], { status: 'started' });
  entity.stats = { labels: countsOf({ source: of, fetched: records, imported: records }) };
  if (waiting !== undefined) {
    const until = new Date(NOW.getTime() + 1000 * waiting.s).toISOString();
    const { for: waitsFor } = waiting;
    entity.waiting = { labels: { waitsFor, instance: 'destination', reason: '', since: ago(1), until } };
  }
  return entity;
}

function planOf(groups: PlanTotals['groups'], { projects = 0 } = {}): Import {
  return newImport({
    kind: 'plan',
    requested: 1,
    children: (groups?.count ?? 1) - 1 + projects,
    totals: {
      changes: { create: 0, update: 0, unchanged: 0, skip: 0, blocked: 0, unknown: 0 },
      writes: 0,
      emails: 0,
      users: { mapped: 0, matched: 0, unmatched: 0 },
      notMigrated: {},
      limit: 0,
      ...(groups !== undefined && { groups }),
    },
  });
}

const load = (limit: number): GitLabLoad => ({
  entities: 5,
  isProbing: false,
  calmMs: 40,
  requestMs: 40,
  runMs: 1_000,
  limit,
  changedAt: 0,
  shrunkAt: 0,
});

const NO_STATUSES = { created: 0, started: 0, finished: 0, timeout: 0, failed: 0, canceled: 0 };

/** The pace of an import that has begun half an hour ago. */
function pace(
  latest: Entity[],
  {
    record = {},
    read = {},
    ...sources
  }: Partial<PaceSources> & { record?: Partial<Import>; read?: Partial<EntitiesRead> } = {},
) {
  return paceOf(
    newImport({ status: 'started', startedAt: ago(30), ...record }),
    { entities: latest, statuses: NO_STATUSES, isWhole: true, latest, ...read },
    { now: NOW, plan: undefined, loads: { source: undefined, destination: undefined }, ...sources },
  );
}

describe('records per minute', () => {
  it('are those of the last five minutes, of each group the part that falls into them', () => {
    const groups = [done(1_000, [25, 20]), done(100, [4, 1]), done(60, [9, 3]), running(90, 500, 3)];

    // 100, a third of 60, and 90, in five minutes.
    expect(pace(groups)?.recordsPerMinute).toBe(42);
  });

  it('are counted from the beginning of an import that is younger, but not in its first minute', () => {
    const groups = [running(90, 500, 2)];

    expect(pace(groups, { record: { startedAt: ago(3) } })?.recordsPerMinute).toBe(30);
    expect(pace(groups, { record: { startedAt: ago(0.9) } })).toBeNull();
    expect(pace(groups, { record: { status: 'created' } })).toBeNull();
    expect(pace(groups, { record: { status: 'finished' } })).toBeNull();
  });

  it('are none after a standstill, of groups that were begun by an older release, and of projects', () => {
    const groups = [done(1_000, [25, 6]), done(500, [1, 1], { sourceType: 'project_entity' })];
    const { begunAt: _, ...older } = done(500, [4, 1]);

    expect(pace([...groups, older])).toMatchObject({ recordsPerMinute: null, hasProjects: true });
  });

  it('are not told in a retry, whose counts have those of the attempts before it', () => {
    const plan = planOf({ count: 2, records: 1_000 });

    expect(pace([running(90, 500, 2)], { plan, record: { attempt: 2 } })).toMatchObject({
      recordsPerMinute: null,
      left: null,
    });
  });
});

describe('requests per minute', () => {
  const groups = [
    { ...running(90, 500, 5), sourceRequests: 50, destinationRequests: 1_000 },
    { ...done(0, [4, 2], { sourceType: 'project_entity' }), destinationRequests: 100 },
  ];

  it('are told of a GitLab that names a limit, with those of projects and in a retry', () => {
    const loads = { source: load(0), destination: load(600) };
    const expected = [{ instance: 'destination', perMinute: 220, limit: 600 }];

    expect(pace(groups, { loads })?.requests).toEqual(expected);
    expect(pace(groups, { loads, record: { attempt: 2 } })?.requests).toEqual(expected);
    expect(pace(groups)?.requests).toEqual([]);
  });
});

describe('the time that is left', () => {
  const GROUPS = [done(200, [5, 1]), running(50, 100, 5)];

  it('is what the plan has left, at the present pace', () => {
    const plan = planOf({ count: 9, records: 1_250 });

    expect(pace(GROUPS, { plan })?.left).toBe(20 * MINUTE);
  });

  it.each(['source', 'destination'] as const)('is not less than the limit of the %s allows', instance => {
    const plan = planOf({ count: 9, records: 1_250 });
    const groups = GROUPS.map(group => ({ ...group, [`${instance}Requests`]: 500 }));
    const at = (limit: number) => {
      const loads = { source: undefined, destination: undefined, [instance]: load(limit) };
      return pace(groups, { plan, loads })?.left;
    };

    // 200 requests a minute were sent.
    expect(at(600)).toBe(20 * MINUTE);
    expect(at(100)).toBe(40 * MINUTE);
  });

  it('counts what the source has got since the plan', () => {
    const plan = planOf({ count: 2, records: 260 });

    expect(pace([done(200, [5, 1]), running(50, 300, 5)], { plan })?.left).toBe(5 * MINUTE);
  });

  it.each<[string, Entity[], Import | undefined]>([
    ['without a plan', GROUPS, undefined],
    ['with a plan that has not kept it', GROUPS, planOf(undefined)],
    ['before anything was dealt with', [running(0, 100, 5)], planOf({ count: 9, records: 1_250 })],
    ['when nothing is left', [done(250, [5, 1])], planOf({ count: 2, records: 250 })],
    [
      'when a group has failed, and took those below it along',
      [...GROUPS, done(0, [5, 1], { status: 'failed' })],
      planOf({ count: 9, records: 1_250 }),
    ],
    [
      'while all groups that run wait for an outage to pass',
      [done(200, [5, 1]), running(50, 100, 5, { for: 'outage', s: 4 })],
      planOf({ count: 9, records: 1_250 }),
    ],
    [
      'while all of them wait for a quota, for longer than a line is',
      [done(200, [5, 1]), running(50, 100, 5, { for: 'limit', s: 600 })],
      planOf({ count: 9, records: 1_250 }),
    ],
  ])('is not told %s', (_, groups, plan) => {
    expect(pace(groups, { plan })?.left).toBeNull();
  });

  it('is told while all of them wait for their turn, or only some of them for a GitLab', () => {
    const plan = planOf({ count: 9, records: 1_250 });
    const inLine = [done(200, [5, 1]), running(50, 100, 5, { for: 'limit', s: 20 })];
    const one = [running(0, 100, 5, { for: 'outage', s: 200 }), ...GROUPS];

    expect(pace(inLine, { plan })?.left).toBe(20 * MINUTE);
    expect(pace(one, { plan })?.left).toBe(20 * MINUTE);
  });

  it('is that of the groups alone, where there are projects', () => {
    const plan = planOf({ count: 9, records: 1_250 }, { projects: 3 });

    expect(pace(GROUPS, { plan })).toMatchObject({ left: 20 * MINUTE, hasProjects: true });
  });
});

describe('an import with so many groups that not all are read', () => {
  const ended = Array.from({ length: 40 }, (_, index) => done(30, [4, 2 - index / 20]));
  const read = {
    isWhole: false,
    latestSince: ago(2),
    statuses: { ...NO_STATUSES, finished: 1_000, created: 500 },
  };

  it('takes the time of its groups, at the pace of those that have ended last', () => {
    const plan = planOf({ count: 3_000, records: 90_000 });

    // 40 in two minutes, of 2,000.
    expect(pace(ended, { plan, read })?.left).toBe(100 * MINUTE);
    expect(pace(ended, { plan: planOf({ count: 1_200, records: 1 }), read })?.left).toBe(25 * MINUTE);
  });

  it('is not told a time where projects are among what is counted, or a group has failed', () => {
    const plan = planOf({ count: 3_000, records: 90_000 });
    const failed = { ...read, statuses: { ...read.statuses, failed: 1 } };

    expect(pace(ended, { plan: planOf(plan.totals?.groups, { projects: 1 }), read })?.left).toBeNull();
    expect(pace(ended, { plan, read: failed })?.left).toBeNull();
  });
});
