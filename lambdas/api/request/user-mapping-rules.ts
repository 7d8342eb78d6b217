import { isUser, type MappedUser } from '../../domain/user-mapping.ts';
import { unprocessable } from '../answers/http-errors.ts';

/** What a caller says of the users of a source. */
export interface UserMappingParameters {
  /** As it was given: a base URL, or a host. */
  sourceHost: string;
  users: MappedUser[];
}

/** GitLab's limit for user names and addresses. */
const LONGEST_TEXT = 255;

/** Whether this can be a user name of a GitLab. */
export const isUsername = (text: string): boolean =>
  text.length <= LONGEST_TEXT && /^[a-zA-Z0-9_.][a-zA-Z0-9_.-]*$/.test(text);

/** Whether this can be an e-mail address. */
export const isEmail = (text: string): boolean =>
  text.length <= LONGEST_TEXT && /^[^@\s]+@[^@\s]+$/.test(text);

/** @throws the 422, in GitLab's words, where two users of the source are to become one of the destination */
export function checkTargets(users: readonly MappedUser[]): void {
  const seen = new Set<string>();
  for (const { target } of users) {
    if (!isUser(target)) continue;
    for (const name of [target.username, target.email]) {
      if (name === undefined) continue;
      // No user name has an @, and every address has one.
      const key = name.toLowerCase();
      if (seen.has(key)) {
        throw unprocessable('The provided spreadsheet contains duplicate email addresses or usernames.');
      }
      seen.add(key);
    }
  }
}
