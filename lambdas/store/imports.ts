import * as z from 'zod/mini';
import { KINDS } from '../domain/kinds.ts';
import { ALLOWED_FROM, isTerminal, STATUSES, type Status } from '../domain/statuses.ts';
import { planTotalsSchema } from './changes.ts';
import { type Condition, statusIsOneOf } from './conditions.ts';
import type { Item } from './item.ts';
import { importIdOf, indexKeys, keys, type ListOwner } from './keys.ts';
import { listOwned, type OwnerList } from './owner-lists.ts';
import { getItem, getItems, putNewItem } from './table.ts';
import { updateItem } from './table-updates.ts';

/** Version of the item's shape. An item with another one is not understood, and reading it fails loudly. */
const VERSION = 3;

/** What a retry was asked for. */
const retrySchema = z.object({
  /** `failed`: what failed or never came to its end; `all`: also what the source has got since. */
  scope: z.enum(['failed', 'all']),
  /** Only these entities. */
  entityIds: z.optional(z.array(z.int())),
  /** Only these relations, by their names in `stats` and failures. */
  relations: z.optional(z.array(z.string())),
  /** The user mapping that the import has from then on. */
  userMappingId: z.optional(z.int()),
});
export type Retry = z.infer<typeof retrySchema>;

const importSchema = z.object({
  v: z.literal(VERSION),
  id: z.int(),
  /** What it is for; absent for one that migrates. */
  kind: z.optional(z.enum(KINDS)),
  /** Normalised base URL of the destination GitLab. The import never runs against another (docs/adr/0016). */
  destinationUrl: z.string(),
  /** Id of the owner at the destination GitLab. */
  userId: z.int(),
  status: z.enum(STATUSES),
  /** Which run of the import as a whole this is, from 1 on: executions and runs of an older one do nothing any more. */
  attempt: z.int(),
  /** The status before this attempt, until it has begun; an attempt that never begins goes back to it. */
  statusBefore: z.optional(z.enum(STATUSES)),
  /** What the latest attempt does again; absent for the first one. */
  retry: z.optional(retrySchema),
  sourceUrl: z.string(),
  sourceVersion: z.string(),
  hasFailures: z.boolean(),
  /** Since when its workflow has been known to run; absent before that. One that ended without it was never begun. */
  startedAt: z.optional(z.string()),
  /** Why it was ended from outside of its entities; absent for one that came to its end by itself or was canceled. */
  failure: z.optional(z.object({ exceptionClass: z.string(), message: z.string() })),
  /** How many entities were asked for; absent for an import that was written before this was kept. */
  requested: z.optional(z.int()),
  /** How many were made of subgroups since; see `countChild`. */
  children: z.optional(z.int()),
  /** Of a verification, the import that is verified. */
  subjectId: z.optional(z.int()),
  /** The attempt of that import with whose end it begins; absent where the request that made it has begun it. */
  subjectAttempt: z.optional(z.int()),
  /** The last verification of it. */
  verificationId: z.optional(z.int()),
  /** The plan that it was bound to when it was asked for. */
  planId: z.optional(z.int()),
  /** Of a plan, a digest of what was asked for, without tokens. */
  request: z.optional(z.string()),
  /** Of a plan that has come to its end, what that is. */
  totals: z.optional(planTotalsSchema),
  /** What was decided about the users of the source; absent where nothing was. */
  userMappingId: z.optional(z.int()),
  correlationId: z.string(),
  /** ISO 8601, UTC, with milliseconds, like every time of this table. */
  createdAt: z.string(),
  updatedAt: z.string(),
});

/** One bulk import: what one `POST /bulk_imports` asked for. */
export type Import = Omit<z.infer<typeof importSchema>, 'v'>;

function toItem(record: Import): Item {
  return {
    ...keys.import(record.id),
    ...indexKeys(record, 'IMPORTS', record.id, record.status),
    v: VERSION,
    ...record,
  };
}

/** An import as it stands in the table. */
export function importFromItem(item: Item): Import {
  const { v: _, ...record } = importSchema.parse(item);
  return record;
}
const fromItem = importFromItem;

/** Writes a new import. Does nothing when it exists. @returns the import as it is after it */
export async function createImport(record: Import): Promise<Import> {
  return (await putNewItem(toItem(record))) ? record : getImport(record.id);
}

/** Reads an import, or `undefined` when there is none with this id. */
export async function findImport(importId: number): Promise<Import | undefined> {
  const item = await getItem(keys.import(importId));
  return item && fromItem(item);
}

/** Reads an import that the caller knows to exist. */
export async function getImport(importId: number): Promise<Import> {
  const record = await findImport(importId);
  if (record === undefined) throw new Error(`Import ${importId} does not exist.`);
  return record;
}

/**
 * Moves an import to a status if the state machine allows it from where it is. Returns the import after the move, or
 * `undefined` when the move was not allowed (it ended meanwhile, or is there already).
 *
 * @param record one whose attempt is told is moved in that attempt only
 * @param hasFailures whether any of its entities has, where that is known
 * @param failure why it ends, when it is ended from outside of its entities
 * @param totals what a plan has come to
 * @param from the statuses that it may have before, where those are fewer than the state machine allows
 */
