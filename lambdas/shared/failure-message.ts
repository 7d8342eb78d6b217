/** GitLab's limit for the message of a failure, and for the title of a record. */
export const LONGEST_TEXT = 255;

/** A failure's message as the API shows it: with what looks like a path hidden, and cut at GitLab's limit. */
export function shownMessage(message: string): string {
  return filterPaths(message).slice(0, LONGEST_TEXT);
}

/**
 * A message that is shown whole. Where it is too long, what is not ours in it is shortened, for it ends with what to
 * do.
 *
 * @param parts what may be shortened: a GitLab's words, the cause of a crash; the next one when the one before it is
 *   not enough
 */
export function fitted(message: string, ...parts: string[]): string {
  if (fits(message)) return message;
  for (const part of parts) {
    if (part === '' || !message.includes(part)) continue;
    for (let length = part.length - 1; length >= 0; length--) {
      const shorter = message.replace(part, () => `${part.slice(0, length).trimEnd()}…`).toWellFormed();
      if (fits(shorter)) return shorter;
    }
  }
  return message;
}

const fits = (message: string) => filterPaths(message).length <= LONGEST_TEXT;

/** GitLab hides whatever looks like a path in a message: a word with a slash in it. */
function filterPaths(message: string): string {
  return message.replaceAll(/\S+/g, word => (word.includes('/') ? '[FILTERED]' : word));
}
