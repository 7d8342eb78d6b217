import { measure } from '../platform/invocation.ts';
import { markFailuresRecorded } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import { putFailure } from '../store/failures.ts';
import type { RelationEntry } from './relation.ts';

/** What archives a project again, after all that writes into it: the last relation of an entity. */
export const FINISHER = {
  name: 'finisher',
  pipelineClass: 'BulkImports::Common::Pipelines::EntityFinisher',
  relation: 'finisher',
} as const satisfies RelationEntry;

const EXCEPTION = 'BulkImports::IncompleteRecordError';
const LEFT_UNARCHIVED =
  'The project is archived at the source, and was unarchived at the destination to be written into. Its import ended before it was archived again. Archive it there by hand: Settings, General, Advanced, Archive project.';

/**
 * Writes the failure of an entity that ends while its project is still to be archived again, which nobody does any more.
 * Called before it ends; nothing for any other entity, and one row however often.
 */
export async function recordLeftUnarchived(
  entity: Pick<Entity, 'id' | 'importId' | 'sourceFullPath' | 'awaitsArchiving' | 'failuresRecorded'>,
  correlationId: string,
): Promise<void> {
  if (entity.awaitsArchiving !== true) return;
  await markFailuresRecorded(entity);
  // For whoever looks at it next: rows are read only then.
  entity.failuresRecorded = true;
  const { relation, pipelineClass } = FINISHER;
  const isNew = await putFailure({
    importId: entity.importId,
    entityId: entity.id,
    key: 'entity#unarchived',
    relation,
    pipelineClass,
    step: 'loader',
    exceptionClass: EXCEPTION,
    exceptionMessage: LEFT_UNARCHIVED,
    correlationId,
    sourceUrl: null,
    sourceTitle: entity.sourceFullPath,
    createdAt: new Date().toISOString(),
  });
  if (isNew) measure('Failures', 1, { ExceptionClass: EXCEPTION });
}
