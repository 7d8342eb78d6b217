import { runEntity } from '../../../lambdas/engine/run-entity.ts';
import { runEventSchema } from '../../../lambdas/engine/run-event.ts';
import { GROUP_RELATIONS } from '../../../lambdas/pipelines/stages.ts';
import { invocation } from '../../../lambdas/platform/invocation.ts';
import { getEntity } from '../../../lambdas/store/entities.ts';
import type { Entity } from '../../../lambdas/store/entity.ts';
import { listEntities } from '../../../lambdas/store/entity-lists.ts';
import { laneOfGroups } from './lane-of-groups.ts';
import type { Migration, PipelineHandler } from './pipeline-bench.ts';

/** A lane with all relations of a group. */
export const lane: PipelineHandler = invocation(
  (event: unknown, lambda: { getRemainingTimeInMillis(): number }) =>
    runEntity(
      laneOfGroups(GROUP_RELATIONS),
      runEventSchema.parse(event),
      Date.now() + lambda.getRemainingTimeInMillis(),
    ),
);

/** Runs the first child of an entity once, all its relations; the child after it. */
export async function runChild({ importId, entityId }: Migration): Promise<Entity> {
  const child = (await listEntities(importId)).find(({ parentId }) => parentId === entityId);
  if (child === undefined) throw new Error('The entity has no child.');
  await lane(
    { importId, entityId: child.id, functionName: 'lane' },
    { getRemainingTimeInMillis: () => 900_000 },
  );
  return getEntity(importId, child.id);
}
