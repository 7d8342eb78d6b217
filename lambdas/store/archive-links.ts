import { createHash, randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { isTerminal } from '../domain/statuses.ts';
import { type ArchiveAttempt, type ArchiveRecord, changeArchive, findArchive } from './archives.ts';
import { findEntity } from './entities.ts';
import { keys, TTL_ATTRIBUTE } from './keys.ts';
import { deleteItem, getItem, putItem } from './table.ts';

/**
 * Links under which a GitLab fetches an archive without any other token: whoever has one can read the project. Only its
 * digest is stored, so that nobody who reads the table has it, and it is found by that digest, so that the time of an
 * answer tells nothing about it.
 */

const VERSION = 1;
/** 3 days, as long as the bucket keeps an archive. The link is revoked when its import ends. */
const LIFETIME_SECONDS = 3 * 24 * 3600;
const TOKEN_BYTES = 32;
/** What 32 bytes are in base64url. */
const TOKEN = /^[\w-]{43}$/;

const linkSchema = z.object({
  v: z.literal(VERSION),
  importId: z.int(),
  entityId: z.int(),
  attempt: z.string(),
  [TTL_ATTRIBUTE]: z.int(),
});

/** A complete archive. */
type Fetchable = ArchiveRecord & { archive: NonNullable<ArchiveRecord['archive']> };

const digestOf = (token: string): string => createHash('sha256').update(token).digest('hex');
const now = (): number => Math.floor(Date.now() / 1000);

/**
 * Makes a link to an archive. Earlier ones of the same attempt stay good until all are revoked: a request that seemed
 * lost may have arrived with one of them.
 *
 * @returns the token of the link, 43 characters of base64url; it cannot be asked for again. `undefined` when the archive
 *   is not the entity's any more, or not complete
 */
export async function createLink({
  importId,
  entityId,
  attempt,
}: ArchiveAttempt): Promise<string | undefined> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const digest = digestOf(token);
  const until = now() + LIFETIME_SECONDS;
  // First, for nobody has the token of one that is not noted.
  await putItem({
    ...keys.archiveLink(digest),
    v: VERSION,
    importId,
    entityId,
    attempt,
    [TTL_ATTRIBUTE]: until,
  });
  const record = await changeArchive({ importId, entityId, attempt }, { link: digest });
  if (record !== undefined && record.archive !== null) return token;
  await deleteItem(keys.archiveLink(digest));
  return undefined;
}

/** Revokes all links to an archive. No error when there is none. */
export async function revokeLinks({ link, ...record }: ArchiveRecord): Promise<void> {
  if (link === null) return;
  await changeArchive(record, { link: null });
  await deleteItem(keys.archiveLink(link));
}

/** The archive that a link leads to now; `undefined` for whatever is not a good link, without telling why. */
export async function findLinked(token: string): Promise<Fetchable | undefined> {
  if (!TOKEN.test(token)) return undefined;
  const item = await getItem(keys.archiveLink(digestOf(token)));
  if (item === undefined) return undefined;
  const { importId, entityId, attempt, [TTL_ATTRIBUTE]: until } = linkSchema.parse(item);
  if (until <= now()) return undefined;
  const record = await findArchive(importId, entityId);
  if (record === undefined || record.attempt !== attempt || record.link === null) return undefined;
  if (record.archive === null) return undefined;
  // Whoever ends an entity, by a cancel too, ends its links with it.
  const entity = await findEntity(importId, entityId);
  if (entity === undefined || isTerminal(entity.status)) return undefined;
  return { ...record, archive: record.archive };
}
