import * as z from 'zod/mini';
import { LONGEST_MESSAGE } from '../domain/failure-message.ts';
import type { Item } from './item.ts';
import { failurePrefix, importPk, keys } from './keys.ts';
import { deleteItem, putNewItem } from './table.ts';
import { countItems, type QueryRange, queryItems } from './table-queries.ts';

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
});

/** Why one record (or one whole pipeline or entity) was not migrated. */
export type Failure = Omit<z.infer<typeof failureSchema>, 'v'>;

/** A failure as it stands in the table. */
export function failureFromItem(item: Item): Failure {
  const { v: _, ...failure } = failureSchema.parse(item);
  return failure;
}
const fromItem = failureFromItem;

/** A URL that is longer is left out: it is none of a page of a GitLab, and a part of it would lead nowhere. */
const LONGEST_URL = 2_048;

/** Writes a failure unless one with its key exists; of what is longer than is shown, only so much. @returns whether it is new */
export async function putFailure(failure: Failure): Promise<boolean> {
  const { sourceUrl, sourceTitle } = failure;
  return putNewItem({
    ...keys.failure(failure.importId, failure.entityId, failure.key),
    v: VERSION,
    ...failure,
    exceptionClass: cut(failure.exceptionClass),
    exceptionMessage: cut(failure.exceptionMessage),
    sourceUrl: sourceUrl !== null && sourceUrl.length > LONGEST_URL ? null : sourceUrl,
    sourceTitle: sourceTitle === null ? null : cut(sourceTitle),
  });
}

/** So much of a text as the API shows. Half of a surrogate pair would be no character at all. */
const cut = (text: string): string => text.slice(0, LONGEST_MESSAGE).replace(/[\uD800-\uDBFF]$/, '');

/** Which failures of an entity are meant, in the order of their keys. */
export interface FailureRange {
  /** Key of the failure behind which to begin. */
  after?: string | undefined;
  limit?: number;
}

/** Failures of an entity, by their keys, which begin with the stage and the name of the pipeline. */
export async function listFailures(
  importId: number,
  entityId: number,
  range: FailureRange = {},
): Promise<Failure[]> {
  return (await queryItems(importPk(importId), inTable(entityId, range))).map(fromItem);
}

/**
 * Counts failures of an entity without reading them.
 *
 * @returns how many there are, at most `limit`; and the key of the last one of so many, if there are so many
 */
export async function countFailures(
  importId: number,
  entityId: number,
  range: FailureRange,
): Promise<{ count: number; last: string | undefined }> {
  const { count, last } = await countItems(importPk(importId), inTable(entityId, range));
  return { count, last: last?.slice(failurePrefix(entityId).length) };
}

function inTable(entityId: number, { after, limit }: FailureRange): QueryRange {
  const prefix = failurePrefix(entityId);
  return {
    beginsWith: prefix,
    ...(after !== undefined && { after: prefix + after }),
    ...(limit !== undefined && { limit }),
  };
}

/** Removes a failure, if it exists. */
export async function deleteFailure(importId: number, entityId: number, key: string): Promise<void> {
  await deleteItem(keys.failure(importId, entityId, key));
}
