import pLimit from 'p-limit';
import { onlyLooks } from '../domain/kinds.ts';
import { isTerminal } from '../domain/statuses.ts';
import { sumSkips } from '../report/skips.ts';
import { lastId } from '../store/counters.ts';
import { sumCounts } from '../store/counts.ts';
import type { Entity } from '../store/entity.ts';
import { getImports, type Import } from '../store/imports.ts';
import { listOpenImports } from '../store/open-imports.ts';
import { paceOf } from './pace.ts';
import type { ImportProgress, PlanProgress, Progress } from './progress.ts';
import { type EntitiesRead, readEntities } from './read-entities.ts';
import { causesOf, failureCount, type ReadFailures, readFailures } from './read-failures.ts';
import { readPaceSources } from './read-pace.ts';
import { readVerifications } from './read-verifications.ts';
import { sumWaits, waitsOf } from './waits.ts';

/** How much of the table the page shows, so that it stays quick and readable whatever the table holds. */
export const PROGRESS_LIMITS = {
  /** Imports in flight, the newest. */
  imports: 20,
  /** Imports that have ended, among this many of the newest. */
  ended: 5,
  /** Entities of an import that has no more than that are all read; of a larger one only those that are shown. */
  wholeImport: 400,
  /** Rows per import, and in all: 600 rows are about 0.6 MB of HTML, a tenth of what a Lambda may answer. */
  entities: 200,
  rows: 600,
  /** Entities whose failures are read, those that changed last; of the others it is only said that they have some. */
  failingEntities: 60,
  /** Failures that are read of one entity. */
  failuresPerEntity: 1_000,
  /** Plans, the newest. */
  plans: 5,
  /** Causes of failures of one import. */
  causes: 10,
};
export type ProgressLimits = typeof PROGRESS_LIMITS;

/** Queries at the same time. */
const PARALLEL = 8;

/**
 * Reads what the page shows. Costs a query per import that is shown and one per entity with failures; a large import
 * one per status, of keys only. So it takes about the same time whatever there is: the widget has 20 s.
 */
export async function readProgress(
  now = new Date(),
  limits: ProgressLimits = PROGRESS_LIMITS,
): Promise<Progress> {
  const [openIds, newestIds] = await Promise.all([
    listOpenImports(),
    newestIdsOf(KINDS_AMONG * limits.ended),
  ]);
  const ids = new Set([...newestIds, ...openIds.map(({ importId }) => importId)]);
  const read = await getImports([...ids].sort((a, b) => b - a));
  const records = read.filter(record => !onlyLooks(record));
  const newest = records.filter(({ id }) => newestIds.includes(id)).slice(0, limits.ended);
  const running = records.filter(({ status }) => !isTerminal(status));
  const ended = newest.filter(({ status }) => isTerminal(status));
  const shown = [...running.slice(0, limits.imports), ...ended];

  const limit = pLimit(PARALLEL);
  const whole = await limit.map(shown, async record => ({ record, ...(await readEntities(record, limits)) }));
  const failures = await readFailures(
    whole.flatMap(({ entities }) => entities),
    limits,
  );
  const verifications = await readVerifications(shown);
  const sourcesOf = await readPaceSources(shown.filter(({ status }) => status === 'started'));
  let rows = limits.rows;
  const progress = whole.map(one => {
    const visible = chooseEntities(one.entities, Math.min(limits.entities, rows));
    rows -= visible.length;
    const verification = verifications.get(one.record.id) ?? null;
    const pace = paceOf(one.record, one, { now, ...sourcesOf(one.record) });
    return { ...importProgress(one, { visible, failures, now, limits }), verification, pace };
  });
  return {
    now: now.toISOString(),
    inFlight: running.length,
    open: progress.filter(({ status }) => !isTerminal(status)),
    ended: progress.filter(({ status }) => isTerminal(status)),
    plans: read
      .filter(({ kind }) => kind === 'plan')
      .slice(0, limits.plans)
      .map(planProgress),
  };
}

/** Plans have ids of the same sequence: so many more are read for each import that is shown. */
const KINDS_AMONG = 4;

function planProgress(record: Import): PlanProgress {
  const { id, sourceUrl, status, createdAt, requested = 0, children = 0 } = record;
  return {
    id,
    sourceUrl,
    status,
    createdAt,
    entities: requested + children,
    hasBlockers: record.hasFailures,
    failure: record.failure?.message ?? null,
    totals: record.totals ?? null,
  };
}

/** Ids are numbers of a sequence, so the newest imports are found without a list of them. */
async function newestIdsOf(most: number): Promise<number[]> {
  const last = await lastId('IMPORT');
  return Array.from({ length: Math.min(most, last) }, (_, index) => last - index);
}

/** What is worked on, then what needs somebody's attention, then what waits, then the rest, the latest first. */
function chooseEntities(entities: Entity[], most: number): Entity[] {
  const rank = ({ status, failuresRecorded }: Entity) => {
    if (status === 'started') return 0;
    if (status === 'created') return 2;
    return status !== 'finished' || failuresRecorded ? 1 : 3;
  };
  return entities
    .toSorted((a, b) => rank(a) - rank(b) || (rank(a) === 3 ? b.id - a.id : a.id - b.id))
    .slice(0, Math.max(0, most));
}

function importProgress(
  { record, entities: all, statuses, isWhole }: { record: Import } & EntitiesRead,
  {
    visible,
    failures,
    now,
    limits,
  }: { visible: Entity[]; failures: Map<number, ReadFailures>; now: Date; limits: ProgressLimits },
): Omit<ImportProgress, 'verification' | 'pace'> {
  const counts = all.map(entity => failureCount(entity, failures));
  const causes = causesOf(all, failures);
  return {
    id: record.id,
    sourceUrl: record.sourceUrl,
    destinationUrl: record.destinationUrl,
    status: record.status,
    planId: record.planId ?? null,
    attempt: record.attempt,
    createdAt: record.createdAt,
    updatedAt: record.updatedAt,
    statuses,
    records: sumCounts(all.flatMap(({ stats }) => Object.values(stats))),
    hasMoreRecords: !isWhole,
    hasFailures: record.hasFailures,
    failure: record.failure?.message ?? null,
    failures: {
      known: counts.reduce((total, { known }) => total + known, 0),
      isExact: (isWhole || !record.hasFailures) && counts.every(({ isExact }) => isExact),
    },
    causes: causes.slice(0, limits.causes),
    causesTotal: causes.length,
    skips: sumSkips(all),
    waits: isTerminal(record.status) ? [] : sumWaits(all, now.toISOString()),
    entities: visible.map(entity => ({
      id: entity.id,
      source: entity.sourceFullPath,
      destination: destinationOf(entity),
      isMade: entity.destinationFullPath !== null,
      status: entity.status,
      records: sumCounts(Object.values(entity.stats)),
      relations: Object.entries(entity.stats).map(([name, relation]) => ({ name, ...relation })),
      waits: waitsOf(entity, now.toISOString()),
      failures: failureCount(entity, failures),
    })),
  };
}

function destinationOf(entity: Entity): string {
  const { destinationFullPath, claimedFullPath, destinationNamespace, destinationSlug } = entity;
  return (
    destinationFullPath ??
    claimedFullPath ??
    [destinationNamespace, destinationSlug].filter(part => part !== '').join('/')
  );
}
