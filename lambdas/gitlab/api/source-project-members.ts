import * as z from 'zod/mini';
import type { GitLabClient, Page } from '../client.ts';
import { NetworkError } from '../errors.ts';
import { nextCursor, readSmallerPages } from '../paging.ts';
import { list } from '../schemas.ts';
import { globalId } from './global-id.ts';
import { getProject } from './projects.ts';
import {
  INVITATION,
  type KnownGroup,
  type MemberRelation,
  pageInfoSchema,
  SOURCE_MEMBER_FIELDS,
  type SourceMember,
  sourceMemberSchema,
} from './source-members.ts';

const OPERATION = 'list the members of the project';

const projectSchema = z.object({
  id: globalId,
  /** Absent for whoever may not read them. */
  projectMembers: z.nullable(
    z.object({ nodes: list(z.nullable(sourceMemberSchema)), pageInfo: pageInfoSchema }),
  ),
});

// The id of a member of a project is that of its own kind, not of the interface.
const QUERY = `query($fullPath: ID!, $relations: [ProjectMemberRelation!], $first: Int, $after: String) {
  project(fullPath: $fullPath) { id projectMembers(relations: $relations, first: $first, after: $after) {
    nodes { ${SOURCE_MEMBER_FIELDS} }
    pageInfo { hasNextPage endCursor } } } }`;

/** One page of a project's members, as of a group's. A project that was renamed is asked for by its present path. */
export async function listProjectMembers(
  client: GitLabClient,
  { id, fullPath }: KnownGroup,
  relations: MemberRelation[],
  cursor: string | null,
): Promise<Page<SourceMember>> {
  const read = async (path: string) => {
    const { project } = await readSmallerPages(first =>
      client.graphql({
        operation: OPERATION,
        query: QUERY,
        variables: { fullPath: path, relations, first, after: cursor },
        schema: z.object({ project: z.nullable(projectSchema) }),
        tolerates: ({ message }) => INVITATION.test(message),
      }),
    );
    return project;
  };
  let project = await read(fullPath);
  if (project?.id !== id) project = await read((await getProject(client, id)).path_with_namespace);
  if (project?.id !== id || project.projectMembers === null) {
    const reason = 'the project or its members cannot be seen any more';
    throw new NetworkError(
      `The ${client.instance} GitLab did not ${OPERATION}: ${reason}. Give the token's user the role Maintainer there.`,
      { instance: client.instance, method: 'POST', status: 404, reason },
    );
  }
  const { nodes, pageInfo } = project.projectMembers;
  return {
    records: nodes.map(node => node ?? {}),
    next: nextCursor({ instance: client.instance, operation: OPERATION }, pageInfo, cursor),
  };
}
