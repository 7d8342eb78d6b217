import type { GitLabClient } from '../gitlab/client.ts';
import { isGroupGone, isRefusal } from '../gitlab/client-errors.ts';
import { TemporaryError } from '../gitlab/errors.ts';
import { getEntity } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import type { PipelineContext } from './relation.ts';

/**
 * How long a group may be unknown to the destination after it was made. A GitLab that reads from replicas of its
 * database lags some seconds behind; five minutes are far more, and after them the group is gone.
 */
export const LONGEST_LAG_MS = 5 * 60_000;

/** How GraphQL names a group that it does not know. */
const UNKNOWN_TO_GRAPHQL = /does not exist or you don't have permission/;

/**
 * The context of a run whose destination may not know yet, for a while, the groups that this service has made there:
 * what it says is not there is then trouble that passes, whichever request meets it.
 */
export function withReplicaLag(context: PipelineContext): PipelineContext {
  const { entity } = context;
  const destination = withErrors(context.destination, error => asReplicaLag(error, entity));
  return { ...context, destination };
}

const REPLICA = 'replica';

/** The trouble of a group that was made a moment ago and is not to be seen. */
export function replicaLag(operation: string): TemporaryError {
  return new TemporaryError(
    `The destination GitLab does not show yet the group that was made a moment ago (to ${operation}). Try again when it does.`,
    { instance: 'destination', method: '', reason: REPLICA, waitsFor: 'outage' },
  );
}

/** Whether this is that trouble: what was asked for has had no effect. */
export function isReplicaLag(error: unknown): boolean {
  return error instanceof TemporaryError && error.reason === REPLICA;
}

/** Whether a moment (ISO 8601, our clock) is so recent that the destination may not show its effect yet. */
export function mayLag(moment: string | null): boolean {
  return moment !== null && Date.now() - Date.parse(moment) < LONGEST_LAG_MS;
}

async function asReplicaLag(error: unknown, entity: Entity): Promise<unknown> {
  if (!isRefusal(error)) return error;
  if (!isGroupGone(error) && !UNKNOWN_TO_GRAPHQL.test(error.reason)) return error;
  return (await wasMadeJustNow(entity)) ? replicaLag('go on') : error;
}

/** Whether the entity's group, or the one above it, was made a moment ago. */
async function wasMadeJustNow(entity: Entity): Promise<boolean> {
  if (mayLag(entity.destinationCreatedAt) || mayLag(entity.attemptedAt)) return true;
  if (entity.parentId === null) return false;
  return mayLag((await getEntity(entity.importId, entity.parentId)).destinationCreatedAt);
}

/** The same client, with another error in place of those that it throws. */
function withErrors(client: GitLabClient, map: (error: unknown) => Promise<unknown>): GitLabClient {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...parameters: unknown[]) => {
        try {
          return await value.apply(target, parameters);
        } catch (error) {
          throw await map(error);
        }
      };
    },
  });
}
