import { refusedAttributes } from '../gitlab/refusals.ts';
import { NetworkError, TemporaryError, TokenRejectedError } from '../shared/errors.ts';

/** What a write returned, and why the destination refused some attributes, by name. */
export interface Accepted<Result> {
  result: Result;
  refused: ReadonlyMap<string, string>;
}

/**
 * Writes a record with all its attributes, or, where the destination refuses some of them, without these: a
 * description that is too long does not cost the milestone.
 *
 * @param standIns what is written instead of a refused attribute, `undefined` for nothing. What has no entry here is
 * needed, and its refusal is that of the record
 * @throws the first refusal when the record is refused anyway
 */
export async function writeAccepted<Attributes extends object, Result>(
  asked: Attributes,
  standIns: { [Name in keyof Attributes]?: Attributes[Name] | undefined },
  write: (attributes: Attributes) => Promise<Result>,
): Promise<Accepted<Result>> {
  const refused = new Map<string, string>();
  let attributes = asked;
  let refusal: unknown;
  for (;;) {
    try {
      return { result: await write(attributes), refused };
    } catch (error) {
      const isRefusal = error instanceof NetworkError && !(error instanceof TemporaryError);
      if (!isRefusal || error instanceof TokenRejectedError) throw error;
      refusal ??= error;
      const more = [...refusedAttributes(error)].filter(([name]) => name in asked);
      const canGoOn = more.every(([name]) => name in standIns && !refused.has(name));
      if (more.length === 0 || !canGoOn) throw refusal;
      for (const [name, reason] of more) refused.set(name, reason);
      attributes = { ...asked, ...pick(standIns, refused.keys()) };
    }
  }
}

function pick(values: object, names: Iterable<string>): Record<string, unknown> {
  return Object.fromEntries([...names].map(name => [name, (values as Record<string, unknown>)[name]]));
}
