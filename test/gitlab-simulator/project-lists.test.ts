import { beforeEach, describe, expect, it } from 'vitest';
import type { FeatureAccess, SampleProjectSettings } from '../../lib/gitlab-simulator/project-model.ts';
import type { SampleGitLab, SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, graphql, MEMBERS, startGitLab } from './api-client.ts';

async function start(
  settings: Partial<SampleProjectSettings> = {},
  options: SampleGitLabOptions = {},
): Promise<SampleGitLab> {
  const gitlab = await startGitLab(options);
  gitlab.addGroup({
    name: 'Acme',
    path: 'acme',
    members: [...MEMBERS],
    labels: [{ title: 'of the group' }],
    milestones: [{ title: 'Group' }],
    badges: [{ linkUrl: 'https://badges.example/link', imageUrl: 'https://badges.example/image' }],
    projects: [
      {
        name: 'App',
        path: 'app',
        settings,
        labels: [{ title: 'bug' }],
        milestones: [{ title: 'v1' }, { title: 'v0', state: 'closed' }],
        issues: [
          { title: 'One', labels: ['bug'] },
          { title: 'Two', state: 'closed' },
          { title: 'Secret', confidential: true },
        ],
        mergeRequests: [
          { title: 'A', sourceBranch: 'next' },
          { title: 'B', sourceBranch: 'next', state: 'merged' },
        ],
        releases: [{ tag: 'v1' }],
        pipelines: [{ ref: 'main' }, { ref: 'main', status: 'failed' }],
        snippets: [{ title: 'S' }],
        protectedBranches: ['main'],
        protectedTags: ['v*'],
        branches: ['main', 'next'],
        tags: ['v1'],
        wikiPages: [{ path: 'home.md', content: '# Home' }],
        variables: ['KEY'],
        hooks: ['https://hooks.example/1'],
        leftOut: {
          deployKeys: ['deploy'],
          environments: ['staging', 'production'],
          featureFlags: ['dark'],
          containerRepositories: ['image'],
          packages: ['lib'],
        },
      },
      { name: 'Empty', path: 'empty' },
    ],
  });
  return gitlab;
}

let gitlab: SampleGitLab;
beforeEach(async () => {
  gitlab = await start();
});

const list = (path: string, user = 'olivia', at = gitlab) =>
  call(at, user, 'GET', `/projects/acme%2Fapp/${path}`);
const total = async (path: string, user = 'olivia', at = gitlab) =>
  (await list(path, user, at)).headers.get('x-total');

describe('a list of a project', () => {
  it.each([
    ['issues', '3'],
    ['issues?state=opened', '2'],
    ['issues?labels=bug', '1'],
    ['merge_requests', '2'],
    ['merge_requests?state=merged', '1'],
    ['labels', '2'],
    ['labels?include_ancestor_groups=false', '1'],
    ['milestones', '2'],
    ['milestones?include_parent_milestones=true', '3'],
    ['milestones?include_ancestors=true&state=active', '2'],
    ['releases', '1'],
    ['repository/branches', '2'],
    ['repository/tags', '1'],
    ['pipelines', '2'],
    ['snippets', '1'],
    ['boards', '0'],
    ['protected_branches', '1'],
    ['protected_tags', '1'],
    ['badges', '1'],
    ['variables', '1'],
    ['hooks', '1'],
    ['deploy_keys', '1'],
    ['environments', '2'],
    ['feature_flags', '1'],
    ['registry/repositories', '1'],
    ['packages', '1'],
  ])('%s is counted: %s', async (path, expected) => {
    const { headers, body } = await list(`${path}${path.includes('?') ? '&' : '?'}per_page=1`);

    expect(headers.get('x-total')).toBe(expected);
    expect(body).toHaveLength(Math.min(1, Number(expected)));
  });

  it('of an empty project has nothing', async () => {
    for (const name of ['issues', 'merge_requests', 'repository/branches', 'pipelines', 'variables']) {
      const { headers } = await call(gitlab, 'olivia', 'GET', `/projects/acme%2Fempty/${name}`);
      expect([name, headers.get('x-total')]).toEqual([name, '0']);
    }
  });

  it('of wiki pages comes whole, without a total', async () => {
    const { body, headers } = await list('wikis?with_content=true');

    expect(body).toMatchObject([{ slug: 'home', title: 'home', content: '# Home' }]);
    expect(headers.get('x-total')).toBeNull();
  });

  it('beyond what the instance counts has no total', async () => {
    const counting = await start({}, { countedRecords: 2 });

    expect(await total('issues', 'olivia', counting)).toBeNull();
    expect(await total('merge_requests', 'olivia', counting)).toBe('2');
  });
});

describe('issues', () => {
  it('that are confidential are not for Guests', async () => {
    expect(await total('issues', 'gus')).toBe('2');
    expect((await list('issues_statistics', 'gus')).body).toEqual({
      statistics: { counts: { all: 2, closed: 1, opened: 1 } },
    });
  });
});

