import * as z from 'zod/mini';
import { NetworkError } from '../../shared/errors.ts';
import type { GitLabClient } from '../client.ts';

/** GitLab's access levels: 5 minimal, 10 guest, 15 planner, 20 reporter, 30 developer, 40 maintainer, 50 owner. */
export const ACCESS_LEVELS: readonly number[] = [5, 10, 15, 20, 30, 40, 50];

const memberSchema = z.object({ id: z.int(), access_level: z.int() });
export type Member = z.infer<typeof memberSchema>;

/** Everybody who has access to a group, through whatever way, with their highest level. `id` is the user's. */
export function allEffectiveMembers(client: GitLabClient, groupId: number): Promise<Member[]> {
  return client.all({
    operation: 'list the members',
    path: `/groups/${groupId}/members/all`,
    schema: z.array(memberSchema),
  });
}

/** The members of a group itself. */
export function allDirectMembers(client: GitLabClient, groupId: number): Promise<Member[]> {
  return client.all({
    operation: 'list the members',
    path: `/groups/${groupId}/members`,
    schema: z.array(memberSchema),
  });
}

/** The access level that a user has in a group, through whatever way; `undefined` for none. */
export async function getEffectiveAccessLevel(
  client: GitLabClient,
  groupId: number,
  userId: number,
): Promise<number | undefined> {
  try {
    const member = await client.rest({
      operation: 'tell the access level of a user',
      path: `/groups/${groupId}/members/all/${userId}`,
      schema: memberSchema,
    });
    return member.access_level;
  } catch (error) {
    if (error instanceof NetworkError && error.status === 404) return undefined;
    throw error;
  }
}

export interface Membership {
  user_id: number;
  access_level: number;
  /** Last day of the membership, YYYY-MM-DD. */
  expires_at?: string;
}

/** Makes a user a direct member. GitLab answers 409 when they are one already. */
export function addMember(client: GitLabClient, groupId: number, membership: Membership): Promise<Member> {
  return client.rest({
    operation: 'add the member',
    method: 'POST',
    path: `/groups/${groupId}/members`,
    json: { ...membership },
    schema: memberSchema,
  });
}

/** Changes the level of a direct member. */
export function changeMember(client: GitLabClient, groupId: number, membership: Membership): Promise<Member> {
  const { user_id, ...change } = membership;
  return client.rest({
    operation: 'change the member',
    method: 'PUT',
    path: `/groups/${groupId}/members/${user_id}`,
    json: { ...change },
    schema: memberSchema,
  });
}
