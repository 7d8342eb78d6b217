import * as z from 'zod/mini';
import type { Secret } from '../domain/secret.ts';
import { LIST } from './budgets.ts';
import type { GraphqlError, MutationDocument } from './calls.ts';
import { isRefusal } from './client-errors.ts';
import { NetworkError } from './errors.ts';
import { errorOfGraphql } from './graphql-errors.ts';
import { foreignText } from './reasons.ts';
import { type Attempted, unreadableResponse } from './response-errors.ts';
import { list } from './schemas.ts';

/** What became of one mutation of a document. */
export type MutationOutcome<T> =
  | { kind: 'done'; payload: T }
  /** This one was refused: by the model, whose sentences these are, or without any because of a missing right. */
  | { kind: 'refused'; messages: string[]; error: NetworkError }
  /** It may have been done or not: its answer is missing or cannot be read. Look before it is sent again. */
  | { kind: 'unknown'; error: NetworkError }
  /** Nothing of the document was run, for a reason that need not be this one's. Single writes may pass. */
  | { kind: 'document_refused'; error: NetworkError };

/** Characters of a document that GitLab reads; variables do not count. */
const LONGEST_DOCUMENT = 10_000;

const aliasOf = (index: number) => `m${index}`;

/** The document's text and variables. Each mutation has an alias, so that its answer and its errors are told apart. */
export function documentOf({ mutation, inputType, selection, items }: MutationDocument<unknown>): {
  query: string;
  variables: Record<string, unknown>;
} {
  const inputs = items.map((_, index) => `$i${index}: ${inputType}!`);
  const mutations = items.map(
    (_, index) => `${aliasOf(index)}: ${mutation}(input: $i${index}) { ${selection} errors }`,
  );
  const query = `mutation(${inputs.join(', ')}) {\n${mutations.join('\n')}\n}`;
  if (query.length > LONGEST_DOCUMENT)
    throw new Error(`A document of ${items.length} ${mutation} is too long.`);
  return { query, variables: Object.fromEntries(items.map(({ input }, index) => [`i${index}`, input])) };
}

const dataSchema = z.record(z.string(), z.unknown());
const errorsSchema = z.object({ errors: list(z.string(), LIST.elements) });

/**
 * What became of each mutation, by a response with status 200.
 *
 * @throws TemporaryError, TokenRejectedError when nothing of the document was run, and would not be as single writes
 */
export function outcomesOf<T>(
  attempted: Attempted,
  { items, schema }: MutationDocument<T>,
  { data, errors }: { data?: unknown; errors: readonly GraphqlError[] },
  token: Secret,
): MutationOutcome<T>[] {
  const parsed = dataSchema.safeParse(data);
  if (!parsed.success) {
    const isRefused = errors.length > 0 && (data === null || data === undefined);
    const error = isRefused
      ? errorOfGraphql(attempted, errors, token)
      : unreadableResponse(attempted, 'unexpected body', false);
    return items.map(() => outcomeOfError(error, isRefused));
  }
  return items.map((_, index) => {
    const alias = aliasOf(index);
    const payload = parsed.data[alias];
    const own = errors.filter(({ path }) => path[0] === alias);
    if (payload === null && own.length > 0) {
      const error = errorOfGraphql(attempted, own, token);
      if (isRefusal(error)) return { kind: 'refused', messages: [], error };
      return { kind: 'unknown', error };
    }
    const said = errorsSchema.safeParse(payload);
    if (said.success && said.data.errors.length > 0) {
      const messages = said.data.errors.map(message => foreignText(message, token));
      return { kind: 'refused', messages, error: refusalOf(attempted, messages) };
    }
    const result = schema.safeParse(payload);
    if (said.success && result.success) return { kind: 'done', payload: result.data };
    const place = said.success ? `unexpected ${alias}` : `unexpected errors of ${alias}`;
    return { kind: 'unknown', error: unreadableResponse(attempted, place, false) };
  });
}

/**
 * What becomes of all mutations of a document that got an error for an answer.
 *
 * @param isUnread whether the GitLab has said so before it ran any of them
 * @throws the error itself when it passes, or is about more than this document
 */
export function outcomeOfError<T>(error: unknown, isUnread: boolean): MutationOutcome<T> {
  if (!isRefusal(error)) throw error;
  return { kind: isUnread ? 'document_refused' : 'unknown', error };
}

/** The error for what a model has against a record. */
function refusalOf({ instance, method, operation }: Attempted, messages: string[]): NetworkError {
  const reason = messages.join(', ');
  return new NetworkError(
    {
      before: `The ${instance} GitLab refused to ${operation}: `,
      quoted: reason.replace(/\.+$/, ''),
      after: '. Correct it at the source and import it again, or add it by hand.',
    },
    { instance, method, status: 200, reason },
  );
}

/** The payload of a mutation that was done. @throws the error of one that was not, or may not have been */
export function payloadOf<T>(outcome: MutationOutcome<T> | undefined): T {
  if (outcome?.kind === 'done') return outcome.payload;
  throw outcome?.error ?? new Error('There is no such mutation in the document.');
}
