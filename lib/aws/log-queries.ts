import { LogEvent } from '../../lambdas/platform/logger.ts';

/** The tables of the dashboard, as Logs Insights queries. Event names come from the list that the code logs from. */
export const LOG_QUERIES = {
  lastFailures: [
    'fields @timestamp, importId, entityId, pipeline, step, exceptionClass, reason, correlationId',
    `filter message = "${LogEvent.RecordFailed}"`,
    'sort @timestamp desc',
    'limit 20',
  ],
  failureReasons: [
    'fields coalesce(pipeline, "-") as relation',
    `filter message = "${LogEvent.RecordFailed}"`,
    'stats count(*) as failures, latest(importId) as lastImport, latest(reason) as lastReason by relation, exceptionClass',
    'sort failures desc',
    'limit 20',
  ],
  endedEntities: [
    'fields @timestamp, importId, entityId, status, hasFailures, correlationId',
    `filter message = "${LogEvent.EntityEnded}"`,
    'sort @timestamp desc',
    'limit 20',
  ],
  crashes: [
    'fields @timestamp, coalesce(message.errorType, message, record.status) as what, coalesce(message.errorMessage, error.message) as why, importId, requestId, @log',
    'filter level = "ERROR" or record.status in ["error", "timeout", "failure"]',
    'sort @timestamp desc',
    'limit 20',
  ],
  slowOrFailingRequests: [
    'fields coalesce(status, reason) as answer',
    `filter message = "${LogEvent.RequestFailed}" and level = "WARN"`,
    'stats count(*) as requests, latest(importId) as lastImport, max(@timestamp) as last by instance, operation, answer',
    'sort requests desc',
    'limit 20',
  ],
  waits: [
    'fields @timestamp, importId, entityId, pipeline, instance, reason, seconds, waits',
    `filter message = "${LogEvent.PipelineWaits}"`,
    'sort @timestamp desc',
    'limit 20',
  ],
  apiProblems: [
    'fields @timestamp, status, route, path, latency, integrationError, requestId',
    'filter status >= 500 or latency > 3000',
    'sort @timestamp desc',
    'limit 20',
  ],
} as const satisfies Record<string, readonly string[]>;
