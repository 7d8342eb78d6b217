/**
 * The keys of every item of the table, built here and nowhere else.
 *
 * Ids are padded to 16 digits in sort keys (2^53 has 16), so that the order of the text is the order of the numbers.
 * Entities and failures have prefixes of their own: a query for `ENTITY#` reads the entities of an import and nothing
 * else, however many failures there are (docs/adr/0003).
 */

import { createHash } from 'node:crypto';
import type { OfKind } from '../domain/kinds.ts';
import type { Status } from '../domain/statuses.ts';

export interface Key {
  pk: string;
  sk: string;
}

/**
 * Whose imports and entities they are: ids of users are those of one GitLab, and user 5 of another is somebody else.
 */
export interface Owner {
  /** Normalised base URL of the destination. */
  destinationUrl: string;
  /** Id of the user there. */
  userId: number;
}

/** Whose list it is, and of which kind: plans are in no list of imports, nor their entities in those of entities. */
export type ListOwner = Owner & OfKind;

/** Attributes of the two sparse, keys-only indexes. */
export interface IndexKeys {
  listPk: string;
  listSk: string;
  statusPk: string;
  statusSk: string;
}

/** Lists of an owner's imports and entities, and the same lists by status. */
export const LIST_INDEX = { name: 'lists', pk: 'listPk', sk: 'listSk' } as const;
export const STATUS_INDEX = { name: 'statuses', pk: 'statusPk', sk: 'statusSk' } as const;

/** Name of the attribute that holds the time to live, in epoch seconds. */
export const TTL_ATTRIBUTE = 'expiresAt';

export type Collection = 'IMPORTS' | 'ENTITIES';

const ID_DIGITS = 16;

/** An id as it stands in sort keys, e.g. `42` as `0000000000000042`. */
export function padId(id: number): string {
  return String(id).padStart(ID_DIGITS, '0');
}

export const keys = {
  import: (importId: number): Key => ({ pk: importPk(importId), sk: 'IMPORT' }),
  entity: (importId: number, entityId: number): Key => ({
    pk: importPk(importId),
    sk: `${ENTITY_PREFIX}${padId(entityId)}`,
  }),
  failure: (importId: number, entityId: number, failureKey: string): Key => ({
    pk: importPk(importId),
    sk: `${failurePrefix(entityId)}${failureKey}`,
  }),
  auditEvent: (importId: number, entityId: number, eventKey: string): Key => ({
    pk: importPk(importId),
    sk: `${auditPrefix(entityId)}${eventKey}`,
  }),
  /** A failure that a later attempt has overcome. It has a prefix of its own, so that every list is one of open ones. */
  resolvedFailure: (importId: number, entityId: number, failureKey: string): Key => ({
    pk: importPk(importId),
    sk: `${resolvedPrefix(entityId)}${failureKey}`,
  }),
  /** Which entity was made of a subgroup or project that the group of another entity holds. */
  child: (importId: number, parentId: number, held: string): Key => ({
    pk: importPk(importId),
    sk: `${childPrefix(parentId)}${held}`,
  }),
  /** That a group or project of the source has an entity in a verification. */
  held: (importId: number, held: string): Key => ({ pk: importPk(importId), sk: `HELD#${held}` }),
  /** Who has an address (as a digest) at the destination, as far as an import has asked. */
  person: (importId: number, address: string): Key => ({ pk: importPk(importId), sk: `PERSON#${address}` }),
  /** A user whom a plan has met at the source. */
  planUser: (importId: number, sourceUserId: number): Key => ({
    pk: importPk(importId),
    sk: `${USER_PREFIX}${padId(sourceUserId)}`,
  }),
  /** The archive of a project on its way from one GitLab to the other. */
  archive: (importId: number, entityId: number): Key => ({
    pk: importPk(importId),
    sk: `${ARCHIVE_PREFIX}${padId(entityId)}`,
  }),
  /** Whom a link (as a digest) to an archive is for. */
  archiveLink: (digest: string): Key => ({ pk: `LINK#${digest}`, sk: 'LINK' }),
  openImport: (importId: number): Key => ({ pk: OPEN_PARTITION, sk: padId(importId) }),
  secret: (importId: number): Key => ({ pk: importPk(importId), sk: 'SECRET' }),
  counter: (of: Counter): Key => ({ pk: 'COUNTER', sk: of }),
  /** Which import an `Idempotency-Key` (as a digest) stands for: one per owner and key. */
  requestClaim: (owner: Owner, key: string): Key => ({ pk: `${ownerPrefix(owner)}#REQUESTS`, sk: key }),
  /** Who may create a group at a path of a destination; both as one digest, for a path can be longer than a key. */
  pathClaim: (destinationAndPath: string): Key => ({ pk: `PATH#${destinationAndPath}`, sk: 'CLAIM' }),
  /** Which entity made a group or project of a destination. */
  made: (kind: 'group' | 'project', destination: string, id: number): Key => ({
    pk: `${kind.toUpperCase()}#${destination}#${id}`,
    sk: 'MADE',
  }),
  rateLimit: (queue: string): Key => ({ pk: `RATE_LIMIT#${queue}`, sk: 'NEXT' }),
  /** Which entity of an import has to do what is done once. */
  first: (importId: number, what: string): Key => ({ pk: importPk(importId), sk: `FIRST#${what}` }),
  /** How much a GitLab (as a digest) can take. */
  load: (gitlab: string): Key => ({ pk: `LOAD#${gitlab}`, sk: 'LOAD' }),
  /** What somebody has decided about the users of a source, and its users in parts, by the first of each. */
  userMapping: (mappingId: number): Key => ({ pk: userMappingPk(mappingId), sk: 'META' }),
  userMappingPart: (mappingId: number, firstUserId: number): Key => ({
    pk: userMappingPk(mappingId),
    sk: `${USER_MAPPING_PART_PREFIX}${padId(firstUserId)}`,
  }),
  rateWindow: (owner: Owner, minute: number): Key => ({
    pk: `${ownerPrefix(owner)}#RATE`,
    sk: String(minute),
  }),
};

