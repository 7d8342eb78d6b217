import { asText, csvText } from '../../domain/csv.ts';
import {
  COLUMNS,
  IMPORT_TYPE,
  isUser,
  type MappedUser,
  PLACEHOLDER_COLUMN,
} from '../../domain/user-mapping.ts';

/**
 * Users of a source as GitLab's own CSV has them, so that the file can be sent to a group's `placeholder_reassignments`
 * as well. The column that is not GitLab's is there only if somebody is left out on purpose.
 *
 * @param sourceHost as GitLab has it: the base URL of the source
 * @param mostBytes as JSON; rows that would not fit are left out
 */
export function userMappingCsv(
  sourceHost: string,
  users: readonly MappedUser[],
  mostBytes = Number.POSITIVE_INFINITY,
): string {
  const hasNobody = users.some(({ target }) => target === 'nobody');
  const lines = [csvText([[...Object.values(COLUMNS), ...(hasNobody ? [PLACEHOLDER_COLUMN] : [])]])];
  let left = mostBytes;
  for (const user of users) {
    const line = csvText([cellsOf(sourceHost, user, hasNobody).map(asText)]);
    left -= Buffer.byteLength(JSON.stringify(line));
    if (left < 0) break;
    lines.push(line);
  }
  return lines.join('');
}

function cellsOf(
  sourceHost: string,
  { sourceUserId, name, username, target }: MappedUser,
  hasNobody: boolean,
): string[] {
  const { username: targetUsername = '', email = '' } = isUser(target) ? target : {};
  const cells = [sourceHost, IMPORT_TYPE, String(sourceUserId), name, username, targetUsername, email];
  return [...cells, ...(hasNobody ? [target === 'nobody' ? 'yes' : ''] : [])];
}
