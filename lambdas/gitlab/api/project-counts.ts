import * as z from 'zod/mini';
import type { GitLabClient } from '../client.ts';
import { isNotFound, isRefusal } from '../client-errors.ts';
import type { NetworkError } from '../errors.ts';
import { list, shortText } from '../schemas.ts';
import { graphqlCounts, type ProjectFeature } from './project-counts-query.ts';

/** How one relation of a project is counted: by GraphQL where that tells, else by its list. */
interface Counted {
  /** Below the project, in the REST API. */
  path: string;
  query?: Record<string, boolean>;
  /** Where GraphQL counts it. */
  field?: 'issues' | 'mergeRequests' | 'releases' | 'pipelines';
  /** Without any of these features nobody sees it. */
  features?: readonly ProjectFeature[];
  inRepository?: true;
}

const PLANNING = ['issues', 'mergeRequests'] as const;

/**
 * What can be counted of a project by its GitLab's name for it in archives. Labels by their list, since GraphQL leaves
 * archived ones out (18.10), milestones since it does not count them. Members are no matter of counts: GitLab maps some of
 * them to nobody, and adds the importing user.
 */
const COUNTED = {
  issues: { path: 'issues', field: 'issues', features: ['issues'] },
  merge_requests: { path: 'merge_requests', field: 'mergeRequests', features: ['mergeRequests'] },
  labels: { path: 'labels', query: { include_ancestor_groups: false }, features: PLANNING },
  milestones: { path: 'milestones', features: PLANNING },
  boards: { path: 'boards', features: ['issues'] },
  releases: { path: 'releases', field: 'releases' },
  ci_pipelines: { path: 'pipelines', field: 'pipelines' },
  snippets: { path: 'snippets', features: ['snippets'] },
  protected_branches: { path: 'protected_branches' },
  branches: { path: 'repository/branches', inRepository: true },
  tags: { path: 'repository/tags', inRepository: true },
} as const satisfies Record<string, Counted>;

export type CountedRelation = keyof typeof COUNTED;

/** In the order in which they are told. */
export const COUNTED_RELATIONS = Object.keys(COUNTED) as CountedRelation[];

/**
 * What a count came to: `off` where a feature of the project is off, so that nobody sees any, and `missing` where
 * there is no repository, or none that is shown.
 */
export type Count = number | 'off' | 'missing';

/** Counts by relation, without those of which the GitLab does not say how many there are. */
export type ProjectCounts = ReadonlyMap<CountedRelation, Count>;

/**
 * Counts what a project holds: by one GraphQL document, and a request each for the rest. What is refused costs no count
 * but its own.
 *
 * @param project its numeric id, and its path, by which alone GraphQL finds it
 * @throws NetworkError 404 when there is no such project that the token's user can see; TemporaryError for trouble
 */
export async function countProject(
  client: GitLabClient,
  project: { id: number; fullPath: string },
): Promise<ProjectCounts> {
  const { counts: known, features, repository } = await graphqlCounts(client, project);
  const counts = new Map<CountedRelation, Count>();
  for (const relation of COUNTED_RELATIONS) {
    const { features: needed, field, inRepository }: Counted = COUNTED[relation];
    if (needed?.every(feature => features[feature] === false)) counts.set(relation, 'off');
    else if (inRepository && repository?.exists === false) counts.set(relation, 0);
    else {
      const count = (field && known[field]) ?? (await countList(client, project.id, relation));
      const isEmpty = count === 'missing' && repository?.empty === true;
      if (count !== undefined) counts.set(relation, isEmpty ? 0 : count);
    }
  }
  return counts;
}

/** Counts by a list of the REST API; `undefined` when the GitLab refuses it, or does not say how long it is. */
async function countList(
  client: GitLabClient,
  id: number,
  relation: CountedRelation,
): Promise<Count | undefined> {
  const { path, query, inRepository }: Counted = COUNTED[relation];
  try {
    if (relation === 'protected_branches') return await countOwnProtectedBranches(client, id);
    const call = { operation: `count the ${relationInWords(relation)}`, path: `/projects/${id}/${path}` };
    return await client.count({ ...call, ...(query !== undefined && { query }) });
  } catch (error) {
    if (!isRefusal(error) || isProjectGone(error)) throw error;
    return inRepository && isNotFound(error) ? 'missing' : undefined;
  }
}

/** Whether the GitLab has said that the project itself is not there, and not just what was looked for in it. */
function isProjectGone(error: NetworkError): boolean {
  return isNotFound(error) && /\bProject Not Found\b/i.test(error.reason);
}

const protectedBranchSchema = z.object({ inherited: z.nullish(z.boolean()) });

/** Those of groups above are listed with the project's own (Premium), and are in no archive of it. */
async function countOwnProtectedBranches(client: GitLabClient, id: number): Promise<number> {
  const found = await client.all({
    operation: 'count the protected branches',
    path: `/projects/${id}/protected_branches`,
    schema: list(protectedBranchSchema),
  });
  return found.filter(({ inherited }) => inherited !== true).length;
}

/** The relation as a sentence has it: `merge requests`. */
export function relationInWords(relation: CountedRelation): string {
  return relation === 'ci_pipelines' ? 'pipelines' : relation.replaceAll('_', ' ');
}

/** Relations whose records GitLab takes for those of a group above with the same title. */
export type TitledRelation = 'labels' | 'milestones';

const TITLED = {
  labels: {
    above: 'include_ancestor_groups',
    schema: list(
      z.pipe(
        z.object({ name: shortText }),
        z.transform(({ name }) => name),
      ),
    ),
  },
  // The name that all versions take: since 16.7 there is another.
  milestones: {
    above: 'include_parent_milestones',
    schema: list(
      z.pipe(
        z.object({ title: shortText }),
        z.transform(({ title }) => title),
      ),
    ),
  },
} as const;

/** Titles of a project's labels or milestones, with those of the groups above or without them. */
export function listTitles(
  client: GitLabClient,
  id: number,
  relation: TitledRelation,
  withAncestors: boolean,
): Promise<string[]> {
  const { above, schema } = TITLED[relation];
  return client.all({
    operation: `list the ${relation}`,
    path: `/projects/${id}/${relation}`,
    query: { [above]: withAncestors },
    schema,
  });
}
