import { excludedNames } from '../domain/choices.ts';
import { STATUSES, type Status } from '../domain/statuses.ts';
import type { AuditOutcome } from '../store/audit-pages.ts';
import type { Entity } from '../store/entity.ts';
import type { Import } from '../store/imports.ts';
import type { CausedFailure } from './causes.ts';
import { addFigures, sumFigures, type VerifiedFigures } from './figures.ts';
import { Problems, type VerifiedProblem } from './problems.ts';
import { hasRecords, relationName } from './relation-names.ts';
import type { NotMigrated, RelationFigures, Report, ReportedEntity } from './report.ts';
import { Skips } from './skips.ts';
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
  now?: Date;
}

/** Makes the report of an import. Reads the entities first, then their failures. */
export async function makeReport(sources: ReportSources): Promise<Report> {
  const { bulkImport, verification, now = new Date() } = sources;
  const counted = await countEntities(sources);
  const found = new Problems(counted.entities, verification?.problems ?? []);
  const isWhole = await eachOf(sources.failures, sources.most.failures, one => found.addFailure(one));
  const writes = new WriteCounts();
  const areWritesWhole = await eachOf(sources.writes, sources.most.writes, one => writes.add(one));
  return {
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
    statuses: counted.statuses,
    totals: sumFigures(counted.relations),
    relations: counted.relations,
    skips: counted.skips,
    notMigrated: counted.notMigrated,
    ...found.told(),
    isWhole,
    writes: writes.list(),
    areWritesWhole,
    entities: [...counted.entities.values()],
  };
}

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

interface Counted extends Pick<Report, 'statuses' | 'relations' | 'skips' | 'notMigrated'> {
  entities: Map<number, ReportedEntity>;
}

async function countEntities({ bulkImport, entities: pages, verification }: ReportSources): Promise<Counted> {
  const entities = new Map<number, ReportedEntity>();
  const statuses = Object.fromEntries(STATUSES.map(status => [status, 0])) as Record<Status, number>;
  const relations = new Map<string, RelationFigures>();
  const skips = new Skips();
  const notMigrated = new Map<string, NotMigrated>();
  for await (const page of pages) {
    for (const entity of page) {
      const reported = reportedEntity(bulkImport, entity, verification?.figures.get(entity.id) ?? {});
      entities.set(entity.id, reported);
      statuses[reported.status] += 1;
      for (const figures of reported.relations) addTo(relations, figures);
      skips.add(entity);
      for (const relation of excludedNames(entity.sourceType, entity.relations)) {
        const known = notMigrated.get(relation);
        if (known === undefined) notMigrated.set(relation, { relation, source: null, entities: 1 });
        else known.entities += 1;
      }
    }
  }
  return {
    entities,
    statuses,
    relations: [...relations.values()].sort(byName),
    skips: skips.list(),
    notMigrated: [...notMigrated.values()],
  };
}

/** What the relations are in comes first, then as people look for them. */
function byName({ relation: one }: RelationFigures, { relation: other }: RelationFigures): number {
  const first = (relation: string) => Number(['group', 'project'].includes(relation));
  return first(other) - first(one) || relationName(one).localeCompare(relationName(other), 'en');
}

function addTo(relations: Map<string, RelationFigures>, figures: RelationFigures): void {
  const known = relations.get(figures.relation);
  if (known !== undefined) addFigures(known, figures);
  else relations.set(figures.relation, { ...figures, verified: figures.verified && { ...figures.verified } });
}

function reportedEntity(
  { status }: Pick<Import, 'status'>,
  entity: Entity,
  verified: Readonly<Record<string, VerifiedFigures>>,
): ReportedEntity {
  const names = [...new Set([...Object.keys(entity.stats), ...Object.keys(verified)])].filter(hasRecords);
  return {
    id: entity.id,
    type: entity.sourceType === 'group_entity' ? 'group' : 'project',
    // Canceling an import cancels all of its entities at once, though they are written one by one.
    status: status === 'canceled' ? status : entity.status,
    sourceFullPath: entity.sourceFullPath,
    destinationFullPath: entity.destinationFullPath,
    relations: names.map(relation => {
      const { source = 0, imported = 0, skipped = 0, failed = 0 } = entity.stats[relation] ?? {};
      return { relation, source, imported, skipped, failed, verified: verified[relation] ?? null };
    }),
    problems: 0,
  };
}
