import type { AuditOutcome } from '../store/audit-pages.ts';
import type { Entity } from '../store/entity.ts';
import type { Import } from '../store/imports.ts';
import type { CausedFailure } from './causes.ts';
import { EntityTally } from './count-entities.ts';
import { sumFigures, type VerifiedFigures } from './figures.ts';
import { Problems, type VerifiedProblem } from './problems.ts';
import type { Report } from './report.ts';
import { WriteCounts } from './writes.ts';

/** What a verification has found. It has read both GitLabs, and none of our counts. */
export interface Verification {
  /** When it ended. */
  at: string;
  /** By the id of the import's entity, and by relation. */
  figures: ReadonlyMap<number, Readonly<Record<string, VerifiedFigures>>>;
  /** Records that differ or are missing. */
  problems: readonly VerifiedProblem[];
}

/** What a report is made of, in pages, so that a large import need not be in memory. */
export interface ReportSources {
  bulkImport: Import;
  entities: AsyncIterable<Entity[]>;
  /** By entity. */
  failures: AsyncIterable<CausedFailure[]>;
  writes: AsyncIterable<AuditOutcome[]>;
  /** How many failures, and how many writes, are read at most. */
  most: { failures: number; writes: number };
  verification?: Verification;
  /** The plan that it was bound to. */
  plan?: { id: number; entities: AsyncIterable<Entity[]> };
  now?: Date;
}

/** Makes the report of an import, or of a plan. Reads the entities first, then their failures. */
export async function makeReport(sources: ReportSources): Promise<Report> {
  const { bulkImport, verification, plan, now = new Date() } = sources;
  const { kind = 'import' } = bulkImport;
  const tally = new EntityTally(bulkImport);
  await eachOf(sources.entities, ALL, one => tally.add(one, verification?.figures.get(one.id)));
  if (plan !== undefined) await eachOf(plan.entities, ALL, one => tally.addPlanned(one));
  const tallied = tally.tallied();
  const found = new Problems(kind, tally.entities, verification?.problems ?? []);
  const isWhole = await eachOf(sources.failures, sources.most.failures, one => found.addFailure(one));
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
    isWhole,
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
