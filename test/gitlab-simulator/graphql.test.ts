import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, graphql, MEMBERS, startGitLab } from './api-client.ts';

const MEMBERS_QUERY = `query($fullPath: ID!, $relations: [GroupMemberRelation!], $first: Int, $after: String) {
  group(fullPath: $fullPath) {
    groupMembers(relations: $relations, first: $first, after: $after) {
      nodes { createdAt updatedAt expiresAt accessLevel { integerValue stringValue } user { id publicEmail username name } }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

let gitlab: SampleGitLab;
beforeAll(async () => {
  gitlab = await startGitLab();
  const crowd = Array.from({ length: 250 }, (_, at) => `user${at}`);
  for (const username of crowd) gitlab.addUser({ username });
  gitlab.addGroup({
    name: 'Acme',
    path: 'acme',
    description: 'd',
    members: [...MEMBERS],
    settings: { emailsEnabled: false, projectCreationLevel: 'maintainer' },
    projects: [{ name: 'App', path: 'app' }],
  });
  gitlab.addGroup({
    name: 'Crowd',
    path: 'crowd',
    parent: 'acme',
    members: [
      { username: 'gus', accessLevel: 40, expiresAt: '2099-12-31' },
      ...crowd.map(username => ({ username, accessLevel: 30 as const })),
    ],
    projects: [
      { name: 'One', path: 'one' },
      { name: 'Two', path: 'two' },
    ],
  });
});

describe('a group', () => {
  it('is queried with the fields that migrations read', async () => {
    const { status, body } = await graphql(
      gitlab,
      'gus',
      `query($fullPath: ID!) { group(fullPath: $fullPath) {
        id name path fullPath description visibility emailsDisabled emailsEnabled lfsEnabled mentionsDisabled
        projectCreationLevel requestAccessEnabled requireTwoFactorAuthentication shareWithGroupLock
        subgroupCreationLevel twoFactorGracePeriod avatarUrl
      } }`,
      { fullPath: 'acme' },
    );

    expect(status).toBe(200);
    expect(body.data.group).toEqual({
      id: `gid://gitlab/Group/${gitlab.group('acme')?.id}`,
      name: 'Acme',
      path: 'acme',
      fullPath: 'acme',
      description: 'd',
      visibility: 'private',
      emailsDisabled: true,
      emailsEnabled: false,
      lfsEnabled: true,
      mentionsDisabled: null,
      projectCreationLevel: 'maintainer',
      requestAccessEnabled: true,
      requireTwoFactorAuthentication: false,
      shareWithGroupLock: false,
      subgroupCreationLevel: 'maintainer',
      twoFactorGracePeriod: 48,
      avatarUrl: null,
    });
  });

  it('is null when it does not exist or is not visible', async () => {
    const query = '{ group(fullPath: "acme") { id } missing: group(fullPath: "nope") { id } }';

    const stranger = await graphql(gitlab, 'sam', query);
    const nobody = await graphql(gitlab, undefined, query);
    const member = await graphql(gitlab, 'gus', query);

    expect(stranger.body.data).toEqual({ group: null, missing: null });
    expect(nobody.body.data).toEqual({ group: null, missing: null });
    expect(member.body.data).toMatchObject({ group: { id: expect.any(String) }, missing: null });
  });
});

describe('group members', () => {
  const page = async (variables: Record<string, unknown>) =>
    (await graphql(gitlab, 'olivia', MEMBERS_QUERY, { fullPath: 'acme/crowd', ...variables })).body.data.group
      .groupMembers;

  it('come in pages of 100 at most, whatever is asked for', async () => {
    const usernames: string[] = [];
    const sizes: number[] = [];
    let after: string | null = null;
    do {
      const { nodes, pageInfo } = await page({ relations: ['DIRECT'], first: 500, after });
      usernames.push(...nodes.map((node: { user: { username: string } }) => node.user.username));
      sizes.push(nodes.length);
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after);

    expect(sizes).toEqual([100, 100, 51]);
    expect(new Set(usernames).size).toBe(251);
  });

  it('name their role and, with whole seconds, their times', async () => {
    const { nodes } = await page({ relations: ['DIRECT'], first: 1 });

    expect(nodes).toMatchObject([
      {
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        expiresAt: '2099-12-31T00:00:00Z',
        accessLevel: { integerValue: 40, stringValue: 'MAINTAINER' },
        user: {
          id: expect.stringMatching(/^gid:\/\/gitlab\/User\/\d+$/),
          username: 'gus',
          publicEmail: null,
        },
      },
    ]);
  });

  it('are chosen by relation, one entry per user with the highest role', async () => {
    const inherited = await page({ relations: ['INHERITED', 'SHARED_FROM_GROUPS'] });
    const both = await page({ relations: ['DIRECT', 'INHERITED'], first: 3 });

    expect(inherited.nodes.map((node: { user: { username: string } }) => node.user.username)).toEqual([
      'olivia',
      'rachel',
      'gus',
    ]);
    expect(
      both.nodes.map((node: { user: { username: string }; accessLevel: { integerValue: number } }) => [
        node.user.username,
        node.accessLevel.integerValue,
      ]),
    ).toEqual([
      ['olivia', 50],
      ['rachel', 20],
      ['gus', 40],
    ]);
  });

  it('refuse a cursor from elsewhere as an error of the query', async () => {
    const { status, body } = await graphql(gitlab, 'olivia', MEMBERS_QUERY, {
      fullPath: 'acme',
      after: 'nonsense',
    });

    expect(status).toBe(200);
    expect(body.errors).toMatchObject([{ message: 'Please provide a valid cursor' }]);
  });
});

