import type * as z from 'zod/mini';
import { LONGEST_MESSAGE } from '../shared/failure-message.ts';
import type { Entity } from '../store/entities.ts';
import { type Failure, listFailures } from '../store/failures.ts';
import type { Import } from '../store/imports.ts';
import { bulkImportSchema, entitySchema, failureSchema } from './record-schemas.ts';

export function presentImport(record: Import): z.infer<typeof bulkImportSchema> {
  return bulkImportSchema.parse({
    id: record.id,
    status: record.status,
    source_type: 'gitlab',
    source_url: record.sourceUrl,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    has_failures: record.hasFailures,
    failure:
      record.failure === undefined
        ? null
        : {
            exception_class: record.failure.exceptionClass,
            exception_message: record.failure.message.slice(0, LONGEST_MESSAGE),
          },
  });
}

export function presentFailure(failure: Failure): z.infer<typeof failureSchema> {
  return failureSchema.parse({
    relation: failure.relation,
    exception_message: failure.exceptionMessage.slice(0, LONGEST_MESSAGE),
    exception_class: failure.exceptionClass,
    correlation_id_value: failure.correlationId,
    source_url: failure.sourceUrl,
    source_title: failure.sourceTitle?.slice(0, LONGEST_MESSAGE) ?? null,
    step: failure.step,
    pipeline_class: failure.pipelineClass,
    pipeline_step: failure.step,
    created_at: failure.createdAt,
  });
}

/** Presents an entity with all of its failures, which are read only when it has some. */
export async function presentEntity(entity: Entity): Promise<z.infer<typeof entitySchema>> {
  const failures = entity.failuresRecorded ? await listFailures(entity.importId, entity.id) : [];
  return entitySchema.parse({
    id: entity.id,
    bulk_import_id: entity.importId,
    status: entity.status,
    entity_type: entity.sourceType === 'group_entity' ? 'group' : 'project',
    source_full_path: entity.sourceFullPath,
    destination_full_path: entity.destinationFullPath,
    destination_name: entity.destinationSlug,
    destination_slug: entity.destinationSlug,
    destination_namespace: entity.destinationNamespace,
    parent_id: entity.parentId,
    namespace_id: entity.namespaceId,
    project_id: entity.projectId,
    created_at: entity.createdAt,
    updated_at: entity.updatedAt,
    failures: failures.map(presentFailure),
    migrate_projects: entity.migrateProjects,
    migrate_memberships: entity.migrateMemberships,
    has_failures: entity.hasFailures,
    stats: Object.fromEntries(
      Object.entries(entity.stats).map(([relation, { skips, ...counts }]) => [
        relation,
        { ...counts, skip_reasons: skips },
      ]),
    ),
    waiting: presentWaiting(entity),
  });
}

/** What an entity waits for now; a wait whose time has come is over, and is tried again. */
function presentWaiting({ waiting }: Entity, now = new Date().toISOString()) {
  return Object.entries(waiting)
    .filter(([, { until }]) => until > now)
    .map(([relation, { waitsFor, instance, until, reason }]) => ({
      relation,
      waits_for: waitsFor,
      instance,
      until,
      reason,
    }));
}
