import { invocation, noteIds } from '../shared/invocation.ts';
import { LogEvent, logger } from '../shared/logger.ts';
import { isTerminal } from '../shared/statuses.ts';
import { listEntities } from '../store/entities.ts';
import { getImport, markImportFailures, moveImport } from '../store/imports.ts';
import { failEntity, release } from './close-import.ts';
import { importEventSchema } from './events.ts';
import { countImportEnd } from './outcomes.ts';

/**
 * Last step of an import. It has failed if every one of its entities has, and is finished otherwise. The tokens are
 * erased in any case, also when the import was canceled meanwhile.
 */
export const handler = invocation(async (event: unknown): Promise<{ importId: number; status: string }> => {
  const { importId } = importEventSchema.parse(event);
  const record = await getImport(importId);
  noteIds({ correlationId: record.correlationId });
  if (!isTerminal(record.status)) {
    for (const entity of await listEntities(importId)) {
      await failEntity(
        entity,
        'failed',
        {
          exceptionClass: 'BulkImports::EntityNotProcessedError',
          message: 'The workflow came to its end without this entity. Start a new import for it.',
        },
        record.correlationId,
      );
    }
    const entities = await listEntities(importId);
    if (entities.some(entity => entity.hasFailures)) await markImportFailures(importId);
    const allFailed = entities.every(({ status }) => status === 'failed');
    const ended = await moveImport(record, allFailed ? 'failed' : 'finished');
    if (ended !== undefined) countImportEnd(ended.status, ended.hasFailures);
  }
  await release(importId);
  const { status } = await getImport(importId);
  logger.info(LogEvent.ImportEnded, { importId, status, correlationId: record.correlationId });
  return { importId, status };
});
