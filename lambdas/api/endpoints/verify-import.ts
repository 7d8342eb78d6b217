import { environment } from '../../platform/environment.ts';
import { noteIds } from '../../platform/invocation.ts';
import { takeIds } from '../../store/counters.ts';
import { noteVerification } from '../../store/imports.ts';
import { countRequest } from '../../store/rate-windows.ts';
import { claimRequest } from '../../store/request-claims.ts';
import { tooManyRequests } from '../answers/http-errors.ts';
import { presentVerification } from '../answers/present-verification.ts';
import { respond } from '../answers/respond.ts';
import { preflightOfSource } from '../preflight/preflight.ts';
import {
  checkSame,
  digestOfVerification,
  findEarlier,
  idempotencyKeyOf,
} from '../request/idempotency-key.ts';
import { ownerOf, ownImport } from '../request/records.ts';
import { checkHasEnded } from '../request/retried-import.ts';
import { parseVerification } from '../request/verification-parameters.ts';
import { begin, beginEarlier } from './create-import.ts';
import { endpoint, WRITE } from './endpoint.ts';
import { storeVerification } from './store-verification.ts';

/** `POST /bulk_imports/:id/verify`: reads both sides again, and says what has arrived. */
export const handler = endpoint(WRITE, async event => {
  const { caller } = event;
  const owner = ownerOf(caller);
  const accessToken = parseVerification(event.input);
  const key = idempotencyKeyOf(event);
  const subject = await ownImport(event);
  checkHasEnded(subject);
  const request = digestOfVerification(subject.id, accessToken);
  const earlier = await findEarlier(owner, key, request);
  const begun = await beginEarlier(earlier);
  if (begun !== undefined) return respond(201, presentVerification(begun));
  if (!(await countRequest(owner, environment.importsPerMinute()))) throw tooManyRequests();
  const sourceVersion = await preflightOfSource(subject.sourceUrl, accessToken, caller, event.checksUntil);
  let importId = await takeIds('IMPORT');
  if (key !== undefined) {
    const claim = await claimRequest(owner, key, { request, importId, firstEntityId: 0 }, earlier?.claim);
    checkSame(claim, request);
    ({ importId } = claim);
  }
  const tokens = { source: accessToken, destination: caller.token };
  const record = await storeVerification(subject, importId, { sourceVersion, tokens });
  await noteVerification(subject.id, importId);
  noteIds({ importId: record.id, correlationId: record.correlationId, kind: record.kind });
  return respond(201, presentVerification(await begin(record)));
});
