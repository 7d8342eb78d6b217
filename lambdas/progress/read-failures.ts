import pLimit from 'p-limit';
import { Causes } from '../report/causes.ts';
import type { Entity } from '../store/entity.ts';
import { type Failure, listFailures } from '../store/failures.ts';
import type { CauseProgress, FailureCount } from './progress.ts';

/** Queries at the same time. */
const PARALLEL = 8;

/** How much is read. */
interface FailureLimits {
  failingEntities: number;
  failuresPerEntity: number;
}

/** The failures of an entity, as far as they were read. */
export interface ReadFailures {
  rows: Failure[];
  isExact: boolean;
}

/** The failures of the entities that have some and changed last, by entity id. */
export async function readFailures(
  entities: Entity[],
  limits: FailureLimits,
): Promise<Map<number, ReadFailures>> {
  const failing = entities
    .filter(({ failuresRecorded }) => failuresRecorded)
    .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt))
    .slice(0, limits.failingEntities);
  return new Map(
    await pLimit(PARALLEL).map(
      failing,
      async (entity): Promise<[number, ReadFailures]> => [
        entity.id,
        await readEntityFailures(entity, limits.failuresPerEntity),
      ],
    ),
  );
}

async function readEntityFailures({ importId, id }: Entity, most: number): Promise<ReadFailures> {
  const failures = await listFailures(importId, id, { limit: most });
  return { rows: failures, isExact: failures.length < most };
}

/** How many failures an entity has, as far as is known. */
export function failureCount(entity: Entity, failures: Map<number, ReadFailures>): FailureCount {
  if (!entity.failuresRecorded) return { known: 0, isExact: true };
  const found = failures.get(entity.id);
  return { known: found?.rows.length ?? 0, isExact: found?.isExact ?? false };
}

/** What caused the failures that were read of these entities, the most frequent first. */
export function causesOf(entities: Entity[], failures: Map<number, ReadFailures>): CauseProgress[] {
  const causes = new Causes();
  const paths = new Map(entities.map(({ id, sourceFullPath }) => [id, sourceFullPath]));
  for (const { id } of entities) {
    for (const failure of failures.get(id)?.rows ?? []) causes.add(failure);
  }
  return causes.list().map(cause => ({
    ...cause,
    examples: cause.examples.map(({ entityId, title }) => ({ path: paths.get(entityId) ?? '', title })),
  }));
}
