import { Logger } from '@aws-lambda-powertools/logger';

/**
 * JSON lines for CloudWatch. Ids go in as keys (`importId`, `entityId`, `pipeline`, `correlationId`); bodies, headers
 * and tokens never do. `POWERTOOLS_LOG_LEVEL` sets the level (default INFO).
 */
export const logger = new Logger({ serviceName: 'gitlab-bulk-imports' });

/** The names of what is logged; a dashboard's queries use the same list. */
export const LogEvent = {
  ImportCreated: 'import_created',
  ImportStarted: 'import_started',
  ImportEnded: 'import_ended',
  ImportCanceled: 'import_canceled',
  EntityStarted: 'entity_started',
  EntityEnded: 'entity_ended',
  PipelineRun: 'pipeline_run',
  PipelineWaits: 'pipeline_waits',
  RecordFailed: 'record_failed',
  RequestFailed: 'request_failed',
  Reconciled: 'reconciled',
  ReconcileFailed: 'reconcile_failed',
} as const;
