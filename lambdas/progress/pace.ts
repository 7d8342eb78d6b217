import { isTerminal } from '../domain/statuses.ts';
import { type Counts, sumCounts } from '../store/counts.ts';
import type { Entity } from '../store/entity.ts';
import type { GitLabLoad } from '../store/gitlab-loads.ts';
import type { Import } from '../store/imports.ts';
import type { PaceProgress } from './progress.ts';
import type { EntitiesRead } from './read-entities.ts';

/** What is looked back at: long enough to even out a line at a limit, short enough to forget an outage soon. */
const WINDOW_MS = 5 * 60_000;
/** An import that has run for less has no pace yet. */
const LEAST_MS = 60_000;
const MINUTE_MS = 60_000;

/** What the pace of an import is told from. */
export interface PaceSources {
  now: Date;
  /** The plan that it is bound to. */
  plan: Import | undefined;
  /** What is known of each GitLab. */
  loads: Record<'source' | 'destination', GitLabLoad | undefined>;
}

/**
 * How quickly an import goes on, from what is stored of its groups and projects: what each has done is spread evenly over
 * the time from its first run to its last save, and what falls into the last minutes is counted. So it gets less while
 * everything waits. Projects are no part of it but for their requests: they move by jobs, of which some take a second and
 * some an hour.
 *
 * @returns `null` while it is not known: in the first minute, and when the import does not run
 */
export function paceOf(record: Import, read: EntitiesRead, sources: PaceSources): PaceProgress | null {
  const now = sources.now.getTime();
  const startedAt = Date.parse(record.startedAt ?? '');
  if (record.status !== 'started' || !(now - startedAt >= LEAST_MS)) return null;
  const from = Math.max(now - WINDOW_MS, startedAt, Date.parse(read.latestSince ?? '') || 0);
  // Just when the last of many has ended, there is nothing to look back at.
  const minutes = Math.max(now - from, 1_000) / MINUTE_MS;
  const { latest } = read;
  const perMinute = (of: (entity: Entity) => number) =>
    latest.reduce((sum, entity) => sum + of(entity) * shareSince(entity, from), 0) / minutes;
  const groups = latest.filter(isGroup);
  // In a retry, what the counts say of the attempts before it cannot be told from what it has done itself.
  const isFirst = record.attempt === 1;
  const records = isFirst ? perMinute(entity => (isGroup(entity) ? countsIn(entity).fetched : 0)) : 0;
  const ended = groups.filter(({ status, updatedAt }) => isTerminal(status) && Date.parse(updatedAt) >= from);
  const requests = (['source', 'destination'] as const).flatMap(instance => {
    const { limit = 0 } = sources.loads[instance] ?? {};
    if (limit === 0) return [];
    return [{ instance, perMinute: Math.round(perMinute(requestsTo[instance])), limit }];
  });
  const rates = { records, groups: ended.length / minutes };
  const left = isFirst && !standsStill(groups, now) ? timeLeft(read, sources.plan, rates) : null;
  // Above a limit, as after a burst, it does not go on like this.
  const excess = Math.max(1, ...requests.map(({ perMinute: sent, limit }) => sent / limit));
  return {
    recordsPerMinute: records >= 1 ? Math.round(records) : null,
    requests,
    left: left && left * excess,
    hasProjects: groups.length < latest.length || hasProjects(sources.plan),
  };
}

const isGroup = ({ sourceType }: Entity) => sourceType === 'group_entity';
const countsIn = ({ stats }: Entity): Counts => sumCounts(Object.values(stats));
const requestsTo = {
  source: ({ sourceRequests = 0 }: Entity) => sourceRequests,
  destination: ({ destinationRequests = 0 }: Entity) => destinationRequests,
};

/** Which part of what an entity has done, in this attempt, was done since a moment. */
function shareSince({ begunAt, updatedAt }: Entity, from: number): number {
  if (begunAt === undefined) return 0;
  const [began, saved] = [Date.parse(begunAt), Date.parse(updatedAt)];
  if (saved < from) return 0;
  return saved <= began ? 1 : Math.min(1, (saved - from) / (saved - began));
}

/** Whether all groups that run wait for something that nobody knows the end of. A place in a line is none of that. */
function standsStill(groups: Entity[], now: number): boolean {
  const running = groups.filter(({ status }) => status === 'started');
  return running.length > 0 && running.every(({ waiting }) => isHeldUp(Object.values(waiting), now));
}

function isHeldUp(waits: Entity['waiting'][string][], now: number): boolean {
  const open = waits.filter(({ until }) => Date.parse(until) > now);
  return open.some(({ waitsFor, until }) => waitsFor !== 'limit' || Date.parse(until) > now + MINUTE_MS);
}

/** Groups per minute, and records in them. */
type Rates = Record<'groups' | 'records', number>;

/**
 * Milliseconds that what is left of the groups takes at the present pace. Only a plan knows what is left, for groups are
 * found on the way. One that has failed as a whole takes what is below it along, and nobody knows how much that is.
 */
function timeLeft(read: EntitiesRead, plan: Import | undefined, { groups, records }: Rates): number | null {
  const planned = plan?.totals?.groups;
  if (planned === undefined || hasFailedGroup(read) || (!read.isWhole && hasProjects(plan))) return null;
  const { done, all, rate } = read.isWhole
    ? { ...recordsDone(read.latest, planned.records), rate: records }
    : { ...groupsDone(read, planned.count), rate: groups };
  const left = all - done;
  // Less than one of them in all that was looked back at.
  if (left <= 0 || rate < MINUTE_MS / WINDOW_MS) return null;
  return (MINUTE_MS * left) / rate;
}

/** More than was planned, where the source has got more since. */
function recordsDone(entities: Entity[], planned: number): { done: number; all: number } {
  const { source, fetched } = sumCounts(entities.filter(isGroup).map(countsIn));
  return { done: fetched, all: Math.max(planned, source) };
}

function groupsDone({ statuses }: EntitiesRead, planned: number): { done: number; all: number } {
  const { created, started, ...ended } = statuses;
  const done = Object.values(ended).reduce((sum, count) => sum + count, 0);
  return { done, all: Math.max(planned, done + created + started) };
}

function hasFailedGroup({ isWhole, latest, statuses }: EntitiesRead): boolean {
  if (!isWhole) return statuses.failed + statuses.timeout > 0;
  return latest.some(entity => isGroup(entity) && ['failed', 'timeout'].includes(entity.status));
}

const hasProjects = (plan: Import | undefined): boolean => {
  const { requested = 0, children = 0, totals } = plan ?? {};
  return totals?.groups !== undefined && totals.groups.count < requested + children;
};
