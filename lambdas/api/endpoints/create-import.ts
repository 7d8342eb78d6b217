import { randomUUID } from 'node:crypto';
import { messageOf } from '../../domain/errors.ts';
import { isTerminal } from '../../domain/statuses.ts';
import { StoreError } from '../../domain/store-errors.ts';
import { closeUnbegun, failEntity, release } from '../../engine/end-import.ts';
import { environment } from '../../platform/environment.ts';
import { measure, noteIds } from '../../platform/invocation.ts';
import { LogEvent, logger } from '../../platform/logger.ts';
import { takeIds } from '../../store/counters.ts';
import { createEntity, getEntity } from '../../store/entities.ts';
import { createImport, getImport, type Import, moveImport } from '../../store/imports.ts';
import type { Owner } from '../../store/keys.ts';
import { putOpenImport } from '../../store/open-imports.ts';
import { countRequest } from '../../store/rate-windows.ts';
import { claimRequest, type RequestClaim } from '../../store/request-claims.ts';
import { hasTokens, putTokens } from '../../store/sealed-tokens.ts';
import { startExecution } from '../../workflow/execution.ts';
import { tooManyRequests, unavailable } from '../answers/http-errors.ts';
import { presentWithVerification } from '../answers/present-imports.ts';
import { respond } from '../answers/respond.ts';
import { type Checked, preflight, preflightOfPlan } from '../preflight/preflight.ts';
import type { ApiEvent, Caller } from '../request/api-event.ts';
import { checkBoundPlan } from '../request/bound-plan.ts';
import { type CreateImportParameters, parseCreateImport } from '../request/create-import-parameters.ts';
import {
  checkSame,
  digestOfEntities,
  digestOfRequest,
  type Earlier,
  findEarlier,
  idempotencyKeyOf,
} from '../request/idempotency-key.ts';
import { type KindInPaths, ownerOf } from '../request/records.ts';
import { checkUserMapping } from '../request/user-mapping-of.ts';
import { endpoint, WRITE } from './endpoint.ts';
import { storeWaiting } from './store-verification.ts';

/** Entities written at the same time. */
const PARALLEL_WRITES = 25;

/** A request takes half a minute at most. One that was stopped for longer may meet reconciliation, and writes no more. */
const LONGEST_MS = 2 * 60_000;

/** `POST /bulk_imports`: starts a migration. */
export const handler = endpoint(WRITE, async event =>
  respond(201, await presentWithVerification(await create(event, 'import'))),
);

/** Starts an import of a kind. @returns it as it is then */
export async function create(event: ApiEvent, kind: KindInPaths): Promise<Import> {
  const { caller } = event;
  const owner = ownerOf(caller);
  const wanted = parseCreateImport(event.input);
  const key = idempotencyKeyOf(event);
  const request = digestOfRequest(wanted, kind);
  const earlier = await findEarlier(owner, key, request);
  const begun = await beginEarlier(earlier);
  if (begun !== undefined) return begun;
  if (kind === 'import') await checkBoundPlan(wanted, owner);
  await checkUserMapping(owner, wanted.userMappingId, wanted.url);
  if (!(await countRequest(owner, environment.importsPerMinute()))) throw tooManyRequests();
  let checked: Checked;
  try {
    const check = kind === 'plan' ? preflightOfPlan : preflight;
    checked = await check(wanted, caller, event.checksUntil);
  } catch (refusal) {
    // What stands against it may be its own import, once that runs: another request with the same key was faster.
    const faster = await beginEarlier(await findEarlier(owner, key, request));
    if (faster === undefined) throw refusal;
    return faster;
  }
  const ids =
    earlier !== undefined && !isDead(earlier)
      ? earlier.claim
      : await claimIds(owner, key, request, wanted, earlier);
  const record = await store(wanted, checked, { ...owner, kind, token: caller.token }, ids);
  noteIds({ importId: record.id, correlationId: record.correlationId, kind: record.kind });
  return begin(record);
}

/**
 * Takes the ids of an import and its entities; for a repeated request those that it has already. The verification that
 * follows an import has the id after it.
 */
