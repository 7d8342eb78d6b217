import type { GitLabClient } from '../client.ts';
import { isRefusal } from '../client-errors.ts';

/** Lists of what GitLab puts into no archive of a project, by their paths below it. */
const LISTS = {
  variables: 'variables',
  hooks: 'hooks',
  deploy_keys: 'deploy_keys',
  environments: 'environments',
  feature_flags: 'feature_flags',
  images: 'registry/repositories',
  packages: 'packages',
} as const;

/** What is in no archive and can be counted by one request. */
export type LeftOutKind = keyof typeof LISTS;

export const LEFT_OUT_KINDS = Object.keys(LISTS) as LeftOutKind[];

/**
 * Counts one kind of what an archive of the project does not have.
 *
 * @returns 0 also where the GitLab does not show any, or does not have such; `many` where it does not say how many
 * @throws TemporaryError for trouble
 */
export async function countLeftOut(
  client: GitLabClient,
  projectId: number,
  kind: LeftOutKind,
): Promise<number | 'many'> {
  try {
    const operation = `count the ${kind.replaceAll('_', ' ')} of the project`;
    return (await client.count({ operation, path: `/projects/${projectId}/${LISTS[kind]}` })) ?? 'many';
  } catch (error) {
    if (isRefusal(error)) return 0;
    throw error;
  }
}