describe('projects', () => {
  it('are counted, paged, and on request those of subgroups too', async () => {
    const query = `query($deep: Boolean) { group(fullPath: "acme") {
      projects(includeSubgroups: $deep, notAimedForDeletion: true, first: 2) {
        count nodes { id name path fullPath } pageInfo { hasNextPage endCursor }
      }
    } }`;

    const own = (await graphql(gitlab, 'olivia', query, { deep: false })).body.data.group.projects;
    const deep = (await graphql(gitlab, 'olivia', query, { deep: true })).body.data.group.projects;

    expect(own).toMatchObject({
      count: 1,
      nodes: [{ fullPath: 'acme/app' }],
      pageInfo: { hasNextPage: false },
    });
    expect(deep).toMatchObject({ count: 3, pageInfo: { hasNextPage: true } });
    expect(deep.nodes).toHaveLength(2);
  });

  it('are found by full path by those who see their group', async () => {
    const query = '{ project(fullPath: "acme/crowd/one") { name fullPath } }';

    expect((await graphql(gitlab, 'gus', query)).body.data.project).toEqual({
      name: 'One',
      fullPath: 'acme/crowd/one',
    });
    expect((await graphql(gitlab, 'sam', query)).body.data.project).toBeNull();
  });
});

describe('the endpoint', () => {
  it('answers for the current user and the instance', async () => {
    const { body } = await graphql(
      gitlab,
      'olivia',
      '{ currentUser { username publicEmail } metadata { version enterprise } }',
    );

    expect(body.data).toEqual({
      currentUser: { username: 'olivia', publicEmail: 'olivia@public.example' },
      metadata: { version: '17.11.2-ee', enterprise: true },
    });
  });

  it('reports mistakes in a query with status 200', async () => {
    const unknownField = await graphql(gitlab, 'olivia', '{ group(fullPath: "acme") { nonsense } }');
    const broken = await graphql(gitlab, 'olivia', '{');

    expect([unknownField.status, broken.status]).toEqual([200, 200]);
    expect(unknownField.body.errors).toEqual([
      expect.objectContaining({
        message: "Field 'nonsense' doesn't exist on type 'Group'",
        extensions: { code: 'undefinedField', typeName: 'Group', fieldName: 'nonsense' },
      }),
    ]);
    expect(broken.body.errors).toHaveLength(1);
    expect(gitlab.takeUndeclared()).toHaveLength(2);
  });

  it('refuses an unusable token with 401', async () => {
    const { status, body } = await graphql(gitlab, 'nobody', '{ currentUser { id } }');

    expect(status).toBe(401);
    expect(body).toEqual({ errors: [{ message: 'Invalid token' }] });
  });

  it('lets read_api query but not mutate', async () => {
    gitlab.addToken('sample-reader-token', { username: 'olivia', scopes: ['read_api'] });

    const query = await graphql(gitlab, 'reader', '{ currentUser { username } }');
    const mutation = await graphql(
      gitlab,
      'reader',
      'mutation { createBoard(input: { groupPath: "acme", name: "x" }) { errors } }',
    );

    expect(query.body.data.currentUser.username).toBe('olivia');
    expect(mutation.body.data.createBoard).toBeNull();
    expect(mutation.body.errors[0].message).toContain("you don't have permission");
    expect(gitlab.group('acme')?.boards).toEqual([]);
  });

  it('is recorded with query and variables', async () => {
    await graphql(gitlab, 'olivia', '{ currentUser { id } }', { a: 1 });

    expect(gitlab.requests.at(-1)).toMatchObject({
      path: '/api/graphql',
      user: 'olivia',
      body: { query: '{ currentUser { id } }', variables: { a: 1 } },
    });
    expect(gitlab.takeUndeclared()).toEqual([
      'POST /api/graphql at GitLab 17.11.2-ee: the variable $a is ignored (the document does not declare it)',
    ]);
  });

  it('agrees with REST about ids', async () => {
    const rest = await call(gitlab, 'olivia', 'GET', '/groups/acme%2Fcrowd');
    const { body } = await graphql(gitlab, 'olivia', '{ group(fullPath: "ACME/crowd") { id } }');

    expect(body.data.group.id).toBe(`gid://gitlab/Group/${rest.body.id}`);
  });
});
