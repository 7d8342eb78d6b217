import * as z from 'zod/mini';
import type { GitLabClient } from '../client.ts';
import { isRefusal } from '../client-errors.ts';
import { TemporaryError } from '../errors.ts';
import { hasFailedToCompute } from '../graphql-errors.ts';
import { globalId } from './global-id.ts';

/** A feature that a project can have off. */
export type ProjectFeature = 'issues' | 'mergeRequests' | 'snippets';

/** What GraphQL tells of a project. What it does not tell, or refuses, is absent. */
export interface GraphqlCounts {
  counts: { [Field in 'issues' | 'mergeRequests' | 'releases' | 'pipelines']?: number };
  features: { [Feature in ProjectFeature]?: boolean };
  repository?: { exists: boolean; empty: boolean };
}

const NOTHING: GraphqlCounts = { counts: {}, features: {} };

/** All of it is there since 14.0, and is asked for without records, so that it costs little. */
const QUERY = `query($fullPath: ID!) { project(fullPath: $fullPath) { id
  issuesEnabled mergeRequestsEnabled snippetsEnabled repository { exists empty }
  issues { count } mergeRequests { count } releases { count } pipelines { count } } }`;

/**
 * Newer GitLabs count some lists to 1,000 only, and say 1,001 where there are more. A list that has just as many is counted
 * otherwise as well.
 */
const MORE_THAN_COUNTED = 1_001;

/** Anything that does not look as it should is as good as not told. */
const lenient = <T>(schema: z.ZodMiniType<T>): z.ZodMiniType<T | undefined> =>
  z.catch(z.optional(schema), undefined) as z.ZodMiniType<T | undefined>;

const flag = lenient(z.boolean());
const connection = lenient(z.object({ count: z.int().check(z.nonnegative()) }));
const projectSchema = z.object({
  id: globalId,
  issuesEnabled: flag,
  mergeRequestsEnabled: flag,
  snippetsEnabled: flag,
  repository: lenient(z.object({ exists: z.boolean(), empty: z.boolean() })),
  issues: connection,
  mergeRequests: connection,
  releases: connection,
  pipelines: connection,
});

/**
 * What one GraphQL document tells of a project. A field that is refused leaves the others as they are; a document that is
 * refused, or a project that is not at its path any more, tells nothing.
 */
export async function graphqlCounts(
  client: GitLabClient,
  { id, fullPath }: { id: number; fullPath: string },
): Promise<GraphqlCounts> {
  const project = await read(client, fullPath);
  if (project?.id !== id) return NOTHING;
  const { issuesEnabled, mergeRequestsEnabled, snippetsEnabled, repository } = project;
  const counts: GraphqlCounts['counts'] = {};
  for (const field of ['issues', 'mergeRequests', 'releases', 'pipelines'] as const) {
    const count = project[field]?.count;
    if (count !== undefined && count !== MORE_THAN_COUNTED) counts[field] = count;
  }
  return {
    counts,
    features: {
      ...(issuesEnabled !== undefined && { issues: issuesEnabled }),
      ...(mergeRequestsEnabled !== undefined && { mergeRequests: mergeRequestsEnabled }),
      ...(snippetsEnabled !== undefined && { snippets: snippetsEnabled }),
    },
    ...(repository !== undefined && { repository }),
  };
}

async function read(client: GitLabClient, fullPath: string): Promise<z.infer<typeof projectSchema> | null> {
  try {
    const { project } = await client.graphql({
      operation: 'count what the project holds',
      query: QUERY,
      variables: { fullPath },
      schema: z.object({ project: z.nullable(projectSchema) }),
      tolerates: ({ path: [root, field] }) => root === 'project' && field !== undefined,
    });
    return project;
  } catch (error) {
    // Single counts are less to compute.
    if (isRefusal(error) || (error instanceof TemporaryError && hasFailedToCompute(error))) return null;
    throw error;
  }
}
