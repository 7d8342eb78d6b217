import type { GitLabClient } from '../client.ts';
import { isRefusal } from '../client-errors.ts';

/** Lists of what a group has and no relation moves, by their paths below it. */
const LISTS = {
  epics: { query: { include_descendant_groups: false }, edition: 'ee' },
  hooks: { query: {}, edition: 'ee' },
  variables: { query: {}, edition: 'ce' },
} as const;
type Kind = keyof typeof LISTS;

/** At least so many where a GitLab does not say how many there are. */
const MANY = 2;

/**
 * Counts what a group itself has that no relation moves, by a request for each kind.
 *
 * @param isCommunity whether the GitLab is of the Community Edition, which has less
 * @returns without those of which it has none, or shows none
 * @throws TemporaryError for trouble
 */
export async function countGroupLeftOut(
  client: GitLabClient,
  groupId: number,
  isCommunity: boolean,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const kind of Object.keys(LISTS) as Kind[]) {
    const { query, edition } = LISTS[kind];
    if (isCommunity && edition === 'ee') continue;
    const operation = `count the ${kind} of the group`;
    try {
      const count = await client.count({ operation, path: `/groups/${groupId}/${kind}`, query });
      if (count !== 0) counts[kind] = count ?? MANY;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }
  return counts;
}
