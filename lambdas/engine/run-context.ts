import { isTerminal } from '../domain/statuses.ts';
import { TokenUseError } from '../domain/token-sealer.ts';
import { pipelineClients, type RunClients } from '../gitlab/connections.ts';
import type { PipelineEntry } from '../pipelines/stages.ts';
import { noteIds } from '../platform/invocation.ts';
import { getEntity } from '../store/entities.ts';
import { getImport, hasImportEnded, type Import } from '../store/imports.ts';
import { rateLimits } from '../store/rate-limits.ts';
import { getTokens, TokensErasedError } from '../store/sealed-tokens.ts';
import { endTracker, startRun, type Tracker } from '../store/trackers.ts';
import { closeImport, type Reason } from './end-import.ts';
import type { PipelineContext } from './pipeline.ts';
import { withReplicaLag } from './replica-lag.ts';

type Clients = Pick<PipelineContext, 'source' | 'destination'>;
type Subject = Pick<PipelineContext, 'record' | 'entity'>;

/** The import and the entity, as they are now. */
export async function readSubject(importId: number, entityId: number): Promise<Subject> {
  const [record, entity] = await Promise.all([getImport(importId), getEntity(importId, entityId)]);
  noteIds({ correlationId: record.correlationId });
  return { record, entity };
}

/** Whether nothing is left to do, because the import or the entity has ended. */
export function isOver({ record, entity }: Subject): boolean {
  return isTerminal(record.status) || isTerminal(entity.status);
}

/**
 * Begins a run of a pipeline: its tracker belongs to this run from now on. `undefined` when there is nothing to run,
 * because the pipeline, the entity or the import has ended.
 */
export async function beginRun(
  entry: PipelineEntry,
  subject: Subject,
): Promise<(Subject & { tracker: Tracker }) | undefined> {
  const { record, entity } = subject;
  const id = { importId: record.id, entityId: entity.id, stage: entry.stage, pipeline: entry.name };
  if (isOver(subject)) {
    const isCanceled = record.status === 'canceled' || entity.status === 'canceled';
    await endTracker(id, isCanceled ? 'canceled' : 'skipped');
    return undefined;
  }
  const tracker = await startRun(id);
  return tracker && { ...subject, tracker };
}

const TOKENS_FOR_OTHERS: Reason = {
  exceptionClass: 'BulkImports::TokenUseError',
  message:
    'The tokens of this import cannot be opened for the GitLabs that it names: its record, or the key, was changed after it was created. Nothing was sent. Find out who writes to the table, revoke both tokens, and start a new import.',
};

const TOKENS_EXPIRED: Reason = {
  exceptionClass: 'BulkImports::TokensExpiredError',
  message:
    'The tokens of this import were kept for 15 days, and are erased since. What was moved before is kept; start a new import for what is missing.',
};

/**
 * The clients of both GitLabs, with the tokens of the import; `undefined` when it was ended meanwhile, or is ended now because
 * its tokens are not for these GitLabs.
 *
 * @param deadline moment (epoch ms) after which no request is begun
 */
export async function openClients(record: Import, deadline: number): Promise<RunClients | undefined> {
  try {
    return pipelineClients(record, await getTokens(record), deadline, { rateLimits });
  } catch (error) {
    if (error instanceof TokenUseError) await closeImport(record.id, 'failed', TOKENS_FOR_OTHERS);
    else if (!(error instanceof TokensErasedError)) throw error;
    else if (error.isExpired) await closeImport(record.id, 'failed', TOKENS_EXPIRED);
    // Ended just now, or between the two reads: the tokens go first.
    if (await hasImportEnded(record.id)) return undefined;
    throw error;
  }
}

/** What a pipeline can use, with the import and the entity as they were read. */
export function contextOf({ record, entity }: Subject, { source, destination }: Clients): PipelineContext {
  return withReplicaLag({
    record,
    entity,
    source,
    destination,
    groupId() {
      if (entity.namespaceId === null) throw new Error('The group does not exist at the destination yet.');
      return entity.namespaceId;
    },
  });
}