describe('what is for Maintainers', () => {
  it.each(['variables', 'hooks', 'protected_branches', 'protected_tags', 'deploy_keys', 'feature_flags'])(
    '%s is for nobody else',
    async path => {
      expect((await list(path, 'rachel')).status).toBe(403);
    },
  );

  it('is not all: Guests of a private project see no code', async () => {
    expect((await list('repository/branches', 'gus')).status).toBe(403);
    expect((await list('repository/branches', 'rachel')).status).toBe(200);
    expect((await list('merge_requests', 'gus')).status).toBe(403);
  });
});

describe('a disabled feature', () => {
  const off: FeatureAccess = 'disabled';

  it.each([
    ['issues', { issuesAccessLevel: off }, 200],
    ['boards', { issuesAccessLevel: off }, 403],
    ['merge_requests', { mergeRequestsAccessLevel: off }, 403],
    ['milestones', { issuesAccessLevel: off }, 200],
    ['milestones', { issuesAccessLevel: off, mergeRequestsAccessLevel: off }, 403],
    ['labels', { issuesAccessLevel: off, mergeRequestsAccessLevel: off }, 200],
    ['repository/branches', { repositoryAccessLevel: off }, 404],
    ['repository/tags', { repositoryAccessLevel: off }, 403],
    ['pipelines', { repositoryAccessLevel: off }, 403],
    ['pipelines', { buildsAccessLevel: off }, 200],
    ['variables', { buildsAccessLevel: off }, 403],
    ['snippets', { snippetsAccessLevel: off }, 403],
    ['wikis', { wikiAccessLevel: off }, 403],
  ])('answers for %s with %o: %i', async (path, settings, status) => {
    const { headers, ...answer } = await list(path, 'olivia', await start(settings));

    expect(answer.status).toBe(status);
    if (path === 'issues' || path === 'labels') expect(headers.get('x-total')).toBe('0');
    if (status === 404) expect(answer.body).toEqual({ message: '404 Repository Not Found' });
  });
});

describe('a project in GraphQL', () => {
  const query = (fields: string) => `{ project(fullPath: "acme/app") { ${fields} } }`;

  it('counts what it holds', async () => {
    const { body } = await graphql(
      gitlab,
      'olivia',
      query(`archived userPermissions { adminProject } repository { empty }
        issues { count } merged: mergeRequests(state: merged) { count } labels { count }
        all: labels(includeAncestorGroups: true) { count } releases { count nodes { tagName } }
        pipelines { count } issuesEnabled mergeRequestsEnabled snippetsEnabled statistics { repositorySize lfsObjectsSize }`),
    );

    expect(body).toEqual({
      data: {
        project: {
          archived: false,
          userPermissions: { adminProject: true },
          repository: { empty: false },
          issues: { count: 3 },
          merged: { count: 1 },
          labels: { count: 1 },
          all: { count: 2 },
          releases: { count: 1, nodes: [{ tagName: 'v1' }] },
          pipelines: { count: 2 },
          issuesEnabled: true,
          mergeRequestsEnabled: true,
          snippetsEnabled: true,
          statistics: { repositorySize: 3072, lfsObjectsSize: 0 },
        },
      },
    });
  });

  it('keeps sizes from Guests, and itself from strangers', async () => {
    const fields = query('userPermissions { adminProject } statistics { storageSize } issues { count }');

    expect((await graphql(gitlab, 'gus', fields)).body.data.project).toEqual({
      userPermissions: { adminProject: false },
      statistics: null,
      issues: { count: 2 },
    });
    expect((await graphql(gitlab, 'sam', fields)).body.data.project).toBeNull();
  });

  it('tells its members by relation, each as what it is a member of', async () => {
    const id = gitlab.userId('sam');
    await call(gitlab, 'olivia', 'POST', '/projects/acme%2Fapp/members', { user_id: id, access_level: 40 });
    const members = async (relations: string) => {
      const { body } = await graphql(
        gitlab,
        'olivia',
        query(
          `projectMembers(relations: ${relations}) { nodes { id accessLevel { integerValue } user { username } } }`,
        ),
      );
      return body.data.project.projectMembers.nodes;
    };

    expect(await members('[DIRECT]')).toEqual([
      {
        id: expect.stringMatching(/^gid:\/\/gitlab\/ProjectMember\/\d+$/),
        accessLevel: { integerValue: 40 },
        user: { username: 'sam' },
      },
    ]);
    expect(await members('[INHERITED]')).toMatchObject([
      { id: expect.stringContaining('/GroupMember/'), user: { username: 'olivia' } },
      { user: { username: 'rachel' } },
      { user: { username: 'gus' } },
    ]);
    expect(await members('[DESCENDANTS, INVITED_GROUPS, SHARED_INTO_ANCESTORS]')).toEqual([]);
  });

  it('is left out of its group on request when it waits for its deletion', async () => {
    await call(gitlab, 'olivia', 'DELETE', '/projects/acme%2Fempty');
    const projects = (argument: string) =>
      graphql(gitlab, 'olivia', `{ group(fullPath: "acme") { projects${argument} { count } } }`);

    expect((await projects('')).body.data.group.projects.count).toBe(2);
    expect((await projects('(notAimedForDeletion: true)')).body.data.group.projects.count).toBe(1);
  });
});
