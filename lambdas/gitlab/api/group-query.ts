import * as z from 'zod/mini';
import { MigrationError } from '../../shared/errors.ts';
import type { GitLabClient, Page } from '../client.ts';

/** The number in a GraphQL global id such as `gid://gitlab/Group/12`. It must be one that can be stored. */
export const globalId = z.pipe(
  z.pipe(
    z.string().check(z.regex(/^gid:\/\/gitlab\/\w+\/\d+$/)),
    z.transform((text: string) => Number(text.slice(text.lastIndexOf('/') + 1))),
  ),
  z.int(),
);

const foundSchema = z.object({ found: z.nullable(z.object({ id: globalId, fullPath: z.string() })) });

/** Looks up a group or project by full path; `undefined` when there is none that the token's user can see. */
export async function findByFullPath(
  client: GitLabClient,
  kind: 'group' | 'project',
  fullPath: string,
): Promise<{ id: number; fullPath: string } | undefined> {
  // By GraphQL, since REST takes a path of digits only for an id.
  const { found } = await client.graphql({
    operation: `look up a ${kind}`,
    query: `query($fullPath: ID!) { found: ${kind}(fullPath: $fullPath) { id fullPath } }`,
    variables: { fullPath },
    schema: foundSchema,
  });
  return found ?? undefined;
}

const optional = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));

const sourceGroupSchema = z.object({
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

/** The attributes of a group that direct transfer moves: GitLab's own query asks for exactly these. */
export type SourceGroup = z.infer<typeof sourceGroupSchema>;

/** Reads a group's attributes by full path; `undefined` when there is none that the token's user can see. */
export async function getSourceGroup(
  client: GitLabClient,
  fullPath: string,
): Promise<SourceGroup | undefined> {
  const { group } = await client.graphql({
    operation: 'read the group',
    query: `query($fullPath: ID!) { group(fullPath: $fullPath) {
      id name path description visibility emailsDisabled lfsEnabled mentionsDisabled projectCreationLevel
      requestAccessEnabled requireTwoFactorAuthentication shareWithGroupLock subgroupCreationLevel
      twoFactorGracePeriod } }`,
    variables: { fullPath },
    schema: z.object({ group: z.nullable(sourceGroupSchema) }),
  });
  return group ?? undefined;
}

const pageInfoSchema = z.object({ hasNextPage: z.boolean(), endCursor: z.optional(z.nullable(z.string())) });

const memberSchema = z.object({
  expiresAt: optional(z.string()),
  accessLevel: optional(z.object({ integerValue: optional(z.int()) })),
  /** Absent for an invitation that nobody has accepted. */
  user: optional(
    z.object({ id: globalId, publicEmail: optional(z.string()), username: z.string(), name: z.string() }),
  ),
});
export type SourceMember = z.infer<typeof memberSchema>;

/** Which memberships are read; `SHARED_FROM_GROUPS` exists since GitLab 14.7. */
export type MemberRelation = 'DIRECT' | 'INHERITED' | 'SHARED_FROM_GROUPS';

/** GitLab caps GraphQL pages at 100. */
const PER_PAGE = 100;

/** One page of a group's members with their public e-mail addresses, which REST does not show. */
export async function listSourceMembers(
  client: GitLabClient,
  fullPath: string,
  relations: MemberRelation[],
  cursor: string | null,
): Promise<Page<SourceMember>> {
  const { group } = await client.graphql({
    operation: 'list the members',
    query: `query($fullPath: ID!, $relations: [GroupMemberRelation!], $first: Int, $after: String) {
      group(fullPath: $fullPath) { groupMembers(relations: $relations, first: $first, after: $after) {
        nodes { expiresAt accessLevel { integerValue } user { id publicEmail username name } }
        pageInfo { hasNextPage endCursor } } } }`,
    variables: { fullPath, relations, first: PER_PAGE, after: cursor },
    schema: z.object({
      group: z.nullable(
        z.object({
          groupMembers: z.object({ nodes: z.array(memberSchema), pageInfo: pageInfoSchema }),
        }),
      ),
    }),
  });
  if (group === null) throw groupGone(client);
  const { nodes, pageInfo } = group.groupMembers;
  return { records: nodes, next: pageInfo.hasNextPage ? (pageInfo.endCursor ?? null) : null };
}

/** How many projects a group itself holds, and the paths of the first few. */
export async function countProjects(
  client: GitLabClient,
  fullPath: string,
): Promise<{ count: number; firstPaths: string[] }> {
  const { group } = await client.graphql({
    operation: 'count the projects',
    query: `query($fullPath: ID!) { group(fullPath: $fullPath) {
      projects(includeSubgroups: false, first: 3) { count nodes { path } } } }`,
    variables: { fullPath },
    schema: z.object({
      group: z.nullable(
        z.object({
          projects: z.object({ count: z.int(), nodes: z.array(z.object({ path: z.string() })) }),
        }),
      ),
    }),
  });
  if (group === null) throw groupGone(client);
  return { count: group.projects.count, firstPaths: group.projects.nodes.map(({ path }) => path) };
}

/** GraphQL answers with null where REST answers 404; a group that cannot be read must not pass for an empty one. */
function groupGone({ instance }: GitLabClient): MigrationError {
  return new MigrationError(
    `The group does not exist at the ${instance} any more, or the ${instance} token's user cannot see it.`,
  );
}