export type Counter = 'IMPORT' | 'ENTITY' | 'USER_MAPPING';

/** Partition of the imports that have not ended, over all users. */
export const OPEN_PARTITION = 'OPEN';

/** Partition of a user mapping. */
export const userMappingPk = (mappingId: number): string => `USERMAP#${mappingId}`;
export const USER_MAPPING_PART_PREFIX = 'USERS#';

const IMPORT_PREFIX = 'IMPORT#';
export const importPk = (importId: number): string => `${IMPORT_PREFIX}${importId}`;
/** The import in whose partition an item is. */
export const importIdOf = ({ pk }: Key): number => Number(pk.slice(IMPORT_PREFIX.length));
export const ENTITY_PREFIX = 'ENTITY#';
export const USER_PREFIX = 'USER#';
export const ARCHIVE_PREFIX = 'ARCHIVE#';
export const FAILURE_PREFIX = 'FAILURE#';
export const failurePrefix = (entityId: number): string => `${FAILURE_PREFIX}${padId(entityId)}#`;
export const resolvedPrefix = (entityId: number): string => `RESOLVED#${padId(entityId)}#`;
export const AUDIT_PREFIX = 'AUDIT#';
export const auditPrefix = (entityId: number): string => `${AUDIT_PREFIX}${padId(entityId)}#`;
export const childPrefix = (parentId: number): string => `CHILD#${padId(parentId)}#`;

/** Partition of an owner's list, or of the part of it that has one status. */
export function listPartition(owner: ListOwner, collection: Collection, status?: Status): string {
  const { kind = 'import' } = owner;
  const ofKind = kind === 'import' ? '' : `${kind.toUpperCase()}#`;
  const list = `${ownerPrefix(owner)}#${ofKind}${collection}`;
  return status === undefined ? list : `${list}#${status}`;
}

/** Digits of the destination's digest: it tells the few destinations of one table apart. */
const DIGEST_DIGITS = 16;

/** A digest, because a URL may be longer than a key may be, and has no place in metrics of hot partitions. */
function ownerPrefix({ destinationUrl, userId }: Owner): string {
  const digest = createHash('sha256').update(destinationUrl).digest('hex').slice(0, DIGEST_DIGITS);
  return `DESTINATION#${digest}#USER#${userId}`;
}

/** The index attributes of an import or an entity. They change whenever its status does. */
export function indexKeys(owner: ListOwner, collection: Collection, id: number, status: Status): IndexKeys {
  return {
    listPk: listPartition(owner, collection),
    listSk: padId(id),
    statusPk: listPartition(owner, collection, status),
    statusSk: padId(id),
  };
}
