import { NetworkError, TemporaryError } from '../shared/errors.ts';

/** What else GitLab calls an attribute: its model has other names than its API. */
const ALIASES: Record<string, string[]> = {
  visibility: ['visibility_level'],
  parent_id: ['parent'],
  emails_disabled: ['emails_enabled'],
};

/**
 * The attributes to which a GitLab objects, with its words. It has three forms for that, all of which are read from
 * the error's reason:
 *
 * - a Ruby hash in a sentence, in two spellings by Ruby's version: `Failed to save group {:path=>["is taken"]}` and
 *   `{path: ["is taken"]}`;
 * - a JSON object of arrays, which the client joins: `path is taken, name is too long`;
 * - the layer that checks parameters: `project_creation_level does not have a valid value`.
 *
 * @param attributes which to look for
 */
export function rejectedAttributes(error: unknown, attributes: string[]): Map<string, string> {
  const rejected = new Map<string, string>();
  if (!(error instanceof NetworkError) || error instanceof TemporaryError) return rejected;
  if (error.status !== 400 && error.status !== 422) return rejected;
  for (const attribute of attributes) {
    for (const name of [attribute, ...(ALIASES[attribute] ?? [])]) {
      const words = objectionTo(name, error.reason);
      if (words !== undefined) rejected.set(attribute, words);
    }
  }
  return rejected;
}

function objectionTo(name: string, reason: string): string | undefined {
  // A reason may be cut off, so the end of what was said need not be there. Settings have a prefix with a dot.
  const inHash = new RegExp(`[{\\s,:."]${name}"?\\s*(?:=>|:)\\s*\\[(.*?)(?:\\]|$)`).exec(reason);
  if (inHash?.[1] !== undefined) return inHash[1].replaceAll(/(^|, )"|"(?=, |$)/g, '$1');
  return new RegExp(`(?:^|, )(?:\\w+\\.)?${name} (.+?)(?=, [a-z_.]+ |$)`).exec(reason)?.[1];
}

/** How many characters GitLab takes, when an objection says so: `is too long (maximum is 255 characters)`. */
export function maximumIn(objection: string): number | undefined {
  const maximum = /\bmaximum is (\d+) char/.exec(objection)?.[1];
  return maximum === undefined ? undefined : Number(maximum);
}
