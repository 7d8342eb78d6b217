import * as z from 'zod/mini';
import type { GitLabClient } from '../client.ts';
import { NetworkError } from '../errors.ts';

const identitySchema = z.object({
  id: z.int(),
  full_path: z.string(),
  web_url: z.string(),
  created_at: z.optional(z.nullable(z.string())),
});

/** What a group is told by from those of all other GitLabs, under whatever name its GitLab was asked. */
export type GroupIdentity = z.infer<typeof identitySchema>;

/** A group's identity; `undefined` when there is no such group that the token's user can see. */
export async function identifyGroup(
  client: GitLabClient,
  groupId: number,
): Promise<GroupIdentity | undefined> {
  try {
    return await client.rest({
      operation: 'identify the group',
      path: `/groups/${groupId}`,
      query: { with_projects: false },
      schema: identitySchema,
    });
  } catch (error) {
    if (error instanceof NetworkError && error.status === 404) return undefined;
    throw error;
  }
}

/** Whether two GitLabs have shown the same group, and so are one: no two have all of this in common by chance. */
export function isSameGroup(one: GroupIdentity | undefined, other: GroupIdentity | undefined): boolean {
  return (
    one !== undefined &&
    other !== undefined &&
    one.id === other.id &&
    one.full_path === other.full_path &&
    one.web_url === other.web_url &&
    (one.created_at ?? null) === (other.created_at ?? null)
  );
}
