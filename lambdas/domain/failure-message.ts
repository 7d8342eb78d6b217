/** GitLab's limit for the message of a failure. */
export const LONGEST_MESSAGE = 255;

/** A message of ours that quotes what a GitLab has said. Our own words are never cut; what is quoted makes room. */
export interface QuotingMessage {
  before: string;
  /** Foreign text, already without secrets and paths (`withoutPaths`). */
  quoted: string;
  after: string;
}

/** The message as one text of at most 255 characters, as long as our own words leave room for it. */
export function messageText({ before, quoted, after }: QuotingMessage): string {
  const room = Math.max(0, LONGEST_MESSAGE - before.length - after.length);
  return before + shortened(quoted, room) + after;
}

/**
 * A message that is whole already, fitted into what is shown: where it is too long, what is not ours in it is
 * shortened, for it ends with what to do.
 *
 * @param parts what may be shortened: a GitLab's words, the cause of a crash; the next one when the one before it is
 *   not enough
 */
export function fitted(message: string, ...parts: string[]): string {
  let fitting = message;
  for (const part of parts) {
    const excess = fitting.length - LONGEST_MESSAGE;
    const at = excess > 0 && part !== '' ? fitting.indexOf(part) : -1;
    if (at === -1) continue;
    const shorter = shortened(part, Math.max(1, part.length - excess));
    fitting = fitting.slice(0, at) + shorter + fitting.slice(at + part.length);
  }
  return fitting;
}

/**
 * The last resort for a message in which something foreign is not known to be: its middle is left out, since the
 * beginning says what happened and the end what to do.
 */
export function withoutMiddle(message: string): string {
  if (message.length <= LONGEST_MESSAGE) return message;
  const half = Math.floor(LONGEST_MESSAGE / 2);
  return shortened(message, LONGEST_MESSAGE - half) + message.slice(-half).replace(/^[\uDC00-\uDFFF]/, '');
}

/** Texts with commas between them, of which no more is joined than so many characters. */
export function joinedUpTo(length: number, texts: Iterable<string>): string {
  let joined = '';
  for (const text of texts) {
    if (joined.length > length) break;
    joined += (joined === '' ? '' : ', ') + text.slice(0, length);
  }
  return shortened(joined, length);
}

/** A sentence of 255 characters at most that lists problems, as many as fit, and ends with what to do about them. */
export function listing(head: string, problems: string[], advice: string): string {
  const most = Math.min(problems.length, LONGEST_MESSAGE / 3);
  const some = problems.slice(0, most).map(problem => shortened(problem, LONGEST_MESSAGE));
  for (; some.length > 0; some.pop()) {
    const more = some.length === problems.length ? '' : `; and ${problems.length - some.length} more`;
    const text = `${head} ${some.join('; ')}${more}. ${advice}`;
    if (text.length <= LONGEST_MESSAGE) return text;
  }
  const [first = '', ...others] = problems;
  const more = others.length === 0 ? '' : `; and ${others.length} more`;
  return messageText({ before: `${head} `, quoted: first, after: `${more}. ${advice}` });
}

/** A text of at most so many characters, with an ellipsis where it was cut. */
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  // Half of a surrogate pair would be no character at all.
  return length === 0 ? '' : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/**
 * Hides whatever looks like a path in a foreign text, as GitLab does in the messages of failures: every word with a
 * slash in it. Our own words and the titles of records are not hidden.
 */
export function withoutPaths(text: string): string {
  return text.replaceAll(/\S+/g, word => (word.includes('/') ? '[FILTERED]' : word));
}
