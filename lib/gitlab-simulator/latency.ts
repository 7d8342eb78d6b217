import { Kind, OperationTypeNode, parse } from 'graphql';
import type { SampleRequest } from './received-request.ts';

/** How long requests take. */
export interface Latency {
  latencyMs?: number | undefined;
  latencyPerMutation?: boolean | undefined;
}

/** Milliseconds that a request takes: a document of several mutations as long as those would, where it is charged so. */
export function latencyOf(
  { path, body }: Pick<SampleRequest, 'path' | 'body'>,
  { latencyMs = 0, latencyPerMutation = false }: Latency,
): number {
  if (latencyMs === 0 || !latencyPerMutation || path !== '/api/graphql') return latencyMs;
  const { query } = (body ?? {}) as { query?: unknown };
  return latencyMs * Math.max(1, mutationsIn(typeof query === 'string' ? query : ''));
}

/** How many mutations a document has; 0 for one that is none, or that cannot be read. */
function mutationsIn(document: string): number {
  if (!/^\s*mutation\b/.test(document)) return 0;
  try {
    return parse(document).definitions.reduce((sum, definition) => {
      const isMutation =
        definition.kind === Kind.OPERATION_DEFINITION && definition.operation === OperationTypeNode.MUTATION;
      return isMutation ? sum + definition.selectionSet.selections.length : sum;
    }, 0);
  } catch {
    return 0;
  }
}
