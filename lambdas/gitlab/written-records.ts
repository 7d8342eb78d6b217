import type { MutationDocument, RestWrite } from './calls.ts';
import { GRAPHQL } from './json-requests.ts';
import type { MutationOutcome } from './mutations.ts';
import type { Change, StatedWrite, WriteEnd } from './write-gate.ts';

/** What a write says of itself before it is sent, and its response of each of its records. */

/** A write as the gate is told of it. Values of what is sent are not in it. */
export function statedWrite<T>(call: RestWrite<T> | MutationDocument<T>): StatedWrite {
  const { operation } = call;
  if ('mutation' in call) {
    return {
      operation,
      method: 'POST',
      path: GRAPHQL,
      changes: call.items.map(({ change }) => change),
      attributes: call.items.map(({ input }) => Object.keys(input)),
    };
  }
  const { method, path, json, form, upload } = call;
  const names = [json ?? {}, upload?.fields ?? {}].flatMap(Object.keys);
  const changes = [call.change].flat();
  const attributes = [...names, ...(form?.keys() ?? []), ...(upload ? [upload.file.name] : [])];
  return { operation, method, path: `/api/v4${path}`, changes, attributes: changes.map(() => attributes) };
}

/** What became of the records of a request to the REST API that has succeeded. */
export function endsOfRest<T>(
  { changes }: StatedWrite,
  { outcomeOf }: RestWrite<T>,
  response: T,
): WriteEnd[] {
  const outcome = outcomeOf?.(response) ?? 'done';
  // One response about several records shows none of them.
  const id = changes.length === 1 ? idIn(response) : undefined;
  return changes.map(change => endOf(change, outcome, id));
}

/** What became of the records of a document, by the outcomes of its mutations. */
export function endsOfDocument(
  { changes }: StatedWrite,
  outcomes: readonly MutationOutcome<unknown>[],
): WriteEnd[] {
  return changes.map((change, index) => {
    const outcome = outcomes[index];
    const payload = outcome?.kind === 'done' ? Object.values(outcome.payload ?? {})[0] : undefined;
    return endOf(change, outcome?.kind ?? 'unknown', idIn(payload));
  });
}

const DONE = { create: 'created', change: 'updated', delete: 'deleted' } as const;

function endOf({ kind }: Change, outcome: MutationOutcome<unknown>['kind'], id?: number): WriteEnd {
  if (outcome === 'done') return { result: DONE[kind], ...(id !== undefined && { targetId: id }) };
  return outcome === 'unknown' ? {} : { result: 'refused' };
}

/** The id of the record that a response shows. */
function idIn(shown: unknown): number | undefined {
  const id = (shown as { id?: unknown } | null | undefined)?.id;
  return typeof id === 'number' ? id : undefined;
}
