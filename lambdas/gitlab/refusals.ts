import { isRefusal } from './client-errors.ts';

/** Words that go on with the text before them and are no attribute, e.g. in `title can't be blank, is invalid`. */
const VERBS = new Set(
  'already and are be can cannot does has have is may must needs not or should was were will'.split(' '),
);

/** What GitLab's model calls an attribute that its API calls otherwise. */
const API_NAMES: Record<string, string> = {
  visibility_level: 'visibility',
  parent: 'parent_id',
  emails_enabled: 'emails_disabled',
};

/**
 * A list in a Ruby hash: `:title=>["is taken"]`, since Ruby 3.4 `title: ["is taken"]`; perhaps cut off at the end.
 * The name of a setting has that of its record before it.
 */
const RUBY_PAIR =
  /(?:^|[{,\s]):?"?(?:[a-z_]+\.)?(?<name>[a-z][a-z0-9_]*)"?(?:\s*=>|:)\s*\[(?<texts>"(?:[^"\\]|\\.)*"?(?:,\s*"(?:[^"\\]|\\.)*"?)*)/g;

/**
 * Which attributes a GitLab has refused, with its words for each. GitLab says it in three ways: as an object of
 * arrays (`{"message":{"color":["must be a valid color code"]}}`), as a sentence with a Ruby hash in it (`Failed to
 * create milestone {:title=>["is taken"]}`), and, for types and values of parameters, as a list (`{"error":"a is
 * invalid, b does not have a valid value"}`). The client has made one text of the first, which reads like the third.
 *
 * @returns by the API's names; no attribute for an error of another kind. A word of a sentence may pass for an attribute: look only for
 * the names of what was sent.
 */
export function refusedAttributes(error: unknown): Map<string, string> {
  if (!isRefusal(error) || (error.status !== 400 && error.status !== 422)) return new Map();
  const { reason } = error;
  const brace = reason.indexOf('{');
  const refused = brace === -1 ? attributesOfList(reason) : attributesOfHash(reason.slice(brace));
  return new Map([...refused].map(([name, words]) => [API_NAMES[name] ?? name, words]));
}

/** How many characters GitLab takes, when its words say so: `is too long (maximum is 255 characters)`. */
export function maximumIn(words: string): number | undefined {
  const maximum = /\bmaximum is (\d+) char/.exec(words)?.[1];
  return maximum === undefined ? undefined : Number(maximum);
}

function attributesOfHash(hash: string): Map<string, string> {
  const refused = new Map<string, string>();
  for (const { groups } of hash.matchAll(RUBY_PAIR)) {
    const texts = [...(groups?.texts ?? '').matchAll(/"((?:[^"\\]|\\.)*)"?/g)].map(([, text = '']) => text);
    if (groups?.name) refused.set(groups.name, texts.join(', ').replaceAll(/\\(.)/g, '$1'));
  }
  return refused;
}

function attributesOfList(list: string): Map<string, string> {
  const refused = new Map<string, string>();
  let current: string | undefined;
  for (const part of list.split(', ')) {
    const [, name = '', text = ''] = /^(?:[a-z_]+\.)?([a-z][a-z0-9_]*) (.+)$/s.exec(part) ?? [];
    if (name !== '' && !VERBS.has(name)) {
      const before = refused.get(name);
      refused.set(name, before === undefined ? text : `${before}, ${text}`);
      current = name;
    } else if (current !== undefined) {
      refused.set(current, `${refused.get(current)}, ${part}`);
    }
  }
  return refused;
}
