import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import type { Condition } from './conditions.ts';
import type { Item } from './item.ts';
import { ARCHIVE_PREFIX, importPk, keys, TTL_ATTRIBUTE } from './keys.ts';
import { deleteItem, getItem } from './table.ts';
import { queryItems } from './table-queries.ts';
import { updateItem } from './table-updates.ts';

/**
 * The archives of projects on their way. An item is written before anything is asked for or stored under its key, and
 * goes last: whatever there is of an archive, and whoever died over it, the item says where it is.
 */

const VERSION = 1;
/** Since the last change. Longer than the slowest export and import together (12 and 26 hours), and than the bucket keeps objects. */
const LIFETIME_SECONDS = 7 * 24 * 3600;

/** As in `lambdas/archives/archive-store.ts`. */
export const storedArchiveSchema = z.object({
  key: z.string(),
  version: z.nullable(z.string()),
  bytes: z.int(),
});

/** By what a file of a GitLab is known again; `null` what it does not say. */
const sourceFileSchema = z.object({
  etag: z.nullable(z.string()),
  lastModified: z.nullable(z.string()),
  bytes: z.nullable(z.int()),
  /** How often it was another one than that of which the first parts were stored. */
  replaced: z.int(),
});

const archiveSchema = z.object({
  v: z.literal(VERSION),
  importId: z.int(),
  entityId: z.int(),
  /** Random, and part of the key: what is stored there is of this attempt and no other. */
  attempt: z.string(),
  /** Where it is in the store of archives. */
  key: z.string(),
  /** When the source was asked for the export; `null` before that. */
  requestedAt: z.nullable(z.string()),
  /** How often the source was asked for an export of the project, as far as it may have taken the request. */
  orders: z._default(z.int(), 0),
  /** What the store calls the upload that was begun; `null` before that. */
  upload: z.nullable(z.string()),
  /** The file at the source of which the parts are; `null` before that. */
  file: z._default(z.nullable(sourceFileSchema), null),
  /** The archive, once it is complete; one under the key of `rewrite` where its members were changed. */
  archive: z.nullable(storedArchiveSchema),
  /** The archive with other members, once that was begun: by which wish they were changed, and where it is in the store. */
  rewrite: z._default(z.nullable(z.object({ by: z.string(), key: z.string() })), null),
  /** Digest of the link that was made last; `null` when none may be used. */
  link: z.nullable(z.string()),
  [TTL_ATTRIBUTE]: z.int(),
});

/** One project's archive on its way from one GitLab to the other. */
export type ArchiveRecord = Omit<z.infer<typeof archiveSchema>, 'v' | typeof TTL_ATTRIBUTE>;
/** By what a file of a GitLab is known again. */
export type SourceFile = z.infer<typeof sourceFileSchema>;
/** What identifies an attempt at an archive. */
export type ArchiveAttempt = Pick<ArchiveRecord, 'importId' | 'entityId' | 'attempt'>;

const now = (): number => Math.floor(Date.now() / 1000);

/** An attempt at an archive of which nothing is stored or asked for yet. */
export function newArchive(importId: number, entityId: number): ArchiveRecord {
  const attempt = randomUUID();
  const key = `archives/${importId}/${entityId}/${attempt}.tar.gz`;
  const nothing = { requestedAt: null, upload: null, file: null, archive: null, rewrite: null, link: null };
  return { importId, entityId, attempt, key, orders: 0, ...nothing };
}

/** Writes a new archive unless its entity has one. @returns the archive that the entity has after it */
export async function putArchive(record: ArchiveRecord): Promise<ArchiveRecord> {
  const free: Condition = {
    // DynamoDB removes what has expired when it likes.
    expression: 'attribute_not_exists(pk) OR #ttl <= :now',
    names: { '#ttl': TTL_ATTRIBUTE },
    values: { ':now': now() },
  };
  const { applied } = await updateItem(keys.archive(record.importId, record.entityId), {
    set: { v: VERSION, ...record, [TTL_ATTRIBUTE]: now() + LIFETIME_SECONDS },
    when: [free],
    create: true,
  });
  return applied ? record : ((await findArchive(record.importId, record.entityId)) ?? putArchive(record));
}

/** The archive of an entity; `undefined` when it has none (any more). */
export async function findArchive(importId: number, entityId: number): Promise<ArchiveRecord | undefined> {
  const item = await getItem(keys.archive(importId, entityId));
  return item && !isExpired(item) ? fromItem(item) : undefined;
}

/** The same for whoever removes it: what has expired may still be stored. */
export async function findArchiveToRemove(
  importId: number,
  entityId: number,
): Promise<ArchiveRecord | undefined> {
  const item = await getItem(keys.archive(importId, entityId));
  return item && fromItem(item);
}

/** All archives of an import that may be stored, by the ids of their entities, expired ones included. */
export async function listArchives(importId: number): Promise<ArchiveRecord[]> {
  const items = await queryItems(importPk(importId), { beginsWith: ARCHIVE_PREFIX });
  return items.map(fromItem);
}

/** Changes an archive. @returns the archive after it; `undefined` when this attempt is not the entity's (any more) */
export async function changeArchive(
  { importId, entityId, attempt }: ArchiveAttempt,
  change: Partial<Omit<ArchiveRecord, keyof ArchiveAttempt | 'key'>>,
): Promise<ArchiveRecord | undefined> {
  const result = await updateItem(keys.archive(importId, entityId), {
    set: { ...change, [TTL_ATTRIBUTE]: now() + LIFETIME_SECONDS },
    when: [isAttempt(attempt)],
  });
  return result.applied ? fromItem(result.item) : undefined;
}

/** Forgets an attempt at an archive, of which nothing may be stored any more. No error when it is forgotten. */
export async function deleteArchive({ importId, entityId, attempt }: ArchiveAttempt): Promise<void> {
  await deleteItem(keys.archive(importId, entityId), isAttempt(attempt));
}

function isAttempt(attempt: string): Condition {
  return { expression: 'attempt = :attempt', values: { ':attempt': attempt }, needsItem: true };
}

const isExpired = (item: Item) => archiveSchema.parse(item)[TTL_ATTRIBUTE] <= now();

function fromItem(item: Item): ArchiveRecord {
  const { v: _, [TTL_ATTRIBUTE]: __, ...record } = archiveSchema.parse(item);
  return record;
}
