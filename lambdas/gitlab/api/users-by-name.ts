import pLimit from 'p-limit';
import * as z from 'zod/mini';
import { UserMappingError } from '../../domain/errors.ts';
import { messageText } from '../../domain/failure-message.ts';
import type { GitLabClient } from '../client.ts';
import { list, shortText } from '../schemas.ts';
import { globalId } from './global-id.ts';
import { type FoundUser, USERS_PER_DOCUMENT } from './users.ts';

const NAMED_QUERY = `query($usernames: [String!], $first: Int) {
  users(usernames: $usernames, first: $first) { nodes { id username state bot } } }`;

const namedSchema = z.object({
  users: z.nullable(
    z.object({
      nodes: list(
        z.nullable(
          z.object({ id: globalId, username: z.string(), state: z.optional(shortText), bot: z.boolean() }),
        ),
      ),
    }),
  ),
});

/**
 * The ids of the users who have these user names; `null` where nobody has. A hundred are asked for at once; after trouble
 * no more are.
 *
 * @returns a promise for each name, as `findUsersByEmail` does; one of somebody who is blocked, or a bot, is rejected with
 *   an `UserMappingError`
 */
export function findUsersByUsername(
  client: GitLabClient,
  usernames: string[],
): Map<string, Promise<FoundUser>> {
  const limit = pLimit(1);
  let isStopped = false;
  const ask = (some: string[]) =>
    limit(async () => {
      if (isStopped) return undefined;
      try {
        return await readNamed(client, some);
      } catch (error) {
        isStopped = true;
        throw error;
      }
    });
  const found = new Map<string, Promise<FoundUser>>();
  for (let start = 0; start < usernames.length; start += USERS_PER_DOCUMENT) {
    const some = usernames.slice(start, start + USERS_PER_DOCUMENT);
    const asked = ask(some);
    for (const username of some) {
      const one = asked.then(users => users && idOf(username, users.get(username.toLowerCase())));
      // Who is not waited for is no unhandled rejection.
      one.catch(() => {});
      found.set(username, one);
    }
  }
  return found;
}

type NamedUser = NonNullable<NonNullable<z.infer<typeof namedSchema>['users']>['nodes'][number]>;

async function readNamed(client: GitLabClient, usernames: string[]): Promise<Map<string, NamedUser>> {
  const { users } = await client.graphql({
    operation: 'look up users by name',
    query: NAMED_QUERY,
    variables: { usernames, first: USERS_PER_DOCUMENT },
    schema: namedSchema,
  });
  return new Map(
    (users?.nodes ?? []).flatMap(user => (user === null ? [] : [[user.username.toLowerCase(), user]])),
  );
}

function idOf(username: string, user: NamedUser | undefined): number | null {
  if (user === undefined) return null;
  const { id, bot, state = 'active' } = user;
  if (!bot && state === 'active') return id;
  const what = bot ? 'a bot' : state;
  throw new UserMappingError(
    messageText({
      before: "'",
      quoted: username,
      after: `', whom the user mapping names, is ${what} at the destination, and so is nobody to give access to. Name somebody else in a new mapping, and import the members again.`,
    }),
  );
}
