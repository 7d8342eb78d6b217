import type { Context } from 'aws-lambda';
import { type Lane, runEntity } from '../engine/run-entity.ts';
import { type RunResult, runEventSchema } from '../engine/run-event.ts';
import { invocation } from '../platform/invocation.ts';
import type { LaneName } from '../platform/lanes.ts';

const NONE: Lane['relations'] = { group_entity: [], project_entity: [] };

/**
 * The handler of a lane.
 *
 * @param relations those of the kinds of entities that it runs
 * @param planned the same for runs that only look, where those are others
 * @param verified the same for verifications, where those are others than for plans
 * @param clear removes what an entity needed on its way, where the lane can: it brings the client of S3 along
 */
export const laneHandler = (
  name: LaneName,
  relations: Partial<Lane['relations']>,
  { planned, verified, clear }: Pick<Lane, 'planned' | 'verified' | 'clear'> = {},
) =>
  invocation(
    (event: unknown, lambda: Pick<Context, 'getRemainingTimeInMillis'>): Promise<RunResult> =>
      runEntity(
        {
          name,
          relations: { ...NONE, ...relations },
          ...(planned !== undefined && { planned }),
          ...(verified !== undefined && { verified }),
          ...(clear !== undefined && { clear }),
        },
        runEventSchema.parse(event),
        Date.now() + lambda.getRemainingTimeInMillis(),
      ),
  );
