import { randomUUID } from 'node:crypto';
import { environment } from '../shared/environment.ts';
import { messageOf } from '../shared/errors.ts';
import { noteIds } from '../shared/invocation.ts';
import { LogEvent, logger } from '../shared/logger.ts';
import { takeIds } from '../store/counters.ts';
import { createEntity } from '../store/entities.ts';
import { createImport, type Import } from '../store/imports.ts';
import { putOpenImport } from '../store/open-imports.ts';
import { countRequest } from '../store/rate-windows.ts';
import { putTokens } from '../store/sealed-tokens.ts';
import { closeImport } from '../workflow/close-import.ts';
import { startExecution } from '../workflow/execution.ts';
import type { Caller } from './authenticate.ts';
import { type CreateImportParameters, parseCreateImport } from './create-import-parameters.ts';
import { endpoint, WRITE } from './endpoint.ts';
import { respond } from './http.ts';
import { tooManyRequests, unavailable } from './http-errors.ts';
import { type Checked, preflight } from './preflight.ts';
import { presentImport } from './presenters.ts';

/** Entities written at the same time. */
const PARALLEL_WRITES = 25;

/** `POST /bulk_imports`: starts a migration. */
export const handler = endpoint(WRITE, async event => {
  const wanted = parseCreateImport(event.input);
  if (!(await countRequest(event.caller.id, environment.importsPerMinute()))) throw tooManyRequests();
  const checked = await preflight(wanted, event.caller, event.checksUntil);
  const record = await store(wanted, checked, event.caller);
  noteIds({ importId: record.id, correlationId: record.correlationId });
  await start(record);
  return respond(201, presentImport(record));
});

/**
 * Writes the import, its entities and the sealed tokens, in this order. A crash in between leaves an import in
 * `created` whose caller never got a 201; it is closed later as one that never started.
 */
async function store(wanted: CreateImportParameters, checked: Checked, caller: Caller): Promise<Import> {
  const importId = await takeIds('IMPORT');
  const firstEntityId = await takeIds('ENTITY', wanted.entities.length);
  const now = new Date().toISOString();
  const record: Import = {
    id: importId,
    userId: caller.id,
    status: 'created',
    sourceUrl: wanted.url,
    sourceVersion: checked.sourceVersion,
    sourceEnterprise: /-ee$/.test(checked.sourceVersion),
    hasFailures: false,
    correlationId: randomUUID().replaceAll('-', ''),
    createdAt: now,
    updatedAt: now,
  };
  await putOpenImport(importId);
  await createImport(record);
  const entities = wanted.entities.map((entity, index) => ({
    ...entity,
    id: firstEntityId + index,
    importId,
    userId: caller.id,
    sourceId: checked.sourceIds[index] ?? 0,
    parentId: null,
    generation: 0,
  }));
  for (let from = 0; from < entities.length; from += PARALLEL_WRITES) {
    await Promise.all(entities.slice(from, from + PARALLEL_WRITES).map(createEntity));
  }
  await putTokens(importId, { source: wanted.accessToken, destination: caller.token });
  logger.info(LogEvent.ImportCreated, {
    importId,
    correlationId: record.correlationId,
    entities: entities.length,
  });
  return record;
}

async function start(record: Import): Promise<void> {
  try {
    await startExecution(record.id);
  } catch (error) {
    logger.error('The workflow could not be started', { importId: record.id, error: error as Error });
    await closeImport(record.id, 'failed', {
      exceptionClass: 'BulkImports::WorkflowStartError',
      message: `The workflow of this import could not be started: ${messageOf(error)}. Nothing was migrated; send the request again.`,
    });
    throw unavailable('The workflow could not be started. Nothing was migrated; try again later.', 60);
  }
}
