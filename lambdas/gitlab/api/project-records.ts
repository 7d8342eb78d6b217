import * as z from 'zod/mini';
import type { GitLabClient } from '../client.ts';
import { list } from '../schemas.ts';

/** Relations of a project of which GitLab lists single records by their numbers. */
export type NumberedRelation = 'issues' | 'merge_requests' | 'milestones';

const recordSchema = z.object({ iid: z.int() });

/**
 * Which of these records a project has, by their numbers within it (`iids[]`; whoever sees them).
 *
 * @param iids as many as fit into a URL: hundreds
 */
export async function findNumbers(
  client: GitLabClient,
  projectId: number,
  relation: NumberedRelation,
  iids: readonly number[],
): Promise<ReadonlySet<number>> {
  if (iids.length === 0) return new Set();
  const found = await client.all({
    operation: `look up ${relation.replace('_', ' ')} by their numbers`,
    path: `/projects/${projectId}/${relation}`,
    query: { iids: iids.join(',') },
    schema: list(recordSchema),
  });
  return new Set(found.map(({ iid }) => iid));
}
