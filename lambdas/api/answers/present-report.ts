import type * as z from 'zod/mini';
import { LONGEST_MESSAGE, shortened } from '../../domain/failure-message.ts';
import { notedArchives } from '../../report/archive-sizes.ts';
import type { Cause } from '../../report/causes.ts';
import { accuracyOf, expectedOf, type Figures } from '../../report/figures.ts';
import { isReportComplete, whyIncomplete } from '../../report/incomplete.ts';
import type { Problem, Report } from '../../report/report.ts';
import { presentArchives } from './present-plan.ts';
import { planReportSchema, reportSchema } from './report-schema.ts';
import { bytesOf, LONGEST_PATH, MOST_BYTES } from './response-size.ts';

const MOST_CAUSES = 100;
const MOST_NOTES = 100;

/** Presents the report of an import as JSON. What is listed leaves the response below what a Lambda may answer with. */
export function presentReport(report: Report): z.infer<typeof reportSchema> {
  return reportSchema.parse({
    bulk_import_id: report.importId,
    plan_id: report.planId,
    ...presentShared(report),
  });
}

/** Presents the report of a plan as JSON. */
export function presentPlanReport(report: Report): z.infer<typeof planReportSchema> {
  return planReportSchema.parse({ plan_id: report.importId, ...presentShared(report) });
}

function presentShared(report: Report) {
  const { totals, relations, causes, problems } = report;
  return {
    status: report.status,
    attempt: report.attempt,
    created_at: report.createdAt,
    updated_at: report.updatedAt,
    verified_at: report.verifiedAt,
    complete: isReportComplete(report),
    incomplete: whyIncomplete(report),
    accuracy: accuracyOf(totals),
    totals: { ...presentFigures(totals), expected: totals.verified && expectedOf(totals.verified) },
    relations: relations.map(({ relation, ...figures }) => ({
      relation,
      ...presentFigures(figures),
      accuracy: accuracyOf(figures),
    })),
    archives: report.archives && {
      ...presentArchives(report.archives),
      notes: notedArchives(report)
        .slice(0, MOST_NOTES)
        .map(({ entity, bytes, note }) => ({
          entity_id: entity.id,
          source_full_path: shortened(entity.sourceFullPath, LONGEST_PATH),
          size: bytes,
          note,
        })),
    },
    skips: report.skips,
    not_migrated: report.notMigrated.map(({ relation, source, entities }) => ({
      relation,
      source,
      entities_count: entities,
    })),
    new_at_source: report.newAtSource.map(({ entityId, type, sourceFullPath }) => ({
      entity_id: entityId,
      source_type: type === 'group' ? ('group_entity' as const) : ('project_entity' as const),
      source_full_path: shortened(sourceFullPath, LONGEST_PATH),
    })),
    causes: causes.slice(0, MOST_CAUSES).map(presentCause),
    causes_total: causes.length,
    problems: thatFit(problems.map(presentProblem)),
    problems_total: report.problemsTotal,
    writes: report.writes.flatMap(({ target, results }) =>
      Object.entries(results).map(([result, count]) => ({ target_type: target, result, count })),
    ),
    all_writes_read: report.areWritesWhole,
    all_failures_read: report.isWhole,
  };
}

function presentFigures({ source, imported, skipped, failed, verified, planned }: Figures) {
  return {
    source,
    imported,
    skipped,
    failed,
    matched: verified?.matched ?? null,
    different: verified?.different ?? null,
    missing: verified?.missing ?? null,
    new_at_source: verified?.newAtSource ?? null,
    unverified: verified?.unverified ?? null,
    planned,
  };
}

function presentCause({ exceptionClass, message, entities, retryHelps, ...cause }: Cause) {
  return {
    ...cause,
    exception_class: exceptionClass,
    message: shortened(message, LONGEST_MESSAGE),
    entities_count: entities,
    retryable: retryHelps,
  };
}

function presentProblem({ entityId, sourceFullPath, title, message, ...problem }: Problem) {
  return {
    ...problem,
    entity_id: entityId,
    source_full_path: shortened(sourceFullPath, LONGEST_PATH),
    title: title && shortened(title, LONGEST_MESSAGE),
    message: shortened(message, LONGEST_MESSAGE),
  };
}

/** The first ones, as many as there is room for. */
function thatFit<T extends object>(listed: T[]): T[] {
  let left = MOST_BYTES;
  const end = listed.findIndex(one => {
    left -= bytesOf(one);
    return left < 0;
  });
  return end === -1 ? listed : listed.slice(0, end);
}