async function claimIds(
  owner: Owner,
  key: string | undefined,
  request: string,
  { entities, verify }: CreateImportParameters,
  dead: Earlier | undefined,
): Promise<RequestClaim> {
  const ids = {
    request,
    importId: await takeIds('IMPORT', verify ? 2 : 1),
    firstEntityId: await takeIds('ENTITY', entities.length),
  };
  if (key === undefined) return ids;
  const claim = await claimRequest(owner, key, ids, dead?.claim);
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
  { destinationUrl, userId, kind, token }: Owner & Pick<Caller, 'token'> & { kind: KindInPaths },
  { importId, firstEntityId }: RequestClaim,
): Promise<Import> {
  const now = new Date().toISOString();
  const ofKind = kind === 'import' ? {} : { kind };
  await putOpenImport(importId);
  checkTime(now);
  const record = await createImport({
    id: importId,
    ...ofKind,
    destinationUrl,
    userId,
    status: 'created',
    attempt: 1,
    sourceUrl: wanted.url,
    sourceVersion: checked.sourceVersion,
    hasFailures: false,
    requested: checked.entities.length,
    ...(kind === 'import' && wanted.planId !== undefined && { planId: wanted.planId }),
    ...(kind === 'plan' && { request: digestOfEntities(wanted) }),
    ...(wanted.userMappingId !== undefined && { userMappingId: wanted.userMappingId }),
    ...(kind === 'import' && wanted.verify && { verificationId: importId + 1 }),
    correlationId: randomUUID().replaceAll('-', ''),
    createdAt: now,
    updatedAt: now,
  });
  // Another request with the same key is further than this one.
  if (record.status !== 'created') return record;
  const entities = checked.entities.map(
    ({ migrateProjects, migrateMemberships, blocker, ...entity }, index) => ({
      ...entity,
      ...ofKind,
      relations: { ...entity.relations, project_entities: migrateProjects, members: migrateMemberships },
      id: firstEntityId + index,
      importId,
      destinationUrl,
      userId,
      parentId: null,
      generation: 0,
    }),
  );
  for (let from = 0; from < entities.length; from += PARALLEL_WRITES) {
    checkTime(now);
    await Promise.all(entities.slice(from, from + PARALLEL_WRITES).map(createEntity));
  }
  for (const [index, { blocker }] of checked.entities.entries()) {
    if (blocker !== undefined) await block(record, firstEntityId + index, blocker);
  }
  const tokens = { source: wanted.accessToken, destination: token };
  checkTime(now);
  if (record.verificationId !== undefined) await storeWaiting(record, record.verificationId, tokens);
  await putTokens(record, tokens);
  logger.info(LogEvent.ImportCreated, {
    importId,
    correlationId: record.correlationId,
    entities: entities.length,
  });
  return record;
}

/** Ends an entity of a plan against which something stands; again is no error. */
async function block({ id, correlationId }: Import, entityId: number, message: string): Promise<void> {
  const reason = { exceptionClass: 'BulkImports::BlockedError', message };
  await failEntity(await getEntity(id, entityId), 'failed', reason, correlationId);
}

/** @throws 503 when whoever was to write since a moment has slept so long that what it wrote may be closed already */
function checkTime(since: string): void {
  if (Date.now() - Date.parse(since) > LONGEST_MS) throw notStarted();
}

/** Whether an earlier request with the same key has led to an import that ended before it began. */
function isDead({ record }: Pick<Earlier, 'record'>): boolean {
  return record !== undefined && record.status === 'failed' && record.startedAt === undefined;
}

/**
 * The import of an earlier request, if that has begun, or if all is written that it needs: then it begins now.
 * `undefined` for one that still has to be checked and written.
 */
export async function beginEarlier(earlier: Earlier | undefined): Promise<Import | undefined> {
  if (earlier?.record === undefined || isDead(earlier)) return undefined;
  const { record } = earlier;
  if (record.status !== 'created') return record;
  return (await hasTokens(record.id)) ? begin(record) : undefined;
}

/**
 * Starts the workflow of an import and notes that it has begun, in this order: an import counts as begun only if it
 * surely runs, and one that has begun is not closed as never started.
 *
 * @throws 503 when it cannot be started, or was closed meanwhile
 */
export async function begin(record: Import): Promise<Import> {
  if (isDead({ record })) throw notStarted();
  // Another request with the same key was faster, or somebody has canceled it.
  if (record.status !== 'created') return record;
  try {
    await startExecution(record);
  } catch (error) {
    logger.error('The workflow could not be started', { importId: record.id, error: error as Error });
    const isClosed = await closeUnbegun(record, {
      exceptionClass: 'BulkImports::WorkflowStartError',
      message: `The workflow of this import could not be started: ${messageOf(error)}. Nothing was migrated; send the request again.`,
    });
    if (isClosed) throw notStarted();
  }
  try {
    if ((await moveImport(record, 'started')) !== undefined) measure('ImportsStarted', 1, {});
    else await checkBegun(record.id);
  } catch (error) {
    // It runs, whether or not that could be noted: its first step notes it, too.
    if (!(error instanceof StoreError)) throw error;
    logger.warn('It could not be noted that the workflow was started', { importId: record.id, error });
  }
  return record;
}

/** @throws 503 when an import was closed before it began; what was written in one that has ended is closed with it */
async function checkBegun(importId: number): Promise<void> {
  const record = await getImport(importId);
  if (isTerminal(record.status)) await release(importId);
  if (isDead({ record })) throw notStarted();
}

const notStarted = () =>
  unavailable('The workflow could not be started. Nothing was migrated; try again later.', 60);
