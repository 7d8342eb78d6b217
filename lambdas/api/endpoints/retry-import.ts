import { messageOf } from '../../domain/errors.ts';
import { isTerminal } from '../../domain/statuses.ts';
import { StoreError } from '../../domain/store-errors.ts';
import { closeUnbegun, release } from '../../engine/end-import.ts';
import { environment } from '../../platform/environment.ts';
import { measure, noteIds } from '../../platform/invocation.ts';
import { logger } from '../../platform/logger.ts';
import { takeIds } from '../../store/counters.ts';
import { getImport, type Import, moveImport, reopenImport } from '../../store/imports.ts';
import type { Owner } from '../../store/keys.ts';
import { putOpenImport } from '../../store/open-imports.ts';
import { countRequest } from '../../store/rate-windows.ts';
import { claimRequest, findRequestClaim, type RequestClaim } from '../../store/request-claims.ts';
import { hasTokens, putTokens } from '../../store/sealed-tokens.ts';
import { startExecution } from '../../workflow/execution.ts';
import { conflict, tooManyRequests, unavailable } from '../answers/http-errors.ts';
import { presentWithVerification } from '../answers/present-imports.ts';
import { respond } from '../answers/respond.ts';
import { preflightRetry } from '../preflight/retry.ts';
import type { Caller } from '../request/api-event.ts';
import { checkSame, digestOfRetry, idempotencyKeyOf } from '../request/idempotency-key.ts';
import { ownerOf, ownImport } from '../request/records.ts';
import { checkHasEnded, checkIsQuiet, findToDo } from '../request/retried-import.ts';
import { parseRetry, type RetryParameters } from '../request/retry-parameters.ts';
import { checkUserMapping } from '../request/user-mapping-of.ts';
import { endpoint, WRITE } from './endpoint.ts';
import { storeWaiting } from './store-verification.ts';

/** `POST /bulk_imports/:id/retry`: begins another attempt of an import that has ended. */
export const handler = endpoint(WRITE, async event => {
  const { caller } = event;
  const owner = ownerOf(caller);
  const wanted = parseRetry(event.input);
  const key = idempotencyKeyOf(event);
  const record = await ownImport(event);
  noteIds({ importId: record.id, correlationId: record.correlationId });
  const request = digestOfRetry(record.id, wanted);
  const earlier = key === undefined ? undefined : await findRequestClaim(owner, key);
  if (earlier !== undefined) checkSame(earlier, request);
  const begun = await beginEarlier(record, earlier, wanted, caller);
  if (begun !== undefined) return respond(201, await presentWithVerification(begun));
  checkHasEnded(record);
  await checkUserMapping(owner, wanted.retry.userMappingId, record.sourceUrl);
  if (!(await countRequest(owner, environment.importsPerMinute()))) throw tooManyRequests();
  const { isAny, requested } = await findToDo(record, wanted.retry);
  if (!isAny) return respond(200, await presentWithVerification(record));
  const sourceVersion = await preflightRetry(record, wanted, requested, caller, event.checksUntil);
  await checkIsQuiet(record);
  if (key !== undefined) await claim(owner, key, { record, request, earlier });
  const reopened = await reopen(record, wanted, sourceVersion);
  return respond(201, await presentWithVerification(await begin(reopened, wanted, caller)));
});

/** Claims the next attempt for a key. One that was claimed before and never began stands no more. */
async function claim(
  owner: Owner,
  key: string,
  { record, request, earlier }: { record: Import; request: string; earlier: RequestClaim | undefined },
): Promise<void> {
  const next = { request, importId: record.id, firstEntityId: 0, attempt: record.attempt + 1 };
  checkSame(await claimRequest(owner, key, next, earlier), request);
}

/**
 * The import of an earlier request with the same key, if the attempt that it stands for has been opened: one that nobody
 * has begun is begun now. `undefined` where it is still to be opened, or has ended before it began.
 */
async function beginEarlier(
  record: Import,
  earlier: RequestClaim | undefined,
  wanted: RetryParameters,
  caller: Caller,
): Promise<Import | undefined> {
  const { attempt = 1 } = earlier ?? {};
  if (earlier === undefined || record.attempt < attempt) return undefined;
  if (record.attempt > attempt) return record;
  if (record.status === 'created') return begin(record, wanted, caller);
  return isUnbegun(record) ? undefined : record;
}

/** Whether the last attempt has ended before it began. */
const isUnbegun = ({ status, statusBefore }: Import) => isTerminal(status) && statusBefore !== undefined;

/**
 * Opens an import for another attempt. It is listed as open before, so that whoever is interrupted leaves nothing that
 * nobody closes, and once more after that: somebody may just have closed it for the last time.
 */
async function reopen(record: Import, wanted: RetryParameters, sourceVersion: string): Promise<Import> {
  const { retry, verify } = wanted;
  const others = { sourceVersion, ...(verify && { verificationId: await takeIds('IMPORT') }) };
  await putOpenImport(record.id);
  const reopened = (await reopenImport(record, retry, others)) ?? (await openedAtOnce(record, wanted));
  if (reopened === undefined) {
    throw conflict(`Import ${record.id} was retried or canceled by another request at this moment.`);
  }
  await putOpenImport(record.id);
  return reopened;
}

/** The next attempt, if a request for the same has opened it at this moment: the same one, perhaps, sent twice. */
async function openedAtOnce(
  { id, attempt, verificationId }: Import,
  { retry, verify }: RetryParameters,
): Promise<Import | undefined> {
  const now = await getImport(id);
  const isSame = now.attempt === attempt + 1 && JSON.stringify(now.retry) === JSON.stringify(retry);
  const isAsVerified = verify === (now.verificationId !== verificationId);
  return isSame && isAsVerified && now.status !== 'canceled' ? now : undefined;
}

/**
 * Stores the tokens of an attempt and starts its workflow. One that cannot be started leaves the import as it was before.
 *
 * @throws HttpError 503 when it cannot be started, or was closed meanwhile
 */
async function begin(
  record: Import,
  { accessToken, verify }: RetryParameters,
  { token }: Caller,
): Promise<Import> {
  // Another request for the same is further than this one.
  if (record.status !== 'created') return record;
  const tokens = { source: accessToken, destination: token };
  if (verify && record.verificationId !== undefined)
    await storeWaiting(record, record.verificationId, tokens);
  await putTokens(record, tokens);
  if (!(await hasTokens(record.id))) throw notStarted();
  try {
    await startExecution(record);
  } catch (error) {
    logger.error('The workflow could not be started', { importId: record.id, error: error as Error });
    const isClosed = await closeUnbegun(record, {
      exceptionClass: 'BulkImports::WorkflowStartError',
      message: `The workflow of this import could not be started: ${messageOf(error)}.`,
    });
    if (isClosed) throw notStarted();
  }
  try {
    if ((await moveImport(record, 'started')) !== undefined) measure('ImportsStarted', 1, {});
    else await checkBegun(record);
  } catch (error) {
    // It runs, whether or not that could be noted: its first step notes it, too.
    if (!(error instanceof StoreError)) throw error;
    logger.warn('It could not be noted that the workflow was started', { importId: record.id, error });
  }
  return record;
}

/** @throws HttpError 503 when the attempt was closed before it began */
async function checkBegun({ id, attempt }: Import): Promise<void> {
  const record = await getImport(id);
  if (isTerminal(record.status)) await release(id);
  if (record.attempt === attempt && isUnbegun(record)) throw notStarted();
}

const notStarted = () =>
  unavailable('The workflow could not be started. The import is as it was before; try again later.', 60);
