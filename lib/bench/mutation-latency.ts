import { Kind, parse } from 'graphql';
import type { Fault } from '../gitlab-simulator/fault.ts';
import type { SampleRequest } from '../gitlab-simulator/received-request.ts';

/**
 * Charges the latency of a request once more for each further mutation in a GraphQL document. GitLab runs them one
 * after the other, each in a transaction of its own, so a document of 50 takes it about as long as 50 requests; what is
 * saved by it is round trips, requests that count, and the client's work.
 *
 * @returns a fault hook
 */
export function chargeMutations(latencyMs: number): (request: SampleRequest) => Fault | undefined {
  return ({ path, body }) => {
    if (path !== '/api/graphql') return undefined;
    const further = mutationsIn((body as { query?: unknown } | undefined)?.query) - 1;
    return further > 0 ? { kind: 'delay', ms: further * latencyMs } : undefined;
  };
}

/** How many mutations a document runs; 0 for a query, and for what is no document. */
export function mutationsIn(document: unknown): number {
  if (typeof document !== 'string' || !document.includes('mutation')) return 0;
  try {
    return parse(document).definitions.reduce(
      (sum, definition) =>
        definition.kind === Kind.OPERATION_DEFINITION && definition.operation === 'mutation'
          ? sum + definition.selectionSet.selections.length
          : sum,
      0,
    );
  } catch {
    return 0;
  }
}
