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

function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  // Half of a surrogate pair would be no character at all.
  return length === 0 ? '' : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/**
 * Hides whatever looks like a path in a foreign text, as GitLab does in the messages of failures: every word with a
 * slash in it. Our own words and the titles of records are not hidden.
 */
export function withoutPaths(text: string): string {
  return text.replaceAll(/\S*\/\S*/g, '[FILTERED]');
}
