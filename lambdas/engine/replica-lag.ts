import type { GitLabClient } from '../gitlab/client.ts';
import { isGroupGone, isNotFound, isRefusal } from '../gitlab/client-errors.ts';
import { TemporaryError } from '../gitlab/errors.ts';
import { isUnknownToGraphql } from '../gitlab/graphql-errors.ts';
import type { MutationOutcome } from '../gitlab/mutations.ts';
import { getEntity } from '../store/entities.ts';
import type { Entity } from '../store/entity.ts';
import type { PipelineContext } from './relation.ts';

/**
 * How long a group may be unknown to the destination after it was made. A GitLab that reads from replicas of its
 * database lags some seconds behind; five minutes are far more, and after them the group is gone.
 */
export const LONGEST_LAG_MS = 5 * 60_000;

/**
 * The context of a run whose destination may not know yet, for a while, the groups that this service has made there:
 * what it says is not there is then trouble that passes, whichever request meets it.
 */
export function withReplicaLag(context: PipelineContext): PipelineContext {
  const { entity } = context;
  const destination = watched(context.destination, {
    map: error => asReplicaLag(error, entity),
    check: async response => {
      if (isOfUnknownGroup(response) && (await wasMadeJustNow(entity))) throw replicaLag('go on');
    },
  });
  return { ...context, destination };
}

/** The same for what is done with a record that a request before it has made: it is there, whatever is said of it. */
export function withLagOf(context: PipelineContext, operation: string): PipelineContext {
  const destination = watched(context.destination, {
    map: async error => (isNotFound(error) ? replicaLag(operation) : error),
  });
  return { ...context, destination };
}

const REPLICA = 'replica';

/** The trouble of a group, or what is in it, that was made a moment ago and is not to be seen. */
export function replicaLag(operation: string): TemporaryError {
  return new TemporaryError(
    `The destination GitLab does not show yet the group that was made a moment ago, or what is in it (to ${operation}). Try again when it does.`,
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
  if (!isGroupGone(error) && !isUnknownToGraphql(error)) return error;
  return (await wasMadeJustNow(entity)) ? replicaLag('go on') : error;
}

/** Whether the entity's group, or the one above it, was made a moment ago. */
export async function wasMadeJustNow(entity: Entity): Promise<boolean> {
  if (mayLag(entity.destinationCreatedAt) || mayLag(entity.attemptedAt)) return true;
  if (entity.parentId === null) return false;
  return mayLag((await getEntity(entity.importId, entity.parentId)).destinationCreatedAt);
}

/**
 * Whether all mutations of a document were refused because their group is not to be seen, so that it has had no effect.
 * Where the replica has caught up midway, what was refused is left to be sent again by itself.
 */
function isOfUnknownGroup(response: unknown): boolean {
  return Array.isArray(response) && response.length > 0 && response.every(isRefusedAsUnknown);
}

function isRefusedAsUnknown(outcome: Partial<MutationOutcome<unknown>> | null): boolean {
  const isRefused = outcome?.kind === 'refused' || outcome?.kind === 'document_refused';
  return isRefused && 'error' in outcome && isRefusal(outcome.error) && isUnknownToGraphql(outcome.error);
}

/** How what a client does is looked at. */
interface Watch {
  /** The error to be thrown in place of this one. */
  map(error: unknown): Promise<unknown>;
  /** Throws where a response says what should have been an error. */
  check?(response: unknown): Promise<void>;
}

/** The same client, watched. */
function watched(client: GitLabClient, { map, check }: Watch): GitLabClient {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return async (...parameters: unknown[]) => {
        let response: unknown;
        try {
          response = await value.apply(target, parameters);
        } catch (error) {
          throw await map(error);
        }
        await check?.(response);
        return response;
      };
    },
  });
}
