import type { AuditOutcome } from '../store/audit-pages.ts';
import type { Entity } from '../store/entity.ts';
import type { Import } from '../store/imports.ts';
import type { CausedFailure } from './causes.ts';
import { EntityTally } from './count-entities.ts';
import { sumFigures } from './figures.ts';
import { Problems } from './problems.ts';
import { MOST_NEW, type NewAtSource, type Report } from './report.ts';
import { newIn, ofRecords, type VerificationSources, type VerifiedEntity } from './verification.ts';
import { WriteCounts } from './writes.ts';

/** What a report is made of, in pages, so that a large import need not be in memory. */
export interface ReportSources {
  bulkImport: Import;
  entities: AsyncIterable<Entity[]>;
  /** By entity. */
  failures: AsyncIterable<CausedFailure[]>;
  writes: AsyncIterable<AuditOutcome[]>;
  /** How many failures, and how many writes, are read at most. */
  most: { failures: number; writes: number };
  verification?: VerificationSources;
  /** The plan that it was bound to. */
  plan?: { id: number; entities: AsyncIterable<Entity[]> };
  now?: Date;
}

/** Makes the report of an import, or of a plan. Reads the entities first, then their failures. */
export async function makeReport(sources: ReportSources): Promise<Report> {
  const { bulkImport, verification, plan, now = new Date() } = sources;
  const { kind = 'import' } = bulkImport;
  const tally = new EntityTally(bulkImport);
  const verified = new Map<number, VerifiedEntity['changes']>();
  const newAtSource: NewAtSource[] = [];
  if (verification) {
    await eachOf(verification.entities, ALL, one => {
      verified.set(one.id, ofRecords(one.changes ?? {}));
      newAtSource.push(...newIn(one).slice(0, MOST_NEW - newAtSource.length));
    });
  }
  await eachOf(sources.entities, ALL, one => tally.add(one, verified.get(one.id)));
  if (plan !== undefined) await eachOf(plan.entities, ALL, one => tally.addPlanned(one));
  const tallied = tally.tallied();
  const found = new Problems(kind, tally.entities);
  const { failures: most } = sources.most;
  const isVerifiedWhole =
    verification === undefined || (await eachOf(verification.failures, most, one => found.addVerified(one)));
  const areFailuresWhole = await eachOf(sources.failures, most, one => found.addFailure(one));
  const writes = new WriteCounts();
  const areWritesWhole = await eachOf(sources.writes, sources.most.writes, one => writes.add(one));
  return {
    kind,
    importId: bulkImport.id,
    status: bulkImport.status,
    attempt: bulkImport.attempt,
    sourceUrl: bulkImport.sourceUrl,
    destinationUrl: bulkImport.destinationUrl,
    createdAt: bulkImport.createdAt,
    updatedAt: bulkImport.updatedAt,
    madeAt: now.toISOString(),
    verifiedAt: verification?.at ?? null,
    failure: bulkImport.failure?.message ?? null,
    planId: plan?.id ?? null,
    foreseen: bulkImport.totals ?? null,
    ...tallied,
    totals: sumFigures(tallied.relations),
    ...found.told(),
    newAtSource,
    isWhole: isVerifiedWhole && areFailuresWhole,
    writes: writes.list(),
    areWritesWhole,
    entities: [...tally.entities.values()],
  };
}

const ALL = Number.POSITIVE_INFINITY;

/** Takes what is in pages, up to so many. @returns whether that was all */
async function eachOf<T>(pages: AsyncIterable<T[]>, most: number, take: (one: T) => void): Promise<boolean> {
  let left = most;
  for await (const page of pages) {
    for (const one of page.slice(0, left)) take(one);
    left -= page.length;
    if (left < 0) return false;
  }
  return true;
}
