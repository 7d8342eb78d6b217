import type { EntityAnswer } from '../../lib/demo/api-client.ts';

const NOW = '2025-05-01T12:00:00.000Z';

type Stats = Record<string, [source: number, fetched: number, imported: number]>;

/** An entity as the service answers it, with these counts by relation. */
export function entityAnswer(
  path: string,
  status: EntityAnswer['status'],
  stats: Stats = {},
  failures: EntityAnswer['failures'] = [],
): EntityAnswer {
  return {
    id: 1,
    bulk_import_id: 1,
    status,
    entity_type: 'group',
    source_full_path: path,
    destination_full_path: path,
    destination_name: path,
    destination_slug: path,
    destination_namespace: '',
    parent_id: null,
    namespace_id: null,
    project_id: null,
    created_at: NOW,
    updated_at: NOW,
    failures,
    migrate_projects: true,
    migrate_memberships: true,
    excluded_relations: [],
    has_more_failures: false,
    has_failures: failures.length > 0,
    stats: Object.fromEntries(
      Object.entries(stats).map(([relation, [source, fetched, imported]]) => [
        relation,
        { source, fetched, imported, skipped: 0, failed: fetched - imported, skip_reasons: {} },
      ]),
    ),
    waiting: [],
  };
}

/** A failure of one record, as the service answers it. */
export function failureAnswer(relation: string, message: string, title: string | null = null) {
  return {
    relation,
    exception_message: message,
    exception_class: 'BulkImports::Error',
    correlation_id_value: 'c0ffee',
    source_url: null,
    source_title: title,
    step: 'loader',
    pipeline_class: 'BulkImports::Common::Pipelines::LabelsPipeline',
    pipeline_step: 'loader',
    retryable: true,
    created_at: NOW,
  };
}
