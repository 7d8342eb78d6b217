import { isRefusal } from '../gitlab/client-errors.ts';
import { maximumIn, refusedAttributes } from '../gitlab/refusals.ts';
import type { Refused } from './shown.ts';

/** What a write returned, and why the destination refused some attributes, by name. */
export interface Accepted<Result> {
  result: Result;
  refused: ReadonlyMap<string, Refused>;
}

/**
 * Writes a record with all its attributes, or, where the destination refuses some of them, with shorter ones or without
 * them: a description that is too long does not cost the milestone.
 *
 * @param standIns what is written instead of a refused attribute that cannot be shortened, `undefined` for nothing. What
 * has no entry here is needed, and its refusal is that of the record
 * @throws the first refusal when the record is refused anyway
 */
export async function writeAccepted<Attributes extends object, Result>(
  asked: Attributes,
  standIns: { [Name in keyof Attributes]?: Attributes[Name] | undefined },
  write: (attributes: Attributes) => Promise<Result>,
): Promise<Accepted<Result>> {
  const refused = new Map<string, Refused>();
  const attributes = { ...asked } as Record<string, unknown>;
  let refusal: unknown;
  for (;;) {
    try {
      return { result: await write({ ...attributes } as Attributes), refused };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusal ??= error;
      const more = [...refusedAttributes(error)].filter(([name]) => name in asked);
      const isLeftOut = (name: string) => refused.get(name)?.isShortened === false;
      const canGoOn = more.every(([name]) => name in standIns && !isLeftOut(name));
      if (more.length === 0 || !canGoOn) throw refusal;
      for (const [name, words] of more) {
        const shorter = shortenedAsTold(attributes[name], words);
        refused.set(name, { words, isShortened: shorter !== undefined });
        attributes[name] = shorter ?? (standIns as Record<string, unknown>)[name];
      }
    }
  }
}

/**
 * A text cut to as many characters as a GitLab that refused it says that it takes; `undefined` when it does not say so,
 * or when it refused a text that is no longer than that.
 */
export function shortenedAsTold(value: unknown, words: string): string | undefined {
  const maximum = maximumIn(words) ?? 0;
  if (typeof value !== 'string' || maximum === 0) return undefined;
  // As Ruby counts them.
  const characters = [...value];
  return characters.length > maximum ? characters.slice(0, maximum).join('') : undefined;
}
