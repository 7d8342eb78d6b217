import { IncompleteRecordError } from '../domain/errors.ts';
import { listing, shortened } from '../domain/failure-message.ts';

/** Why the destination refused an attribute, and whether it took a shorter one. */
export interface Refused {
  words: string;
  isShortened: boolean;
}

/** Longest part of a value in a message, so that two of them and what to do fit into it. */
const LONGEST_VALUE = 40;

/**
 * What of a record is not as it was asked for, in words: one for each attribute that the response of its write does
 * not show so. GitLab ignores without an error what its edition or version does not have.
 *
 * What GitLab normalises is no difference: white space around texts and their line ends, letter case and short forms
 * of colours, names of colours, the time of a day, nothing written as `null`, `false`, an empty text or not at all.
 *
 * @param asked attributes by the names that the response has, too; `undefined` ones were not asked for
 * @param refused why the destination refused an attribute, by name: it was written without it, or with a shorter one
 * @returns by the attribute's name
 */
export function differences(
  asked: object,
  shown: object,
  refused: ReadonlyMap<string, Refused> = new Map(),
): Map<string, string> {
  const found = new Map<string, string>();
  const actual = new Map<string, unknown>(Object.entries(shown));
  for (const [name, value] of Object.entries(asked)) {
    if (value === undefined) continue;
    const refusal = refused.get(name);
    if (refusal !== undefined) {
      const what = refusal.isShortened ? 'was cut' : 'was refused';
      found.set(name, `${name} ${quoted(value)} ${what} (${refusal.words})`);
    } else if (!isShown(name, value, actual.get(name))) {
      found.set(name, `${name} is ${quoted(actual.get(name))} instead of ${quoted(value)}`);
    }
  }
  return found;
}

/**
 * Demands that the response of a write shows the record as it was asked for.
 *
 * @param what the kind of the record, e.g. `label`
 * @throws IncompleteRecordError which names each attribute that is not, with both values and what to do
 */
export function requireShown(
  asked: object,
  shown: object,
  what: string,
  refused?: ReadonlyMap<string, Refused>,
): void {
  const problems = [...differences(asked, shown, refused).values()];
  if (problems.length === 0) return;
  throw new IncompleteRecordError(
    listing(`The ${what} is at the destination, but not as asked:`, problems, 'Correct it there by hand.'),
  );
}

function isShown(name: string, asked: unknown, shown: unknown): boolean {
  const [wanted, actual] = [normal(name, asked), normal(name, shown)];
  // GitLab turns the name of a colour into its code.
  if (name === 'color' && /^[a-z]+$/.test(wanted)) return wanted === actual || actual.startsWith('#');
  return wanted === actual;
}

function normal(name: string, value: unknown): string {
  if (value === undefined || value === null || value === false) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  const text = String(value).replaceAll(/\r\n?/g, '\n').trim();
  if (name === 'color') return text.toLowerCase().replace(/^#(.)(.)(.)$/, '#$1$1$2$2$3$3');
  return /_(at|date)$/.test(name) ? text.slice(0, 'YYYY-MM-DD'.length) : text;
}

/** A value as it stands in a message. */
export function quoted(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'empty';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST_VALUE
    ? `'${shortened(text, LONGEST_VALUE + 1)}' (${[...text].length} characters)`
    : `'${text}'`;
}
