import * as z from 'zod/mini';
import type { Secret } from '../domain/secret.ts';
import { type TokenSealer, tokenSealer } from '../domain/token-sealer.ts';
import type { Condition } from './conditions.ts';
import type { Import } from './imports.ts';
import type { Item } from './item.ts';
import { keys, TTL_ATTRIBUTE } from './keys.ts';
import { getItem, putItemWhen, putNewItem } from './table.ts';

const VERSION = 1;

/**
 * 15 days: one more than an import may run (the state machine's TimeoutSeconds). Tokens are erased when the import
 * ends; the time to live is the second line of defence.
 */
const LIFETIME_SECONDS = 15 * 24 * 3600;

const sealedSchema = z.object({
  v: z.literal(VERSION),
  source: z.string(),
  destination: z.string(),
  [TTL_ATTRIBUTE]: z.int(),
});

/** The tokens of one import: of the source, and of the caller at the destination. */
export interface Tokens {
  source: Secret;
  destination: Secret;
}

/** The tokens are gone: the import has ended, or they have expired. */
export class TokensErasedError extends Error {
  override readonly name = 'TokensErasedError';
  /** Whether their time is over, which nobody but a service meets that was off for days. */
  readonly isExpired: boolean;

  constructor(message: string, { isExpired = false } = {}) {
    super(message);
    this.isExpired = isExpired;
  }
}

/** An import, as far as its tokens are concerned: each is good for one of its GitLabs only. */
type Subject = Pick<Import, 'id' | 'sourceUrl' | 'destinationUrl'>;

const sourceUse = ({ id, sourceUrl }: Subject) => ({ importId: id, gitlabUrl: sourceUrl });
const destinationUse = ({ id, destinationUrl }: Subject) => ({ importId: id, gitlabUrl: destinationUrl });

/**
 * Seals and stores both tokens of an attempt of an import, each for its GitLab, in place of those of an earlier attempt.
 * Nothing is stored where they are stored already or were erased.
 */
export async function putTokens(
  record: Subject & Partial<Pick<Import, 'attempt'>>,
  tokens: Tokens,
  sealer: TokenSealer = tokenSealer(),
): Promise<void> {
  const { attempt = 1 } = record;
  const [source, destination] = await Promise.all([
    sealer.seal(tokens.source, sourceUse(record)),
    sealer.seal(tokens.destination, destinationUse(record)),
  ]);
  const item = {
    ...keys.secret(record.id),
    v: VERSION,
    attempt,
    source,
    destination,
    [TTL_ATTRIBUTE]: Math.floor(Date.now() / 1000) + LIFETIME_SECONDS,
  };
  await (attempt === 1 ? putNewItem(item) : putItemWhen(item, isOfAttempt('<', attempt)));
}

/** The item is not there, or of an earlier attempt; those that were written before attempts were kept are of the first. */
function isOfAttempt(compared: '<' | '<=', attempt: number): Condition {
  return {
    expression: `attribute_not_exists(pk) OR attribute_not_exists(attempt) OR attempt ${compared} :attempt`,
    values: { ':attempt': attempt },
  };
}

/**
 * Reads and opens both tokens of an import.
 *
 * @throws TokensErasedError when they are gone, TokenUseError when the import names other GitLabs than they are for
 */
export async function getTokens(record: Subject, sealer: TokenSealer = tokenSealer()): Promise<Tokens> {
  return openTokens(record, await getItem(keys.secret(record.id)), sealer);
}

/** Opens both tokens of an import of which the item was read already. @throws as `getTokens` */
export async function openTokens(
  record: Subject,
  item: Item | undefined,
  sealer: TokenSealer = tokenSealer(),
): Promise<Tokens> {
  const sealed = item === undefined || 'erased' in item ? undefined : sealedSchema.parse(item);
  if (sealed === undefined || sealed[TTL_ATTRIBUTE] <= Date.now() / 1000) {
    const isExpired = sealed !== undefined;
    throw new TokensErasedError(`The tokens of import ${record.id} are erased.`, { isExpired });
  }
  const [source, destination] = await Promise.all([
    sealer.open(sealed.source, sourceUse(record)),
    sealer.open(sealed.destination, destinationUse(record)),
  ]);
  return { source, destination };
}

/** Whether the tokens of an import are stored: they are the last of what its start has to write. */
export async function hasTokens(importId: number): Promise<boolean> {
  const item = await getItem(keys.secret(importId));
  return item !== undefined && !('erased' in item) && Number(item[TTL_ATTRIBUTE]) > Date.now() / 1000;
}

/**
 * Erases the tokens of an attempt of an import. What stands in their place keeps a request that is late from storing them
 * after its end, when nobody would erase them any more. Those of a later attempt stay.
 */
export async function eraseTokens({ id, attempt }: Pick<Import, 'id' | 'attempt'>): Promise<void> {
  const erased = {
    ...keys.secret(id),
    v: VERSION,
    attempt,
    erased: true,
    [TTL_ATTRIBUTE]: Math.floor(Date.now() / 1000) + LIFETIME_SECONDS,
  };
  await putItemWhen(erased, isOfAttempt('<=', attempt));
}
