import { Secret } from '../../../lambdas/domain/secret.ts';
import { allBoards } from '../../../lambdas/gitlab/api/boards.ts';
import { readGroup } from '../../../lambdas/gitlab/api/group-read.ts';
import { downloadAvatar } from '../../../lambdas/gitlab/api/groups.ts';
import { getTokenScopes, getVersion } from '../../../lambdas/gitlab/api/instance.ts';
import { listLabels } from '../../../lambdas/gitlab/api/labels.ts';
import { graphqlFields } from '../../../lambdas/gitlab/api/lookups.ts';
import { countProject } from '../../../lambdas/gitlab/api/project-counts.ts';
import { listSourceMembers } from '../../../lambdas/gitlab/api/source-members.ts';
import { getCurrentUser } from '../../../lambdas/gitlab/api/users.ts';
import { GitLabClient } from '../../../lambdas/gitlab/client.ts';

/** The ways in which this service reads from a GitLab. */
export const READS: Record<string, (client: GitLabClient) => Promise<unknown>> = {
  page: client => listLabels(client, 1, null),
  list: client => allBoards(client, 1),
  graphql: client => listSourceMembers(client, { id: 1, fullPath: 'a' }, ['DIRECT'], null),
  group: client => readGroup(client, { id: 1, fullPath: 'a', version: '17.11.2-ee' }),
  count: client => client.count({ operation: 'count the labels', path: '/groups/1/labels' }),
  project: client => countProject(client, { id: 1, fullPath: 'a' }),
  record: client => getCurrentUser(client),
  scopes: client => getTokenScopes(client),
  version: client => getVersion(client),
  file: client => downloadAvatar(client, 1),
  fields: client => graphqlFields(client, 'Group'),
};

/** How a read ended: `ok`, or the name and the message of its error. */
export async function outcomeOf(read: string, baseUrl: string): Promise<string> {
  // As in a run: each has a client of its own.
  const client = new GitLabClient({ instance: 'source', baseUrl, token: new Secret('fake'), policy: 'any' });
  return (READS[read] as (client: GitLabClient) => Promise<unknown>)(client).then(
    () => 'ok',
    (error: Error) => `${error.name}: ${error.message}`,
  );
}
