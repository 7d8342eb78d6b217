import * as z from 'zod/mini';
import type { GitLabClient, Page } from '../client.ts';
import { nextCursor, readSmallerPages } from '../paging.ts';
import { globalId } from './global-id.ts';
import { LABELS, MILESTONES } from './group-parts.ts';
import { groupGone } from './group-query.ts';
import { presentFullPath } from './groups.ts';
import { type Label, listLabels } from './labels.ts';
import { listMilestones, type Milestone } from './milestones.ts';
import type { KnownGroup } from './source-members.ts';

/** Before the cursors of GraphQL, which are told from those of REST by it. */
const GRAPHQL = 'graphql:';

/** The cursor of the first page of a GraphQL list, which is not that of REST: it has another order. */
export const FIRST_OF_GRAPHQL = GRAPHQL;

/** The cursor of a GraphQL list as it is stored. */
export function cursorOfGraphql(endCursor: string | null): string | null {
  return endCursor === null ? null : GRAPHQL + endCursor;
}

/** One page of a group's own labels, from where `readGroup` or this has ended; the first one from `null`. */
export function listLabelsFrom(
  client: GitLabClient,
  group: KnownGroup,
  cursor: string | null,
): Promise<Page<Label>> {
  if (!cursor?.startsWith(GRAPHQL)) return listLabels(client, group.id, cursor);
  return pageAfter(client, group, 'labels', LABELS, cursor);
}

/** One page of a group's own milestones, from where `readGroup` or this has ended; the first one from `null`. */
export function listMilestonesFrom(
  client: GitLabClient,
  group: KnownGroup,
  cursor: string | null,
): Promise<Page<Milestone>> {
  if (!cursor?.startsWith(GRAPHQL)) return listMilestones(client, group.id, cursor);
  return pageAfter(client, group, 'milestones', MILESTONES, cursor);
}

interface Connection<T> {
  arguments: string;
  fields: string;
  schema: z.ZodMiniType<{
    nodes: T[];
    pageInfo: { hasNextPage: boolean; endCursor?: string | null | undefined };
  }>;
}

async function pageAfter<T>(
  client: GitLabClient,
  { id, fullPath }: KnownGroup,
  field: 'labels' | 'milestones',
  { arguments: others, fields, schema }: Connection<T>,
  cursor: string,
): Promise<Page<T>> {
  const operation = `list the ${field}`;
  const after = cursor === FIRST_OF_GRAPHQL ? null : cursor.slice(GRAPHQL.length);
  const read = (path: string) =>
    readSmallerPages(first =>
      client.graphql({
        operation,
        query: `query($fullPath: ID!, $first: Int, $after: String) { group(fullPath: $fullPath) {
          id page: ${field}(${others}, first: $first, after: $after) { ${fields} } } }`,
        variables: { fullPath: path, first, after },
        schema: z.object({ group: z.nullable(z.object({ id: globalId, page: schema })) }),
      }),
    );
  let { group } = await read(fullPath);
  if (group?.id !== id) {
    const present = await presentFullPath(client, id);
    group = present === undefined || present === fullPath ? null : (await read(present)).group;
  }
  if (group?.id !== id) throw groupGone(client);
  const { nodes, pageInfo } = group.page;
  const list = { instance: client.instance, operation };
  return { records: nodes, next: cursorOfGraphql(nextCursor(list, pageInfo, after)) };
}
