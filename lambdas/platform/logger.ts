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
 * What JSON leaves as it is, though some reader takes it for the end of a line, a terminal's command or an order to
 * write backwards.
 */
const UNSAFE_IN_A_LINE = /[\u007f-\u009f\u2028\u2029]|\p{Cf}/gu;

/** Writes such characters, which come from callers and GitLabs, as `\u2028`. */
function escapeUnsafe(_key: string, value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value.replaceAll(
    UNSAFE_IN_A_LINE,
    character => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}

/**
 * JSON lines for CloudWatch. Each has the ids of its invocation as keys (`importId`, `entityId`, `pipeline`,
 * `correlationId`, `requestId`); bodies, headers and tokens never go in. `POWERTOOLS_LOG_LEVEL` sets the level (default INFO).
 */
export const logger = new InvocationLogger({
  serviceName: 'gitlab-bulk-imports',
  jsonReplacerFn: escapeUnsafe,
});

/** The names of what is logged; a dashboard's queries use the same list. */
export const LogEvent = {
  ImportCreated: 'import_created',
  ImportReopened: 'import_reopened',
  ImportStarted: 'import_started',
  ImportEnded: 'import_ended',
  ImportCanceled: 'import_canceled',
  EntityStarted: 'entity_started',
  EntityEnded: 'entity_ended',
  PipelineRun: 'pipeline_run',
  PipelineWaits: 'pipeline_waits',
  RecordFailed: 'record_failed',
  RequestFailed: 'request_failed',
  AuditUnwritten: 'audit_unwritten',
  ArchiveFetched: 'archive_fetched',
  ArchivesLeft: 'archives_left',
  Reconciled: 'reconciled',
  ReconcileFailed: 'reconcile_failed',
} as const;
