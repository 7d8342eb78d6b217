import pLimit from 'p-limit';
import * as z from 'zod/mini';
import type { GitLabClient } from '../client.ts';
import { TemporaryError, TokenRejectedError } from '../errors.ts';
import { list } from '../schemas.ts';
import { globalId } from './global-id.ts';

const currentUserSchema = z.object({
  id: z.int(),
  username: z.string(),
  is_admin: z.optional(z.boolean()),
  can_create_group: z.optional(z.boolean()),
  /** Whether it is the user of a project or group access token; not shown by old versions. */
  bot: z.optional(z.nullable(z.boolean())),
  two_factor_enabled: z.optional(z.nullable(z.boolean())),
  public_email: z.optional(z.nullable(z.string())),
  email: z.optional(z.nullable(z.string())),
  confirmed_at: z.optional(z.nullable(z.string())),
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

/** A user with the addresses that a list or page of users shows; an absent one is not shown, a null one is none. */
export type UserHit = z.infer<typeof userSchema>;

/** A user by id. @throws when there is none */
export function getUser(client: GitLabClient, userId: number): Promise<UserHit> {
  return client.rest({ operation: 'read the user', path: `/users/${userId}`, schema: userSchema });
}

/** The public e-mail address of a user; `null` when there is none. */
export async function getPublicEmail(client: GitLabClient, userId: number): Promise<string | null> {
  return (await getUser(client, userId)).public_email || null;
}

/** Users found by a text: their address in full, or a part of their name or user name. GitLab demands a text. */
export function searchUsers(client: GitLabClient, text: string): Promise<UserHit[]> {
  return client.rest({
    operation: 'look up a user by e-mail address',
    path: '/users',
    query: { search: text, per_page: 100 },
    schema: list(userSchema),
  });
}

/** As many user names as one document asks for: GitLab's largest page. */
export const USERS_PER_DOCUMENT = 100;

const PUBLIC_EMAILS_QUERY = `query($usernames: [String!], $first: Int) {
  users(usernames: $usernames, first: $first) { nodes { id publicEmail } } }`;

const publicEmailsSchema = z.object({
  users: z.nullable(
    z.object({
      nodes: list(z.nullable(z.object({ id: globalId, publicEmail: z.optional(z.nullable(z.string())) }))),
    }),
  ),
});

/**
 * The public e-mail addresses of users, by id. By GraphQL, which has shown them since before 14.0: the list of users
 * shows them to everybody only since about 17.0, and the page of a single user may be read 300 times in 10 minutes.
 */
async function publicEmailsOf(client: GitLabClient, usernames: string[]): Promise<Map<number, string>> {
  const emails = new Map<number, string>();
  for (let start = 0; start < usernames.length; start += USERS_PER_DOCUMENT) {
    const some = usernames.slice(start, start + USERS_PER_DOCUMENT);
    const { users } = await client.graphql({
      operation: 'read the public e-mail addresses of users',
      query: PUBLIC_EMAILS_QUERY,
      variables: { usernames: some, first: USERS_PER_DOCUMENT },
      schema: publicEmailsSchema,
    });
    for (const user of users?.nodes ?? []) if (user?.publicEmail) emails.set(user.id, user.publicEmail);
  }
  return emails;
}

/** A user's id; `null` when there is none, `undefined` when it was not asked for. */
export type FoundUser = number | null | undefined;

/** How many look-ups are on their way to a GitLab at the same time. */
const LOOK_UPS_IN_PARALLEL = 6;

/**
 * The ids of the users who have these e-mail addresses; `null` where nobody has. GitLab's search also finds users by
 * parts of their name or user name, which anybody can choose, so a hit counts only if its own address is shown and
 * equal, in any letter case; an address that only an administrator sees must be confirmed.
 *
 * One request per address, and one for all hits whose public address the list does not show. Trouble with one look-up
 * is the trouble of its address; after trouble that passes, or with a token that is not accepted, no more are begun.
 *
 * @returns a promise for each address, none of which has to be waited for; `undefined` for a look-up not begun
 */
export function findUsersByEmail(client: GitLabClient, emails: string[]): Map<string, Promise<FoundUser>> {
  const limit = pLimit(LOOK_UPS_IN_PARALLEL);
  let isStopped = false;
  const searches = emails.map(email =>
    limit(async () => {
      if (isStopped) return undefined;
      try {
        return await searchUsers(client, email);
      } catch (error) {
        isStopped ||= error instanceof TemporaryError || error instanceof TokenRejectedError;
        throw error;
      }
    }),
  );
  let hidden: Promise<Map<number, string>> | undefined;
  const find = async (email: string, search: Promise<UserHit[] | undefined>): Promise<FoundUser> => {
    const hits = await search;
    const own = hits?.find(hit => isAddressOf(hit, email));
    if (own !== undefined) return own.id;
    if (!hits?.some(isHidden)) return hits && null;
    hidden ??= readHidden(client, searches);
    const addresses = await hidden;
    return hits.find(({ id }) => isSame(addresses.get(id), email))?.id ?? null;
  };
  return new Map(
    searches.map((search, index) => {
      const email = emails[index] as string;
      const found = find(email, search);
      found.catch(() => {});
      return [email, found];
    }),
  );
}

/** The public addresses of all hits that do not show it, once all searches are over. */
async function readHidden(
  client: GitLabClient,
  searches: Promise<UserHit[] | undefined>[],
): Promise<Map<number, string>> {
  const results = await Promise.allSettled(searches);
  const hits = results.flatMap(result => (result.status === 'fulfilled' ? (result.value ?? []) : []));
  return publicEmailsOf(client, [...new Set(hits.filter(isHidden).map(({ username }) => username))]);
}

const isHidden = ({ public_email }: UserHit): boolean => public_email === undefined;

const isSame = (address: string | null | undefined, email: string): boolean =>
  address?.toLowerCase() === email.toLowerCase();

/** Whether somebody has an e-mail address, for all to see, or confirmed. */
export function isAddressOf(
  user: Pick<UserHit, 'public_email' | 'email' | 'confirmed_at'>,
  email: string,
): boolean {
  const isConfirmed = user.confirmed_at !== null && user.confirmed_at !== undefined;
  return isSame(user.public_email, email) || (isConfirmed && isSame(user.email, email));
}
