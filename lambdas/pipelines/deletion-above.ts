import { type Group, getGroup } from '../gitlab/api/groups.ts';
import { TREE } from '../gitlab/budgets.ts';
import type { GitLabClient } from '../gitlab/client.ts';
import { isGroupGone } from '../gitlab/client-errors.ts';

/**
 * Whether a group waits for its deletion, itself or with one above it: GitLab marks only the very group that somebody has
 * deleted, and deletes with it whatever is inside. What is above and not shown to the token's user is not known to wait.
 *
 * @throws NetworkError, TemporaryError as reading a group does
 */
export async function isBeingDeleted(destination: GitLabClient, group: Group): Promise<boolean> {
  let at = group;
  for (let above = 0; above <= TREE.ancestors; above++) {
    if (at.marked_for_deletion_on != null) return true;
    if (at.parent_id === null) return false;
    try {
      at = await getGroup(destination, at.parent_id);
    } catch (error) {
      if (isGroupGone(error)) return false;
      throw error;
    }
  }
  return false;
}
