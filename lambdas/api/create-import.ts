import { randomUUID } from 'node:crypto';
import { environment } from '../shared/environment.ts';
import { messageOf } from '../shared/errors.ts';
import { noteIds } from '../shared/invocation.ts';
import { LogEvent, logger } from '../shared/logger.ts';
import { takeIds } from '../store/counters.ts';
import { createEntity } from '../store/entities.ts';
import { createImport, hasImportEnded, type Import } from '../store/imports.ts';
import type { Owner } from '../store/keys.ts';
import { putOpenImport } from '../store/open-imports.ts';
import { countRequest } from '../store/rate-windows.ts';
import { claimRequest, freeRequest, type RequestClaim } from '../store/request-claims.ts';
import { putTokens } from '../store/sealed-tokens.ts';
import { closeImport, release } from '../workflow/close-import.ts';
import { startExecution } from '../workflow/execution.ts';
import type { Caller } from './authenticate.ts';
import { type CreateImportParameters, parseCreateImport } from './create-import-parameters.ts';
import { endpoint, WRITE } from './endpoint.ts';
import { respond } from './http.ts';
import { HttpError, tooManyRequests, unavailable } from './http-errors.ts';
import { checkSame, digestOfRequest, findEarlier, idempotencyKeyOf } from './idempotency-key.ts';
import { type Checked, preflight } from './preflight/preflight.ts';
import { presentImport } from './presenters.ts';
import { ownerOf } from './records.ts';

/** Entities written at the same time. */
const PARALLEL_WRITES = 25;

/** `POST /bulk_imports`: starts a migration. */
export const handler = endpoint(WRITE, async event => {
  const { caller } = event;
  const owner = ownerOf(caller);
  const wanted = parseCreateImport(event.input);
  const key = idempotencyKeyOf(event);
  const request = digestOfRequest(wanted);
  const earlier = await findEarlier(owner, key, request);
  if (earlier?.record !== undefined && earlier.record.status !== 'created') {
    return respond(201, presentImport(earlier.record));
  }
  if (!(await countRequest(owner, environment.importsPerMinute()))) throw tooManyRequests();
  let checked: Checked;
  try {
    checked = await preflight(wanted, caller, event.checksUntil);
  } catch (refusal) {
    // What stands against it may be its own import, once that runs: another request with the same key was faster. One
    // that was left before its start has made nothing, and 201 would promise a migration that nobody begins.
    const isRefused = refusal instanceof HttpError && refusal.status === 422;
    const faster = isRefused ? await findEarlier(owner, key, request) : undefined;
    if (faster?.record === undefined || faster.record.status === 'created') throw refusal;
    return respond(201, presentImport(faster.record));
  }
  const ids = earlier?.claim ?? (await claimIds(owner, key, request, wanted.entities.length));
  const record = await store(wanted, checked, { ...owner, token: caller.token }, ids);
  noteIds({ importId: record.id, correlationId: record.correlationId });
  if (record.status === 'created') await start(record, key);
  return respond(201, presentImport(record));
});

/** Takes the ids of an import and its entities; for a repeated request those that it has already. */
async function claimIds(
  owner: Owner,
  key: string | undefined,
  request: string,
  entities: number,
): Promise<RequestClaim> {
  const ids = {
    request,
    importId: await takeIds('IMPORT'),
    firstEntityId: await takeIds('ENTITY', entities),
  };
  if (key === undefined) return ids;
  const claim = await claimRequest(owner, key, ids);
  checkSame(claim, request);
  return claim;
}

/**
 * Writes the import, its entities and the sealed tokens, in this order; what is there already stays. A crash in between
 * leaves an import in `created` whose caller never got a 201: a repeated request with the same `Idempotency-Key` goes
 * on with it, or else it is closed later as one that never started.
 */
async function store(
  wanted: CreateImportParameters,
  checked: Checked,
  { destinationUrl, userId, token }: Owner & Pick<Caller, 'token'>,
  { importId, firstEntityId }: RequestClaim,
): Promise<Import> {
  const now = new Date().toISOString();
  await putOpenImport(importId);
  const record = await createImport({
    id: importId,
    destinationUrl,
    userId,
    status: 'created',
    sourceUrl: wanted.url,
    sourceVersion: checked.sourceVersion,
    sourceEnterprise: /-ee$/.test(checked.sourceVersion),
    hasFailures: false,
    correlationId: randomUUID().replaceAll('-', ''),
    createdAt: now,
    updatedAt: now,
  });
  // Another request with the same key is further than this one.
  if (record.status !== 'created') return record;
  const entities = wanted.entities.map((entity, index) => ({
    ...entity,
    id: firstEntityId + index,
    importId,
    destinationUrl,
    userId,
    sourceId: checked.sourceIds[index] ?? 0,
    parentId: null,
    generation: 0,
  }));
  for (let from = 0; from < entities.length; from += PARALLEL_WRITES) {
    await Promise.all(entities.slice(from, from + PARALLEL_WRITES).map(createEntity));
  }
  await putTokens(record, { source: wanted.accessToken, destination: token });
  // Canceled meanwhile, or ended for another request with the same key: the tokens must not outlive it.
  if (await hasImportEnded(importId)) await release(importId);
  logger.info(LogEvent.ImportCreated, {
    importId,
    correlationId: record.correlationId,
    entities: entities.length,
  });
  return record;
}

async function start(record: Import, key: string | undefined): Promise<void> {
  try {
    await startExecution(record.id);
  } catch (error) {
    logger.error('The workflow could not be started', { importId: record.id, error: error as Error });
    await closeImport(record.id, 'failed', {
      exceptionClass: 'BulkImports::WorkflowStartError',
      message: `The workflow of this import could not be started: ${messageOf(error)}. Nothing was migrated; send the request again.`,
    });
    if (key !== undefined) await freeRequest(record, key);
    throw unavailable('The workflow could not be started. Nothing was migrated; try again later.', 60);
  }
}
