import * as z from 'zod/mini';
import { MigrationError } from '../../domain/errors.ts';
import type { GitLabClient } from '../client.ts';
import { globalId } from './global-id.ts';
import { presentFullPath } from './groups.ts';

const foundSchema = z.object({ found: z.nullable(z.object({ id: globalId, fullPath: z.string() })) });

/** Looks up a group by full path; `undefined` when there is none that the token's user can see. */
export async function findByFullPath(
  client: GitLabClient,
  fullPath: string,
): Promise<{ id: number; fullPath: string } | undefined> {
  // By GraphQL, since REST takes a path of digits only for an id.
  const { found } = await client.graphql({
    operation: 'look up a group',
    query: 'query($fullPath: ID!) { found: group(fullPath: $fullPath) { id fullPath } }',
    variables: { fullPath },
    schema: foundSchema,
  });
  return found ?? undefined;
}

const optional = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));

export const sourceGroupSchema = z.object({
  id: globalId,
  name: z.string(),
  path: z.string(),
  description: optional(z.string()),
  visibility: optional(z.string()),
  emailsDisabled: optional(z.boolean()),
  lfsEnabled: optional(z.boolean()),
  mentionsDisabled: optional(z.boolean()),
  projectCreationLevel: optional(z.string()),
  requestAccessEnabled: optional(z.boolean()),
  requireTwoFactorAuthentication: optional(z.boolean()),
  shareWithGroupLock: optional(z.boolean()),
  subgroupCreationLevel: optional(z.string()),
  twoFactorGracePeriod: optional(z.number()),
});

/** What is asked of a group for its attributes. Every version from 14.0 on has these. */
export const SOURCE_GROUP_FIELDS = `id name path description visibility emailsDisabled lfsEnabled mentionsDisabled
  projectCreationLevel requestAccessEnabled requireTwoFactorAuthentication shareWithGroupLock subgroupCreationLevel
  twoFactorGracePeriod`;

/** The attributes of a group that direct transfer moves: GitLab's own query asks for exactly these. */
export type SourceGroup = z.infer<typeof sourceGroupSchema>;

/**
 * Reads a group's attributes; `undefined` when there is none that the token's user can see. GraphQL knows groups by
 * full path only, and in old versions in the exact spelling. A group that is not at the path that was asked for (it
 * is spelled otherwise, or was renamed or moved, and another may stand there) is found by its id.
 */
export async function getSourceGroup(
  client: GitLabClient,
  { id, fullPath }: { id: number; fullPath: string },
): Promise<SourceGroup | undefined> {
  const found = await queryGroup(client, fullPath);
  if (found?.id === id) return found;
  const present = await presentFullPath(client, id);
  if (present === undefined) return undefined;
  const moved = await queryGroup(client, present);
  return moved?.id === id ? moved : undefined;
}

async function queryGroup(client: GitLabClient, fullPath: string): Promise<SourceGroup | undefined> {
  const { group } = await client.graphql({
    operation: 'read the group',
    query: `query($fullPath: ID!) { group(fullPath: $fullPath) { ${SOURCE_GROUP_FIELDS} } }`,
    variables: { fullPath },
    schema: z.object({ group: z.nullable(sourceGroupSchema) }),
  });
  return group ?? undefined;
}

/** GraphQL answers with null where REST answers 404; a group that cannot be read must not pass for an empty one. */
export function groupGone({ instance }: GitLabClient): MigrationError {
  return new MigrationError(
    `The group does not exist at the ${instance} any more, or the ${instance} token's user cannot see it.`,
  );
}
