import * as z from 'zod/mini';
import { LONGEST_MESSAGE } from '../domain/failure-message.ts';
import type { Condition } from './conditions.ts';
import type { Item } from './item.ts';
import { countKeyed, inTable, type KeyedRange } from './keyed-items.ts';
import { failurePrefix, importPk, keys, resolvedPrefix } from './keys.ts';
import { deleteItem, putItem, putItemWhen, putNewItem } from './table.ts';
import { queryItems } from './table-queries.ts';

const VERSION = 1;

/** The step of a pipeline in which something went wrong; GitLab's names. */
export const PIPELINE_STEPS = ['extractor', 'transformer', 'loader', 'pipeline_worker_run'] as const;
export type PipelineStep = (typeof PIPELINE_STEPS)[number];

const failureSchema = z.object({
  v: z.literal(VERSION),
  importId: z.int(),
  entityId: z.int(),
  /** The same for the same failure of the same record, so that a repeated run writes no second row. */
  key: z.string(),
  relation: z.string(),
  pipelineClass: z.string(),
  step: z.nullable(z.enum(PIPELINE_STEPS)),
  exceptionClass: z.string(),
  exceptionMessage: z.string(),
  correlationId: z.string(),
  /** Page of the record at the source; only milestones have one among the relations of a group. */
  sourceUrl: z.nullable(z.string()),
  /** Title or name of the record. */
  sourceTitle: z.nullable(z.string()),
  createdAt: z.string(),
  /** The attempt of the import in which it was met last. */
  attempt: z._default(z.int(), 1),
  /** The attempt in which it was overcome; absent while it is open. */
  resolvedAttempt: z.optional(z.int()),
  /**
   * Whether the same may succeed if it is tried again as it is. Of one that was written before this was kept nobody knows,
   * and a retry tries it.
   */
  retryable: z._default(z.boolean(), true),
  /**
   * Whether it stands for a record that its relation counts as failed and that can be tried again, and not for a part of
   * one, or for a whole page; absent in one that was written before this was kept.
   */
  isCounted: z.optional(z.boolean()),
  /** Number of the record within its project, where GitLab knows it by that. */
  iid: z.optional(z.int()),
  /** The relation, by its name, that brings the record in a later attempt, where that is not the one that has failed it. */
  broughtBy: z.optional(z.string()),
});

/** Why one record (or one whole pipeline or entity) was not migrated. */
export type Failure = Omit<z.infer<typeof failureSchema>, 'v'>;

/** What a new failure needs to be told; it is one of the first attempt, and worth another try, unless it says so. */
export type NewFailure = Omit<Failure, 'attempt' | 'retryable' | 'resolvedAttempt'> &
  Partial<Pick<Failure, 'attempt' | 'retryable'>>;

/** A failure as it stands in the table. */
export function failureFromItem(item: Item): Failure {
  const { v: _, ...failure } = failureSchema.parse(item);
  return failure;
}
const fromItem = failureFromItem;

/** A URL that is longer is left out: it is none of a page of a GitLab, and a part of it would lead nowhere. */
const LONGEST_URL = 2_048;

/**
 * Writes a failure, in place of one that an earlier attempt has left under its key. One of the same attempt stays. Of what
 * is longer than is shown, only so much is written.
 *
 * @returns whether it was written
 */
export async function putFailure(failure: NewFailure): Promise<boolean> {
  const { attempt = 1, sourceUrl, sourceTitle } = failure;
  const item = {
    ...keys.failure(failure.importId, failure.entityId, failure.key),
    v: VERSION,
    ...failure,
    attempt,
    exceptionClass: cut(failure.exceptionClass),
    exceptionMessage: cut(failure.exceptionMessage),
    sourceUrl: sourceUrl !== null && sourceUrl.length > LONGEST_URL ? null : sourceUrl,
    sourceTitle: sourceTitle === null ? null : cut(sourceTitle),
  };
  return attempt === 1 ? putNewItem(item) : putItemWhen(item, isOlderThan(attempt));
}

/** The item is not there, or of an earlier attempt. Those that were written before attempts were kept are of the first. */
function isOlderThan(attempt: number): Condition {
  return {
    expression: 'attribute_not_exists(pk) OR attribute_not_exists(attempt) OR attempt < :attempt',
    values: { ':attempt': attempt },
  };
}

/** So much of a text as the API shows. Half of a surrogate pair would be no character at all. */
const cut = (text: string): string => text.slice(0, LONGEST_MESSAGE).replace(/[\uD800-\uDBFF]$/, '');

/** Open failures of an entity, by their keys, which begin with the stage and the name of the pipeline. */
export async function listFailures(
  importId: number,
  entityId: number,
  range: KeyedRange = {},
): Promise<Failure[]> {
  return (await queryItems(importPk(importId), inTable(failurePrefix(entityId), range))).map(fromItem);
}

/** Counts open failures of an entity, as `countKeyed` does. */
export const countFailures = (importId: number, entityId: number, range: KeyedRange) =>
  countKeyed(importId, failurePrefix(entityId), range);

/** Removes a failure, if it exists. */
export async function deleteFailure(importId: number, entityId: number, key: string): Promise<void> {
  await deleteItem(keys.failure(importId, entityId, key));
}

/** Failures of an entity that later attempts have overcome, by their keys. */
export async function listResolvedFailures(
  importId: number,
  entityId: number,
  beginsWith = '',
): Promise<Failure[]> {
  const range = { beginsWith: resolvedPrefix(entityId) + beginsWith };
  return (await queryItems(importPk(importId), range)).map(fromItem);
}

/**
 * Closes a failure that an attempt has overcome: it is listed as open no longer. Whoever is interrupted between the two
 * writes leaves it open as well as closed, and comes again.
 */
export async function resolveFailure(failure: Failure, attempt: number): Promise<void> {
  const { importId, entityId, key } = failure;
  const resolved = { ...failure, resolvedAttempt: attempt };
  await putItem({ ...keys.resolvedFailure(importId, entityId, key), v: VERSION, ...resolved });
  await deleteFailure(importId, entityId, key);
}
