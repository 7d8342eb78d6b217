import { randomUUID } from 'node:crypto';
import type { Secret } from '../../domain/secret.ts';
import { environment } from '../../platform/environment.ts';
import { noteIds } from '../../platform/invocation.ts';
import { takeIds } from '../../store/counters.ts';
import { createImport, type Import, noteVerification } from '../../store/imports.ts';
import { putOpenImport } from '../../store/open-imports.ts';
import { countRequest } from '../../store/rate-windows.ts';
import { claimRequest } from '../../store/request-claims.ts';
import { putTokens } from '../../store/sealed-tokens.ts';
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
  const record = await store(subject, importId, sourceVersion, tokens);
  noteIds({ importId: record.id, correlationId: record.correlationId, kind: record.kind });
  return respond(201, presentVerification(await begin(record)));
});

/** Writes the verification and the sealed tokens; the entities are copied by its first step. */
async function store(
  { id: subjectId, destinationUrl, userId, sourceUrl, requested = 0, children = 0 }: Import,
  importId: number,
  sourceVersion: string,
  tokens: Record<'source' | 'destination', Secret>,
): Promise<Import> {
  const now = new Date().toISOString();
  await putOpenImport(importId);
  const record = await createImport({
    id: importId,
    kind: 'verification',
    subjectId,
    destinationUrl,
    userId,
    status: 'created',
    attempt: 1,
    sourceUrl,
    sourceVersion,
    hasFailures: false,
    requested: requested + children,
    correlationId: randomUUID().replaceAll('-', ''),
    createdAt: now,
    updatedAt: now,
  });
  if (record.status === 'created') await putTokens(record, tokens);
  await noteVerification(subjectId, importId);
  return record;
}
