import * as fc from 'fast-check';
import { STATUSES } from '../../lambdas/domain/statuses.ts';
import type { CausedFailure } from '../../lambdas/report/causes.ts';
import { makeReport } from '../../lambdas/report/make-report.ts';
import type { Report } from '../../lambdas/report/report.ts';
import type {
  VerificationSources,
  VerifiedEntity,
  VerifiedFailure,
} from '../../lambdas/report/verification.ts';
import { AUDIT_RESULTS } from '../../lambdas/store/audit-events.ts';
import type { AuditOutcome } from '../../lambdas/store/audit-pages.ts';
import { type Changes, type Foreseen, NOTHING_FORESEEN, sumChanges } from '../../lambdas/store/changes.ts';
import { type Entity, entityFromItem, entityItem } from '../../lambdas/store/entity.ts';
import type { Counts } from '../../lambdas/store/trackers.ts';
import { HOSTILE_NAMES } from '../progress/fixtures.ts';
import { countsOf } from '../support/table/counts.ts';
import { newEntity, newFailure, newImport } from '../support/table/records.ts';

const TIME = '2026-01-02T03:04:05.678Z';

/** An entity as it comes out of the table, with these counts. */
export function entityWith(
  attributes: Partial<Entity> & { counts?: Record<string, Counts>; foreseen?: Partial<Foreseen> } = {},
): Entity {
  const { counts = {}, foreseen, ...others } = attributes;
  const trackers = Object.entries(counts).map(([relation, count]) => [
    relation,
    {
      relation,
      status: 'finished',
      counts: count,
      ...(foreseen && { foreseen: { ...NOTHING_FORESEEN, ...foreseen } }),
    },
  ]);
  const item = entityItem({
    ...newEntity(),
    parent: null,
    status: 'finished',
    claimedFullPath: null,
    claimedAt: null,
    attemptedAt: null,
    namespaceId: null,
    destinationCreatedAt: null,
    destinationShown: null,
    projectId: null,
    destinationFullPath: 'imported/platform',
    hasFailures: false,
    failuresRecorded: false,
    run: 1,
    alone: null,
    trackers: Object.fromEntries(trackers),
    createdAt: TIME,
    updatedAt: TIME,
    ...others,
  });
  const { pk: _, sk: __, listPk: ___, listSk: ____, statusPk: _____, statusSk: ______, ...stored } = item;
  return entityFromItem(stored);
}

/** A failure as it is grouped. */
export function failureWith(attributes: Partial<CausedFailure> = {}): CausedFailure {
  const { entityId, relation, exceptionClass, exceptionMessage, sourceTitle, createdAt, retryable } =
    newFailure();
  const told = { entityId, relation, exceptionClass, exceptionMessage, sourceTitle, createdAt, retryable };
  return { ...told, ...attributes };
}

/** The report of what there is. */
export function reportOf({
  entities,
  failures = [],
  writes = [],
  verification,
  most = { failures: 1_000_000, writes: 1_000_000 },
  plan,
  page = 3,
  kind = 'import',
}: {
  entities: Entity[];
  failures?: CausedFailure[];
  writes?: AuditOutcome[];
  verification?: VerificationSources;
  most?: { failures: number; writes: number };
  plan?: Entity[];
  page?: number;
  kind?: 'import' | 'plan';
}): Promise<Report> {
  return makeReport({
    bulkImport: newImport({ id: 42, status: 'finished', sourceUrl: 'https://old.example', kind }),
    entities: inPages(entities, page),
    failures: inPages(failures, page),
    writes: inPages(writes, page),
    most,
    ...(verification !== undefined && { verification }),
    ...(plan !== undefined && { plan: { id: 41, entities: inPages(plan, page) } }),
    now: new Date('2026-01-02T04:00:00.000Z'),
  });
}

/** What a verification would have done: nothing, but for what is told. */
export const verifiedWith = (changes: Partial<Changes>): Changes => ({ ...sumChanges([]), ...changes });

/** A verification that has read these. */
export function verificationOf(
  entities: VerifiedEntity[],
  failures: VerifiedFailure[] = [],
): VerificationSources {
  return { at: TIME, entities: inPages(entities, 2), failures: inPages(failures, 2) };
}

async function* inPages<T>(all: T[], size: number): AsyncGenerator<T[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size);
}

const RELATIONS = ['group', 'labels', 'milestones', 'members', 'boards', 'ci_pipelines', 'badges'];

const name = fc.oneof(
  fc.constantFrom(...HOSTILE_NAMES, '=1+1', '@all', '-2', 'a|b\\|c', '[x](http://evil.example)', '``` x'),
  fc.string({ maxLength: 40, unit: 'binary' }),
);

