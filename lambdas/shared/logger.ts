import { Logger } from '@aws-lambda-powertools/logger';
import { invocationIds } from './invocation.ts';

/** Puts the ids of the running invocation into every line. */
class InvocationLogger extends Logger {
  protected override createAndPopulateLogItem(...line: Parameters<Logger['createAndPopulateLogItem']>) {
    const item = super.createAndPopulateLogItem(...line);
    item.setAttributes({ ...invocationIds(), ...item.getAttributes() });
    return item;
  }
}

/**
 * JSON lines for CloudWatch. Each has the ids of its invocation as keys (`importId`, `entityId`, `pipeline`,
 * `correlationId`, `requestId`); bodies, headers and tokens never go in. `POWERTOOLS_LOG_LEVEL` sets the level (default INFO).
 */
export const logger = new InvocationLogger({ serviceName: 'gitlab-bulk-imports' });

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
