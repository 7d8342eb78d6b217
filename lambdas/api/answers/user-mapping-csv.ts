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
 */
export function userMappingCsv(sourceHost: string, users: readonly MappedUser[]): string {
  const hasNobody = users.some(({ target }) => target === 'nobody');
  const header = [...Object.values(COLUMNS), ...(hasNobody ? [PLACEHOLDER_COLUMN] : [])];
  const rows = users.map(({ sourceUserId, name, username, target }) => {
    const { username: targetUsername = '', email = '' } = isUser(target) ? target : {};
    const cells = [sourceHost, IMPORT_TYPE, String(sourceUserId), name, username, targetUsername, email];
    return [...cells, ...(hasNobody ? [target === 'nobody' ? 'yes' : ''] : [])].map(asText);
  });
  return csvText([header, ...rows]);
}
