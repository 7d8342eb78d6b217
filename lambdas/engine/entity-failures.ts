import { measure } from '../platform/invocation.ts';
import { markFailuresRecorded } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import { type Failure, putFailure } from '../store/failures.ts';

/** A failure of an entity as a whole, or of what it leaves, which no record of a relation has. */
export type EntityFailure = Pick<
  Failure,
  'relation' | 'pipelineClass' | 'step' | 'exceptionClass' | 'exceptionMessage' | 'sourceTitle'
> & {
  /** What tells it from others of the entity: one row each, however often it is written. */
  key: string;
};

/** How the keys of these failures begin. */
export const OF_ENTITY = 'entity#';

/** Writes a failure that says why an entity ended, or what it leaves. Called before it ends. */
export async function recordEntityFailure(
  entity: Pick<Entity, 'id' | 'importId' | 'attempt'>,
  { key, ...failure }: EntityFailure,
  correlationId: string,
): Promise<void> {
  await markFailuresRecorded(entity);
  const isNew = await putFailure({
    ...failure,
    importId: entity.importId,
    entityId: entity.id,
    key: OF_ENTITY + key,
    correlationId,
    sourceUrl: null,
    createdAt: new Date().toISOString(),
    attempt: entity.attempt,
  });
  if (isNew) measure('Failures', 1, { ExceptionClass: failure.exceptionClass });
}
