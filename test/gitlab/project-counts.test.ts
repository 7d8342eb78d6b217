import { describe, expect, it } from 'vitest';
import { countProject, listTitles } from '../../lambdas/gitlab/api/project-counts.ts';
import { countLeftOut, LEFT_OUT_KINDS } from '../../lambdas/gitlab/api/project-left-out.ts';
import type { SampleProject, SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import type { SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { callOf, clientFor, errorOf, TOKEN } from '../support/gitlab/gitlab-client.ts';
import { refused, requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { startedGitLab } from '../support/gitlab/started-gitlab.ts';
import { startHttpServer } from '../support/network/http-server.ts';

const FULL: Partial<SampleProjectSeed> = {
  branches: ['main', 'next', 'old'],
  tags: ['v1', 'v2'],
  labels: [{ title: 'bug' }],
  milestones: [{ title: '1.0' }, { title: '2.0' }],
  issues: [{ title: 'A' }, { title: 'B' }, { title: 'C', confidential: true }, { title: 'D' }],
  mergeRequests: [{ title: 'M', sourceBranch: 'next' }],
  releases: [{ tag: 'v1' }],
  pipelines: [{ ref: 'main' }, { ref: 'main' }],
  snippets: [{ title: 'S' }],
  protectedBranches: ['main'],
};
const COUNTS = {
  issues: 4,
  merge_requests: 1,
  labels: 1,
  milestones: 2,
  boards: 0,
  releases: 1,
  ci_pipelines: 2,
  snippets: 1,
  protected_branches: 1,
  branches: 3,
  tags: 2,
};
const GRAPHQL = { method: 'POST', path: '/api/graphql' } as const;

async function start(seed: Partial<SampleProjectSeed> = FULL, options: SampleGitLabOptions = {}) {
  const gitlab = await startedGitLab([], options);
  gitlab.addUser({ username: 'ada', admin: true });
  gitlab.addToken(TOKEN, { username: 'ada' });
  gitlab.addGroup({
    name: 'Acme',
    path: 'acme',
    labels: [{ title: 'of the group' }],
    milestones: [{ title: 'of the group' }],
    projects: [{ name: 'Shop', path: 'shop', ...seed }],
  });
  const project = gitlab.project('acme/shop') as SampleProject;
  const { client } = clientFor(gitlab.url);
  const count = async (fullPath = 'acme/shop') =>
    Object.fromEntries(await countProject(client, { id: project.id, fullPath }));
  return { gitlab, project, client, count };
}

describe('a project', () => {
  it.each(['14.0.0-ee', '14.9.0', '16.2.0-ee', '18.10.0-ee'])(
    'is counted by GitLab %s with few requests, without what is of its group',
    async version => {
      const { gitlab, count } = await start(FULL, { version });

      expect(await count()).toEqual(COUNTS);

      expect(gitlab.requests).toHaveLength(8);
    },
  );

  it('that has another path by now is counted by its id', async () => {
    const { count } = await start();

    expect(await count('acme/before')).toEqual(COUNTS);
  });

  it('is counted where GraphQL cannot be reached', async () => {
    const { gitlab, count } = await start();
    setFault(gitlab, GRAPHQL, refused(404, '404 Not Found'));

    expect(await count()).toEqual(COUNTS);
  });

  it.each([
    [
      'a field that its version does not have',
      { errors: [{ message: "Field 'releases' doesn't exist on type 'Project'" }] },
    ],
    [
      'a query that is too dear',
      { errors: [{ message: 'Query has complexity of 900, which exceeds max complexity of 250' }] },
    ],
    ['a query that took too long', { errors: [{ message: 'Timeout on Project.issues' }] }],
    ['what nobody understands', { data: { project: 7 } }],
  ])('is counted by its lists where GraphQL answers with %s', async (_, body) => {
    const { gitlab, count } = await start();
    setFault(gitlab, GRAPHQL, {
      kind: 'respond',
      status: 200,
      headers: JSON_TYPE,
      body: JSON.stringify(body),
    });

    expect(await count()).toEqual(COUNTS);
  });

  it('loses no other count by one field that GraphQL refuses', async () => {
    const { gitlab, count } = await start();
    setFault(gitlab, GRAPHQL, {
      kind: 'change',
      change: answer => {
        const { data } = JSON.parse(String(answer.body));
        const errors = [{ message: 'Something of it went wrong', path: ['project', 'issues'] }];
        return {
          ...answer,
          body: JSON.stringify({ data: { project: { ...data.project, issues: null } }, errors }),
        };
      },
    });

    expect(await count()).toEqual(COUNTS);
    expect(requestsTo(gitlab, { path: /\/issues$/ })).toHaveLength(1);
    expect(requestsTo(gitlab, { path: /\/merge_requests$/ })).toEqual([]);
  });

  it('is counted again by its list where GraphQL says the number up to which it counts, and one more', async () => {
    const { gitlab, count } = await start();
    setFault(gitlab, GRAPHQL, {
      kind: 'change',
      change: answer => ({ ...answer, body: String(answer.body).replace('"count":4', '"count":1001') }),
    });

    expect((await count()).issues).toBe(4);
  });

  it('has no count of what is too long to be counted', async () => {
    const { count } = await start(FULL, { countedRecords: 1 });

    const { milestones: _, branches: __, tags: ___, ...others } = COUNTS;
    expect(await count()).toEqual(others);
  });

  it('has no count of what is refused, and all others', async () => {
    const { gitlab, count } = await start();
    setFault(gitlab, { path: /\/milestones$/ }, refused(403, '403 Forbidden'));

    const { milestones: _, ...others } = COUNTS;
    expect(await count()).toEqual(others);
  });

  it('says which features are off, and asks for nothing of them', async () => {
    const off = 'disabled';
    const settings = {
      issuesAccessLevel: off,
      mergeRequestsAccessLevel: off,
      snippetsAccessLevel: off,
    } as const;
    const { gitlab, count } = await start({ ...FULL, settings });

    expect(await count()).toMatchObject({
      issues: 'off',
      merge_requests: 'off',
      labels: 'off',
      milestones: 'off',
      boards: 'off',
      snippets: 'off',
      branches: 3,
    });
    expect(requestsTo(gitlab, { path: /\/(issues|labels|milestones|boards|snippets)$/ })).toEqual([]);
  });

  it('has labels and milestones as long as one of their features is on', async () => {
    const { count } = await start({ ...FULL, settings: { issuesAccessLevel: 'disabled' } });

    expect(await count()).toMatchObject({ issues: 'off', boards: 'off', labels: 1, milestones: 2 });
  });

  it('has no branches where nothing was ever pushed, and that is a count', async () => {
    const { count } = await start({});

    expect(await count()).toMatchObject({ branches: 0, tags: 0, protected_branches: 0, issues: 0 });
  });

  it('has none either where it has no repository, of which nothing is asked', async () => {
    const { gitlab, count } = await start();
    gitlab.onRequest = ({ path }) =>
      path === '/api/graphql' ? repositoryAs({ exists: false, empty: true }) : undefined;

    expect(await count()).toMatchObject({ branches: 0, tags: 0, issues: 4 });
    expect(requestsTo(gitlab, { path: /\/repository\// })).toEqual([]);
  });

  it('has none where the list of an empty repository is refused', async () => {
    const { gitlab, count } = await start();
    gitlab.onRequest = ({ path }) => {
      if (path === '/api/graphql') return repositoryAs({ exists: true, empty: true });
      return path.includes('/repository/') ? refused(404, '404 Not Found') : undefined;
    };

    expect(await count()).toMatchObject({ branches: 0, tags: 0 });
  });

  it('whose repository is not found, though it should be there, is missing it', async () => {
    const { gitlab, count } = await start();
    setFault(gitlab, { path: /\/repository\// }, refused(404, '404 Repository Not Found'));

    expect(await count()).toMatchObject({ branches: 'missing', tags: 'missing', issues: 4 });
  });

  it('does not count the protected branches of groups above as its own', async () => {
    const { gitlab, count } = await start({ ...FULL, protectedBranches: ['main', 'of-the-group'] });
    setFault(
      gitlab,
      { path: /\/protected_branches$/ },
      {
        kind: 'change',
        change: answer => {
          const [own, inherited] = JSON.parse(String(answer.body));
          return { ...answer, body: JSON.stringify([own, { ...inherited, inherited: true }]) };
        },
      },
    );

    expect(await count()).toMatchObject({ protected_branches: 1 });
  });

  it('that is gone is an error, and no project without anything', async () => {
    const { client } = await start();

    expect(String(await errorOf(countProject(client, { id: 99_999, fullPath: 'acme/none' })))).toContain(
      'Project Not Found',
    );
  });

  it('is not counted at all while the GitLab is in trouble', async () => {
    const { gitlab, client, project } = await start();
    setFault(gitlab, { path: /\/tags$/ }, { kind: 'respond', status: 503 });

    const error = await errorOf(countProject(client, { id: project.id, fullPath: 'acme/shop' }));

    expect(error).toMatchObject({ status: 503, waitsFor: 'outage' });
  });
});

describe('titles', () => {
  it.each(['14.0.0-ee', '17.11.2-ee'])(
    'are listed with those of the groups above and without, by GitLab %s',
    async version => {
      const { client, project } = await start(FULL, { version });
      const titles = (relation: 'labels' | 'milestones', above: boolean) =>
        listTitles(client, project.id, relation, above);

      expect(await titles('labels', false)).toEqual(['bug']);
      expect(await titles('labels', true)).toEqual(['bug', 'of the group']);
      expect(await titles('milestones', false)).toEqual(['1.0', '2.0']);
      expect(await titles('milestones', true)).toEqual(['1.0', '2.0', 'of the group']);
    },
  );
});

describe('what no archive has', () => {
  it('is counted kind by kind', async () => {
    const leftOut = {
      deployKeys: ['k'],
      environments: ['e', 'f'],
      featureFlags: [],
      containerRepositories: ['c'],
      packages: ['p'],
    };
    const { client, project } = await start({
      variables: ['A', 'B', 'C'],
      hooks: ['https://hooks.example/1'],
      leftOut,
    });

    const counts = await Promise.all(
      LEFT_OUT_KINDS.map(async kind => [kind, await countLeftOut(client, project.id, kind)]),
    );

    expect(Object.fromEntries(counts)).toEqual({
      variables: 3,
      hooks: 1,
      deploy_keys: 1,
      environments: 2,
      feature_flags: 0,
      images: 1,
      packages: 1,
    });
  });

  it.each([403, 404])('counts as none where the GitLab answers with %i', async status => {
    const { gitlab, client, project } = await start({ variables: ['A'] });
    setFault(gitlab, { path: /\/variables$/ }, refused(status, `${status}`));

    expect(await countLeftOut(client, project.id, 'variables')).toBe(0);
  });

  it('is many where the GitLab does not say how many', async () => {
    const { client, project } = await start({ variables: ['A', 'B'] }, { countedRecords: 1 });

    expect(await countLeftOut(client, project.id, 'variables')).toBe('many');
  });
});

describe('a list', () => {
  const count = async (body: unknown, headers: Record<string, string> = {}) => {
    const server = await startHttpServer({ headers, body: JSON.stringify(body) });
    const { operation, path } = callOf();
    return { counted: await clientFor(server.url).client.count({ operation, path }), server };
  };

  it('is counted by the header of a page of one record', async () => {
    const { counted, server } = await count([{}], { 'x-total': '1234', 'x-next-page': '2' });

    expect(counted).toBe(1234);
    expect(server.requests[0]?.url).toBe('/api/v4/thing?per_page=1&page=1');
  });

  it('is counted without the header where its page is the last', async () => {
    expect((await count([{}], { 'x-next-page': '' })).counted).toBe(1);
    expect((await count([])).counted).toBe(0);
  });

  it.each([
    ['is missing and there is a next page', { 'x-next-page': '2' }],
    ['is missing, as are all others', {}],
    ['is no number', { 'x-total': 'many', 'x-next-page': '2' }],
    ['contradicts the page', { 'x-total': '0', 'x-next-page': '2' }],
  ])('is not counted where the header %s', async (_, headers) => {
    expect((await count([{}], headers)).counted).toBeUndefined();
  });
});

const JSON_TYPE = { 'content-type': 'application/json' };

/** The answer of GraphQL with another state of the repository. */
function repositoryAs(repository: { exists: boolean; empty: boolean }) {
  return {
    kind: 'change',
    change: (answer: { status: number; headers: Record<string, string>; body: string | Buffer }) => {
      const { data } = JSON.parse(String(answer.body));
      return { ...answer, body: JSON.stringify({ data: { project: { ...data.project, repository } } }) };
    },
  } as const;
}
