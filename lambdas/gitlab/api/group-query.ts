import * as z from 'zod/mini';
import { MigrationError } from '../../domain/errors.ts';
import type { GitLabClient } from '../client.ts';
import { isRefusal } from '../client-errors.ts';
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

/** Reads a group's attributes; `undefined` when there is none that the token's user can see. */
export function getSourceGroup(
  client: GitLabClient,
  group: { id: number; fullPath: string },
): Promise<SourceGroup | undefined> {
  return queryGroup(client, group, SOURCE_GROUP_FIELDS, sourceGroupSchema);
}

const planSchema = z.object({ id: globalId, epicsEnabled: optional(z.boolean()) });

/**
 * Whether a group has GitLab Premium or Ultimate, by `epicsEnabled`, which GitLab shows to whoever sees the group: epics
 * are of these plans, and not to be disabled. `undefined` when the GitLab does not say, as that of the Community Edition.
 */
export async function hasPremium(
  client: GitLabClient,
  group: { id: number; fullPath: string },
): Promise<boolean | undefined> {
  try {
    const found = await queryGroup(client, group, 'id epicsEnabled', planSchema);
    return found?.epicsEnabled ?? undefined;
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw error;
  }
}

/**
 * Asks for fields of a group; `undefined` when there is none that the token's user can see. GraphQL knows groups by full
 * path only, and in old versions in the exact spelling. A group that is not at the path that was asked for (it is spelled
 * otherwise, or was renamed or moved, and another may stand there) is found by its id.
 */
async function queryGroup<T extends { id: number }>(
  client: GitLabClient,
  { id, fullPath }: { id: number; fullPath: string },
  fields: string,
  schema: z.ZodMiniType<T>,
): Promise<T | undefined> {
  const read = async (path: string) => {
    const { group } = await client.graphql({
      operation: 'read the group',
      query: `query($fullPath: ID!) { group(fullPath: $fullPath) { ${fields} } }`,
      variables: { fullPath: path },
      schema: z.object({ group: z.nullable(schema) }),
    });
    return group?.id === id ? group : undefined;
  };
  const found = await read(fullPath);
  if (found !== undefined) return found;
  const present = await presentFullPath(client, id);
  return present === undefined ? undefined : read(present);
}

/** GraphQL answers with null where REST answers 404; a group that cannot be read must not pass for an empty one. */
export function groupGone({ instance }: GitLabClient): MigrationError {
  return new MigrationError(
    `The group does not exist at the ${instance} any more, or the ${instance} token's user cannot see it.`,
  );
}