export async function moveImport(
  record: Pick<Import, 'id' | 'kind' | 'destinationUrl' | 'userId'> & Partial<Pick<Import, 'attempt'>>,
  status: Exclude<Status, 'created'>,
  {
    failure,
    hasFailures,
    totals,
    from = ALLOWED_FROM[status],
  }: Pick<Import, 'failure' | 'totals'> & { hasFailures?: boolean; from?: readonly Status[] } = {},
): Promise<Import | undefined> {
  const { statusPk } = indexKeys(record, 'IMPORTS', record.id, status);
  const now = new Date().toISOString();
  const result = await updateItem(keys.import(record.id), {
    set: {
      status,
      statusPk,
      updatedAt: now,
      ...(status === 'started' && { startedAt: now }),
      ...(hasFailures !== undefined && { hasFailures }),
      ...(totals !== undefined && { totals }),
      ...(failure !== undefined && { failure, hasFailures: true }),
    },
    // Of the end before it.
    ...(status === 'started' && (record.attempt ?? 1) > 1 && { remove: ['failure', 'statusBefore'] }),
    when: [statusIsOneOf(from), ...(record.attempt === undefined ? [] : [isOfAttempt(record.attempt)])],
  });
  return result.applied ? fromItem(result.item) : undefined;
}

function isOfAttempt(attempt: number): Condition {
  return {
    expression: '#attempt = :attempt',
    names: { '#attempt': 'attempt' },
    values: { ':attempt': attempt },
    needsItem: true,
  };
}

/** The ends after which an import can be tried again; a cancel is final. */
const REOPENED_FROM: readonly Status[] = ['finished', 'failed', 'timeout'];

/** What else changes with another attempt: `verificationId` is that of the verification that begins with its end. */
type Reopened = Partial<Pick<Import, 'sourceVersion' | 'verificationId'>>;

/**
 * Opens an import that has ended for another attempt. Why it ended stays in it until that has begun.
 *
 * @returns the import after it; `undefined` when it has not ended, was canceled, or has had another attempt since it was read
 */
export async function reopenImport(
  record: Import,
  retry: Retry,
  { sourceVersion = record.sourceVersion, verificationId }: Reopened = {},
): Promise<Import | undefined> {
  const result = await updateItem(keys.import(record.id), {
    set: {
      ...statusOf(record, 'created'),
      attempt: record.attempt + 1,
      statusBefore: record.status,
      sourceVersion,
      retry,
      ...(retry.userMappingId !== undefined && { userMappingId: retry.userMappingId }),
      ...(verificationId !== undefined && { verificationId }),
    },
    when: [statusIsOneOf(REOPENED_FROM), isOfAttempt(record.attempt)],
  });
  return result.applied ? fromItem(result.item) : undefined;
}

/** Ends an attempt that has not begun: the import has the status that it had before. @returns whether it was so */
export async function endUnbegunAttempt(record: Import): Promise<Import | undefined> {
  const { attempt, statusBefore } = record;
  if (statusBefore === undefined) return undefined;
  const result = await updateItem(keys.import(record.id), {
    set: statusOf(record, statusBefore),
    when: [statusIsOneOf(['created']), isOfAttempt(attempt)],
  });
  return result.applied ? fromItem(result.item) : undefined;
}

const statusOf = (record: Pick<Import, 'id' | 'kind' | 'destinationUrl' | 'userId'>, status: Status) => ({
  status,
  statusPk: indexKeys(record, 'IMPORTS', record.id, status).statusPk,
  updatedAt: new Date().toISOString(),
});

/** Notes that at least one of the import's entities has failures. */
export async function markImportFailures(importId: number): Promise<void> {
  await updateItem(keys.import(importId), {
    set: { hasFailures: true, updatedAt: new Date().toISOString() },
  });
}

/** Notes which verification of an import is the last one. */
export async function noteVerification(importId: number, verificationId: number): Promise<void> {
  await updateItem(keys.import(importId), { set: { verificationId } });
}

/** Whether an import has ended; reads only its status. */
export async function hasImportEnded(importId: number): Promise<boolean> {
  return isTerminal((await getImport(importId)).status);
}

/** The ids of an owner's imports, or of their plans, in the order asked for, at most `limit`. */
export async function listImportIds(owner: ListOwner, options: OwnerList): Promise<number[]> {
  return (await listOwned(owner, 'IMPORTS', options)).map(importIdOf);
}

/** Reads imports by id, in that order. */
export async function getImports(importIds: number[]): Promise<Import[]> {
  return (await getItems(importIds.map(keys.import))).map(fromItem);
}

/**
 * Counts entities that an import makes of subgroups. A crash between this and the entities counts them twice, which a
 * budget can bear, and the total of a list: its last page, which comes up short, tells the true one.
 *
 * @returns how many it has counted
 */
export async function countChildren(importId: number, count: number): Promise<number> {
  const result = await updateItem(keys.import(importId), { add: { children: count } });
  return result.applied ? Number(result.item.children) : 0;
}
