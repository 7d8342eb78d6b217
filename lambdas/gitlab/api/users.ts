import * as z from 'zod/mini';
import type { GitLabClient } from '../client.ts';

const currentUserSchema = z.object({
  id: z.int(),
  username: z.string(),
  is_admin: z.optional(z.boolean()),
  can_create_group: z.optional(z.boolean()),
  two_factor_enabled: z.optional(z.nullable(z.boolean())),
  /** The user's page, below the instance's own URL, whatever URL it was asked under. */
  web_url: z.optional(z.nullable(z.string())),
});
export type CurrentUser = z.infer<typeof currentUserSchema>;

/** The owner of the client's token. */
export function getCurrentUser(client: GitLabClient): Promise<CurrentUser> {
  return client.rest({ operation: 'tell whose token this is', path: '/user', schema: currentUserSchema });
}

const userSchema = z.object({
  id: z.int(),
  username: z.string(),
  public_email: z.optional(z.nullable(z.string())),
  /** Shown to administrators only. */
  email: z.optional(z.nullable(z.string())),
  confirmed_at: z.optional(z.nullable(z.string())),
});

/** The public e-mail address of a user; `null` when there is none. */
export async function getPublicEmail(client: GitLabClient, userId: number): Promise<string | null> {
  const user = await client.rest({
    operation: 'read the user',
    path: `/users/${userId}`,
    schema: userSchema,
  });
  return user.public_email || null;
}

/**
 * The user who has this e-mail address. GitLab's search also finds users by parts of their name or user name, which
 * anybody can choose, so a hit counts only if its own address is shown and equal; an address that an administrator
 * sees must be confirmed.
 */
export async function findUserByEmail(
  client: GitLabClient,
  email: string,
): Promise<{ id: number } | undefined> {
  const wanted = email.toLowerCase();
  const users = await client.rest({
    operation: 'look up a user by e-mail address',
    path: '/users',
    query: { search: email, per_page: 100 },
    schema: z.array(userSchema),
  });
  return users.find(
    user =>
      user.public_email?.toLowerCase() === wanted ||
      (user.email?.toLowerCase() === wanted && user.confirmed_at !== null && user.confirmed_at !== undefined),
  );
}
