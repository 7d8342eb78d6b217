import * as z from 'zod/mini';
import type { GitLabClient, Page } from '../client.ts';
import { nextCursor, readSmallerPages } from '../paging.ts';
import { list } from '../schemas.ts';
import { globalId } from './global-id.ts';
import { groupGone } from './group-query.ts';
import { presentFullPath } from './groups.ts';

const optional = <T extends z.ZodMiniType>(schema: T) => z.optional(z.nullable(schema));

/** Whether a GraphQL list has a next page, and where. */
export const pageInfoSchema = z.object({ hasNextPage: z.boolean(), endCursor: optional(z.string()) });

export const sourceMemberSchema = z.object({
  /** Global id of the membership. Absent for an invitation that GitLab 14.0 does not show. */
  id: optional(z.string()),
  expiresAt: optional(z.string()),
  accessLevel: optional(z.object({ integerValue: optional(z.int()) })),
  /** Absent for an invitation that nobody has accepted. */
  user: optional(
    z.object({ id: globalId, publicEmail: optional(z.string()), username: z.string(), name: z.string() }),
  ),
});
export type SourceMember = z.infer<typeof sourceMemberSchema>;

const groupSchema = z.object({
  id: globalId,
  groupMembers: z.object({ nodes: list(z.nullable(sourceMemberSchema)), pageInfo: pageInfoSchema }),
});
type GroupWithMembers = z.infer<typeof groupSchema>;

/**
 * Which memberships are read. Only groups have `SHARED_FROM_GROUPS` (since GitLab 14.7); only projects `INVITED_GROUPS`,
 * and `SHARED_INTO_ANCESTORS`, which 14.9 does not have and 16.2 has.
 */
export type MemberRelation =
  | 'DIRECT'
  | 'INHERITED'
  | 'SHARED_FROM_GROUPS'
  | 'INVITED_GROUPS'
  | 'SHARED_INTO_ANCESTORS';

/** A group as it was found: the path it had then, and the id that it keeps. */
export interface KnownGroup {
  id: number;
  fullPath: string;
}

const OPERATION = 'list the members';

/** What is asked of a membership. */
export const SOURCE_MEMBER_FIELDS =
  'id expiresAt accessLevel { integerValue } user { id publicEmail username name }';

const MEMBERS_QUERY = `query($fullPath: ID!, $relations: [GroupMemberRelation!], $first: Int, $after: String) {
  group(fullPath: $fullPath) { id groupMembers(relations: $relations, first: $first, after: $after) {
    nodes { ${SOURCE_MEMBER_FIELDS} }
    pageInfo { hasNextPage endCursor } } } }`;

/**
 * GitLab 14.0 declares the user of a member as never null, and so responds to an invitation that nobody has
 * accepted with this error and a null in its place. Later versions show the member, without a user.
 */
export const INVITATION = /^Cannot return null for non-nullable field (?:Group|Project)Member\.user\.?$/;

/**
 * One page of a group's members with their public e-mail addresses, which REST does not show. Where the path leads
 * to no group, or to another one, the group is asked for its present path: it was renamed, or an old GitLab knows it
 * by another spelling only.
 *
 * @throws PagingError when the pages do not come to an end
 */
export async function listSourceMembers(
  client: GitLabClient,
  { id, fullPath }: KnownGroup,
  relations: MemberRelation[],
  cursor: string | null,
): Promise<Page<SourceMember>> {
  const read = (path: string) => readMembers(client, path, relations, cursor);
  let group = await read(fullPath);
  if (group?.id !== id) {
    const present = await presentFullPath(client, id);
    group = present === undefined || present === fullPath ? null : await read(present);
  }
  if (group?.id !== id) throw groupGone(client);
  const { nodes, pageInfo } = group.groupMembers;
  return {
    records: nodes.map(node => node ?? {}),
    next: nextCursor({ instance: client.instance, operation: OPERATION }, pageInfo, cursor),
  };
}

async function readMembers(
  client: GitLabClient,
  fullPath: string,
  relations: MemberRelation[],
  cursor: string | null,
): Promise<GroupWithMembers | null> {
  const { group } = await readSmallerPages(first =>
    client.graphql({
      operation: OPERATION,
      query: MEMBERS_QUERY,
      variables: { fullPath, relations, first, after: cursor },
      schema: z.object({ group: z.nullable(groupSchema) }),
      tolerates: ({ message }) => INVITATION.test(message),
    }),
  );
  return group;
}
