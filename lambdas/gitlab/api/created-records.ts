import type { GitLabClient, MutationDocument } from '../client.ts';
import { isTooComplex } from '../client-errors.ts';
import type { NetworkError } from '../errors.ts';
import type { MutationOutcome } from '../mutations.ts';

/** What became of one of the records of a document that creates several. */
export type Created<T> =
  /** With what the GitLab shows of it, which need not be all that it was asked for. */
  | { kind: 'created'; record: T }
  /** The GitLab has one of this key already. */
  | { kind: 'taken' }
  /**
   * The GitLab refuses this record. `attributes` has its words by the names of what was sent, where it names any; none
   * where a right is missing, or the group is gone: a single write by REST then says which.
   */
  | { kind: 'refused'; attributes: ReadonlyMap<string, string>; error: NetworkError }
  /** Made or not: whoever writes on looks it up first. */
  | { kind: 'unknown'; error: NetworkError }
  /** Nothing of its document was run: a single write may pass. */
  | { kind: 'document_refused'; error: NetworkError };

/** How a mutation's outcome is read as that of a record. */
interface Reading<P, T> {
  recordOf: (payload: P) => T;
  /** What the model says of a key that is taken. */
  taken: RegExp;
  /** What was sent, by the names that the model's sentences begin with. */
  attributes: Readonly<Record<string, string>>;
}

/**
 * Creates records in documents of at most `size`, one after the other, which become smaller where this GitLab computes
 * less at once. A document that meets trouble throws it, and nothing is told of those before it: whoever wants to know
 * sends no more than one document's records at a time.
 *
 * @returns one element per record, in order
 * @throws TemporaryError when it is not known how much of a document was run
 */
export async function createRecords<P, T>(
  client: GitLabClient,
  { items, ...document }: MutationDocument<P>,
  size: number,
  reading: Reading<P, T>,
): Promise<Created<T>[]> {
  const created: Created<T>[] = [];
  let most = size;
  while (created.length < items.length) {
    const some = items.slice(created.length, created.length + most);
    const outcomes = await client.write({ ...document, items: some });
    const [first] = outcomes;
    if (first?.kind === 'document_refused' && isTooComplex(first.error) && some.length > 1) {
      most = Math.ceil(some.length / 2);
      continue;
    }
    created.push(...outcomes.map(outcome => createdOf(outcome, reading)));
  }
  return created;
}

function createdOf<P, T>(
  outcome: MutationOutcome<P>,
  { recordOf, taken, attributes }: Reading<P, T>,
): Created<T> {
  if (outcome.kind === 'done') return { kind: 'created', record: recordOf(outcome.payload) };
  if (outcome.kind !== 'refused') return outcome;
  const { messages, error } = outcome;
  if (messages.length > 0 && messages.every(message => taken.test(message))) return { kind: 'taken' };
  return { kind: 'refused', attributes: attributesOf(messages, attributes), error };
}

/** `Title is too long (maximum is 255 characters)` is about the title. */
function attributesOf(messages: string[], names: Readonly<Record<string, string>>): Map<string, string> {
  const refused = new Map<string, string>();
  for (const message of messages) {
    for (const [beginning, name] of Object.entries(names)) {
      if (!message.startsWith(`${beginning} `)) continue;
      const words = message.slice(beginning.length + 1);
      const before = refused.get(name);
      refused.set(name, before === undefined ? words : `${before}, ${words}`);
    }
  }
  return refused;
}
