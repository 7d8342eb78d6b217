import { IncompleteRecordError } from '../shared/errors.ts';

type Attributes = Record<string, unknown>;

/** Texts of failures end here in the API, so what to do about them must come before. */
const LONGEST_MESSAGE = 255;
const LONGEST_VALUE = 40;

/**
 * What of a record is not as it was asked for, in words: one for each attribute that the response of its write does
 * not show so. GitLab ignores without an error what its edition or version does not have.
 *
 * What GitLab normalises is no difference: white space around texts and their line ends, letter case and short forms
 * of colours, names of colours, the time of a day, nothing written as `null`, `false`, an empty text or not at all.
 *
 * @param asked attributes by the names that the response has, too; `undefined` ones were not asked for
 * @param refused why the destination refused an attribute, by name: it was written without it
 */
export function differences(
  asked: Attributes,
  shown: Attributes,
  refused: ReadonlyMap<string, string> = new Map(),
): string[] {
  return Object.entries(asked).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const reason = refused.get(name);
    if (reason !== undefined) return [`${name} ${quoted(value)} was refused (${reason})`];
    return isShown(name, value, shown[name])
      ? []
      : [`${name} is ${quoted(shown[name])} instead of ${quoted(value)}`];
  });
}

/**
 * Demands that the response of a write shows the record as it was asked for.
 *
 * @param what the kind of the record, e.g. `label`
 * @throws IncompleteRecordError which names each attribute that is not, with both values and what to do
 */
export function requireShown(
  asked: Attributes,
  shown: Attributes,
  what: string,
  refused?: ReadonlyMap<string, string>,
): void {
  const problems = differences(asked, shown, refused);
  if (problems.length === 0) return;
  throw new IncompleteRecordError(
    listing(`The ${what} is at the destination, but not as asked:`, problems, 'Correct it there by hand.'),
  );
}

/** A sentence of 255 characters at most that lists problems, as many as fit, and ends with what to do about them. */
export function listing(head: string, problems: string[], advice: string): string {
  const whole = `${head} ${problems.join('; ')}. ${advice}`;
  if (whole.length <= LONGEST_MESSAGE) return whole;
  for (let some = problems.length - 1; some > 0; some--) {
    const left = problems.length - some;
    const text = `${head} ${problems.slice(0, some).join('; ')}; and ${left} more. ${advice}`;
    if (text.length <= LONGEST_MESSAGE) return text;
  }
  const rest = problems.length > 1 ? `…; and ${problems.length - 1} more. ${advice}` : `…. ${advice}`;
  return `${`${head} ${problems[0]}`.slice(0, LONGEST_MESSAGE - rest.length)}${rest}`;
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

function quoted(value: unknown): string {
  if (value === undefined || value === null || value === '') return 'empty';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST_VALUE
    ? `'${text.slice(0, LONGEST_VALUE)}…' (${text.length} characters)`
    : `'${text}'`;
}
