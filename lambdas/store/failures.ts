import * as z from 'zod/mini';
import { failurePrefix, importPk, keys } from './keys.ts';
import { deleteItem, type Item, putNewItem, queryItems } from './table.ts';

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

function fromItem(item: Item): Failure {
  const { v: _, ...failure } = failureSchema.parse(item);
  return failure;
}

/** Writes a failure unless one with its key exists. @returns whether it is new */
export async function putFailure(failure: Failure): Promise<boolean> {
  return putNewItem({
    ...keys.failure(failure.importId, failure.entityId, failure.key),
    v: VERSION,
    ...failure,
  });
}

/** All failures of an entity, oldest first. */
export async function listFailures(importId: number, entityId: number): Promise<Failure[]> {
  const items = await queryItems(importPk(importId), { beginsWith: failurePrefix(entityId) });
  return items
    .map(fromItem)
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt) || a.key.localeCompare(b.key));
}

/** Removes a failure, if it exists. */
export async function deleteFailure(importId: number, entityId: number, key: string): Promise<void> {
  await deleteItem(keys.failure(importId, entityId, key));
}
