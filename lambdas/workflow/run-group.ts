import type { Context } from 'aws-lambda';
import { runEntity } from '../engine/run-entity.ts';
import { type RunResult, runEventSchema } from '../engine/run-event.ts';
import { RELATIONS } from '../pipelines/stages.ts';
import { invocation } from '../platform/invocation.ts';

/** The lane of groups: many short requests. */
export const handler = invocation(
  (event: unknown, lambda: Pick<Context, 'getRemainingTimeInMillis'>): Promise<RunResult> =>
    runEntity(
      { name: 'groups', relations: RELATIONS },
      runEventSchema.parse(event),
      Date.now() + lambda.getRemainingTimeInMillis(),
    ),
);
