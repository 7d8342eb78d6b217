import type { Context } from 'aws-lambda';
import { clearArchiveOf } from '../engine/remove-archive.ts';
import { runEntity } from '../engine/run-entity.ts';
import { type RunResult, runEventSchema } from '../engine/run-event.ts';
import { RELATIONS } from '../pipelines/stages.ts';
import { invocation } from '../platform/invocation.ts';

/** The lane of archives: bytes, from the source into the store and from there to the destination. */
export const handler = invocation(
  (event: unknown, lambda: Pick<Context, 'getRemainingTimeInMillis'>): Promise<RunResult> =>
    runEntity(
      { name: 'archives', relations: RELATIONS, clear: clearArchiveOf },
      runEventSchema.parse(event),
      Date.now() + lambda.getRemainingTimeInMillis(),
    ),
);