const counts = fc
  .record({ imported: fc.nat(5_000), skipped: fc.nat(300), failed: fc.nat(300), unread: fc.nat(50) })
  .map(({ unread, ...counted }) => {
    const fetched = counted.imported + counted.skipped + counted.failed;
    const skips = counted.skipped > 0 ? { no_user: counted.skipped } : {};
    return countsOf({ ...counted, fetched, source: fetched + unread, skips });
  });

/** What a verification would have done about a relation's records: what it would create has failed. */
const verifiedChanges = fc
  .record({
    unchanged: fc.nat(5_000),
    update: fc.oneof(fc.constant(0), fc.nat(20)),
    create: fc.oneof(fc.constant(0), fc.nat(20)),
    unknown: fc.oneof(fc.constant(0), fc.nat(30)),
    unverified: fc.oneof(fc.constant(0), fc.nat(5)),
  })
  .map(({ unverified, ...changes }) => verifiedWith({ ...changes, blocked: changes.create + unverified }));

const byRelation = <T>(value: fc.Arbitrary<T>) =>
  fc
    .uniqueArray(fc.constantFrom(...RELATIONS), { maxLength: 5 })
    .chain(relations =>
      fc
        .tuple(...relations.map(() => value))
        .map(values => Object.fromEntries(relations.map((relation, at) => [relation, values[at] as T]))),
    );

const drawnEntity = fc.record({
  sourceFullPath: name,
  destinationFullPath: fc.option(name),
  status: fc.constantFrom(...STATUSES),
  counts: byRelation(counts),
  verified: byRelation(verifiedChanges),
  failures: fc.array(
    fc.record({
      relation: fc.constantFrom(...RELATIONS),
      sourceTitle: fc.option(name),
      exceptionMessage: fc.oneof(name, fc.constant("The label 'x' was refused (422).")),
    }),
    { maxLength: 4 },
  ),
  found: fc.array(
    fc.record({
      relation: fc.constantFrom(...RELATIONS),
      sourceTitle: fc.option(name),
      exceptionClass: fc.constantFrom('BulkImports::DifferentRecordError', 'BulkImports::MissingRecordError'),
      exceptionMessage: name,
      step: fc.constantFrom('loader' as const, 'extractor' as const),
    }),
    { maxLength: 3 },
  ),
});

/** Reports of imports of all kinds, verified or not, whose names mean harm. */
export const drawnReport: fc.Arbitrary<Promise<Report>> = fc
  .record({
    entities: fc.array(drawnEntity, { maxLength: 8 }),
    isVerified: fc.boolean(),
    writes: fc.array(
      fc.record({
        target: fc.oneof(fc.constantFrom('Label', 'Board'), name),
        result: fc.constantFrom(...AUDIT_RESULTS),
      }),
      { maxLength: 12 },
    ),
  })
  .map(({ entities, isVerified, writes }) => {
    const ofId = entities.map((entity, index) => ({ id: index + 1, ...entity }));
    const verification = verificationOf(
      ofId.map(({ id, verified }) => ({ id, changes: verified })),
      ofId.flatMap(({ id, found }) =>
        found.map(({ step, ...failure }) => ({ ...failureWith({ entityId: id, ...failure }), step })),
      ),
    );
    return reportOf({
      entities: ofId.map(({ verified: _, failures: __, found: ___, ...entity }) => entityWith(entity)),
      failures: ofId.flatMap(({ id, failures }) =>
        failures.map(failure => failureWith({ entityId: id, ...failure })),
      ),
      writes,
      ...(isVerified && { verification }),
    });
  });

const drawnPlanEntity = fc.record({
  sourceFullPath: name,
  counts: byRelation(counts),
  foreseen: fc.record({ create: fc.nat(900), update: fc.nat(50), unchanged: fc.nat(50), unknown: fc.nat(9) }),
  notMigrated: fc.constantFrom({}, { epics: 3 }, { epics: 1, hooks: 2 }),
});

/** Reports of plans, and of imports that were bound to one. */
export const drawnPlan: fc.Arbitrary<Promise<Report>> = fc
  .record({ plan: fc.array(drawnPlanEntity, { maxLength: 6 }), isOfPlan: fc.boolean() })
  .map(({ plan, isOfPlan }) => {
    const planned = plan.map((entity, index) => entityWith({ id: index + 1, kind: 'plan', ...entity }));
    if (isOfPlan) return reportOf({ kind: 'plan', entities: planned });
    const moved = plan.map(({ counts: counted, sourceFullPath }, index) =>
      entityWith({ id: index + 100, sourceFullPath, counts: counted }),
    );
    return reportOf({ entities: moved, plan: planned });
  });
