import type { Context } from 'aws-lambda';
import { runEntity } from '../engine/run-entity.ts';
import { type RunResult, runEventSchema } from '../engine/run-event.ts';
import { GROUP_RELATIONS } from '../pipelines/stages.ts';
import { invocation } from '../platform/invocation.ts';

/** The lane of groups: runs all relations of a group, with many short requests. */
export const handler = invocation(
  (event: unknown, lambda: Pick<Context, 'getRemainingTimeInMillis'>): Promise<RunResult> =>
    runEntity(
      { group_entity: GROUP_RELATIONS },
      runEventSchema.parse(event),
      Date.now() + lambda.getRemainingTimeInMillis(),
    ),
);
