import * as z from 'zod/mini';
import type { GitLabClient } from '../client.ts';
import { list } from '../schemas.ts';

const idsSchema = list(z.object({ id: z.int() }));
const membersSchema = list(z.object({ id: z.int(), access_level: z.int() }));

/** Lists of what a group itself holds; what it inherits or shares does not count. */
const HOLDINGS: { path: string; query?: Record<string, boolean> }[] = [
  { path: 'subgroups' },
  { path: 'projects', query: { include_subgroups: false, simple: true } },
  { path: 'labels', query: { include_ancestor_groups: false } },
  // Without a parameter these are the group's own, in every version.
  { path: 'milestones' },
];

/** Whether a group has no subgroup, project, label or milestone that the token's user can see. */
export async function holdsNothing(client: GitLabClient, groupId: number): Promise<boolean> {
  for (const { path, query } of HOLDINGS) {
    const { records } = await client.page(
      {
        operation: `list the ${path}`,
        path: `/groups/${groupId}/${path}`,
        ...(query && { query }),
        schema: idsSchema,
      },
      null,
    );
    if (records.length > 0) return false;
  }
  return true;
}

/** The first members of a group itself, with their levels. */
export async function firstMembers(
  client: GitLabClient,
  groupId: number,
): Promise<{ id: number; access_level: number }[]> {
  const call = { operation: 'list the members', path: `/groups/${groupId}/members`, schema: membersSchema };
  return (await client.page(call, null)).records;
}
