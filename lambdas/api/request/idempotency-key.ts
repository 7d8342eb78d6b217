import { createHash } from 'node:crypto';
import type { Kind } from '../../domain/kinds.ts';
import type { Secret } from '../../domain/secret.ts';
import { findImport, type Import } from '../../store/imports.ts';
import type { Owner } from '../../store/keys.ts';
import { findRequestClaim, type RequestClaim } from '../../store/request-claims.ts';
import { badRequest, unprocessable } from '../answers/http-errors.ts';
import type { ApiEvent } from './api-event.ts';
import type { CreateImportParameters } from './create-import-parameters.ts';
import { idempotencyKeySchema } from './idempotency-key-schema.ts';
import type { RetryParameters } from './retry-parameters.ts';

/** The `Idempotency-Key` of a request, as a digest that fits into a key. @throws the 400 for a bad one */
export function idempotencyKeyOf(event: ApiEvent): string | undefined {
  const header = event.headers['idempotency-key'];
  if (header === undefined) return undefined;
  if (!idempotencyKeySchema.safeParse(header).success) throw badRequest(['Idempotency-Key is invalid']);
  return digestOf(header);
}

/** A digest of everything that a request asks for, which differs by the kind of what it starts. */
export function digestOfRequest(
  { url, accessToken, entities, planId, userMappingId, verify }: CreateImportParameters,
  kind: Kind = 'import',
): string {
  const others = [
    ...(kind === 'import' ? [] : [kind]),
    ...(planId === undefined ? [] : [planId]),
    ...(userMappingId === undefined ? [] : [{ userMappingId }]),
    ...(verify === undefined ? [] : [{ verify }]),
  ];
  return digestOf(JSON.stringify([url, accessToken.expose(), entities, ...others]));
}

/** A digest of a request to verify an import. */
export function digestOfVerification(importId: number, accessToken: Secret): string {
  return digestOf(JSON.stringify(['verification', importId, accessToken.expose()]));
}

/** A digest of what is to be moved from where, and of who its members are there, by whichever token. */
export function digestOfEntities({ url, entities, userMappingId }: CreateImportParameters): string {
  return digestOf(JSON.stringify([url, entities, ...(userMappingId === undefined ? [] : [userMappingId])]));
}

/** The same of a retry. */
export function digestOfRetry(
  importId: number,
  { url, accessToken, retry, verify }: RetryParameters,
): string {
  const others = verify ? [{ verify }] : [];
  return digestOf(JSON.stringify(['retry', importId, url, accessToken.expose(), retry, ...others]));
}

/** What an earlier request has led to: its ids, and its import if that was written. */
export interface Earlier {
  claim: RequestClaim;
  record: Import | undefined;
}

/**
 * What an earlier request with this key has led to.
 *
 * @throws 422 when the earlier request was another one
 */
export async function findEarlier(
  owner: Owner,
  key: string | undefined,
  request: string,
): Promise<Earlier | undefined> {
  const claim = key === undefined ? undefined : await findRequestClaim(owner, key);
  if (claim === undefined) return undefined;
  checkSame(claim, request);
  return { claim, record: await findImport(claim.importId) };
}

/** @throws 422 when the ids belong to another request with the same key */
export function checkSame(claim: RequestClaim, request: string): void {
  if (claim.request !== request) {
    throw unprocessable(
      'This Idempotency-Key was used for another request. Send this one with a key of its own.',
    );
  }
}

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 32);
