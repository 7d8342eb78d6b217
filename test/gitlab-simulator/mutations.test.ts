import { beforeEach, describe, expect, it } from 'vitest';
import { latencyOf } from '../../lib/gitlab-simulator/latency.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { graphql, MEMBERS, startGitLab } from './api-client.ts';

let gitlab: SampleGitLab;
beforeEach(async () => {
  gitlab = await startGitLab();
  gitlab.addGroup({ name: 'Acme', path: 'acme', members: [...MEMBERS], labels: [{ title: 'bug' }] });
  gitlab.addGroup({ name: 'Other', path: 'other' });
});

/** A document that makes labels, each in a group. */
const labels = (...wanted: [groupPath: string, title: string][]) =>
  `mutation { ${wanted
    .map(
      ([groupPath, title], at) =>
        `m${at}: labelCreate(input: { groupPath: "${groupPath}", title: "${title}" }) { label { title } errors }`,
    )
    .join('\n')} }`;
const titles = () => gitlab.group('acme')?.labels.map(({ title }) => title);
const DENIED = expect.stringContaining("you don't have permission to perform this action");

describe('a document of several mutations', () => {
  it('runs one after the other, and the failure of one leaves the others as they are', async () => {
    const { status, body } = await graphql(
      gitlab,
      'rachel',
      labels(['acme', 'a'], ['acme', 'bug'], ['other', 'b'], ['acme', 'a'], ['acme', 'c']),
    );

    expect(status).toBe(200);
    expect(body.data).toEqual({
      m0: { label: { title: 'a' }, errors: [] },
      m1: { label: null, errors: ['Title has already been taken'] },
      m2: null,
      m3: { label: null, errors: ['Title has already been taken'] },
      m4: { label: { title: 'c' }, errors: [] },
    });
    expect(body.errors).toEqual([expect.objectContaining({ message: DENIED, path: ['m2'] })]);
    expect(titles()).toEqual(['bug', 'a', 'c']);
  });

  it.each([
    [
      'a bad variable',
      `mutation($a: LabelCreateInput!, $b: LabelCreateInput!) {
        a: labelCreate(input: $a) { errors } b: labelCreate(input: $b) { errors } }`,
      { a: { groupPath: 'acme', title: 'a' }, b: { groupPath: 'acme' } },
      'Variable $b was provided invalid value',
    ],
    [
      'an unknown field',
      `${labels(['acme', 'a']).slice(0, -1)} b: labelCreate(input: { groupPath: "acme", title: "b" }) { shape } }`,
      {},
      "Field 'shape' doesn't exist on type 'LabelCreatePayload'",
    ],
    [
      'its cost',
      labels(...Array.from({ length: 84 }, (_, at): [string, string] => ['acme', `l${at}`])),
      {},
      'Query has complexity of 252, which exceeds max complexity of 250',
    ],
  ])('is refused as a whole because of %s, before anything is run', async (_, query, variables, message) => {
    const { status, body } = await graphql(gitlab, 'rachel', query, variables);

    expect(status).toBe(200);
    expect(body).toEqual({ errors: [expect.objectContaining({ message })] });
    expect(titles()).toEqual(['bug']);
    expect(gitlab.takeUndeclared()).toHaveLength(1);
  });

  it('is refused for its length, whatever its variables have', async () => {
    const title = 'x'.repeat(200);
    const many = Array.from({ length: 60 }, (_, at): [string, string] => ['acme', `${title}${at}`]);

    const { status, body } = await graphql(gitlab, 'rachel', labels(...many));

    expect(status).toBe(422);
    expect(body).toEqual({ errors: [{ message: 'Query too large' }] });
    expect(gitlab.takeUndeclared()).toHaveLength(1);
    const read = 'query($a: String) { group(fullPath: "acme") { labels(searchTerm: $a) { count } } }';
    expect((await graphql(gitlab, 'rachel', read, { a: 'x'.repeat(20_000) })).body.errors).toBeUndefined();
  });
});

describe('a board list', () => {
  const CREATE =
    'mutation($input: BoardListCreateInput!) { boardListCreate(input: $input) { list { id } errors } }';

  it.each([{}, { labelId: null, milestoneId: 'gid://gitlab/Milestone/1' }])(
    'shows one thing, and %o is none',
    async target => {
      const { id = 0 } =
        gitlab.addGroup({
          name: 'Boards',
          path: 'boards',
          boards: [{ name: 'Team' }],
          members: [...MEMBERS],
        }).boards[0] ?? {};
      const input = { boardId: `gid://gitlab/Board/${id}`, ...target };

      const { body } = await graphql(gitlab, 'rachel', CREATE, { input });

      expect(body.errors).toMatchObject([
        {
          message: expect.stringMatching(/^one and only one of backlog or labelId or/),
          path: ['boardListCreate'],
        },
      ]);
    },
  );
});

describe('the scope of boards and lists', () => {
  const scope =
    '{ group(fullPath: "acme") { boards { nodes { weight lists { nodes { milestone { id } } } } } } }';

  it('is not known by the Community Edition', async () => {
    const community = await startGitLab({ version: '17.11.2', edition: 'free' });

    const { body } = await graphql(community, 'rachel', scope);

    expect(body.errors.map(({ message }: { message: string }) => message)).toEqual([
      "Field 'weight' doesn't exist on type 'Board'",
      "Field 'milestone' doesn't exist on type 'BoardList'",
    ]);
    expect(community.takeUndeclared()).toHaveLength(2);
    expect((await graphql(gitlab, 'rachel', scope)).body.errors).toBeUndefined();
  });

  it('comes with the two columns that every board has, as far as they are shown', async () => {
    const group = gitlab.addGroup({
      name: 'Boards',
      path: 'boards',
      members: [...MEMBERS],
      labels: [{ title: 'doing' }],
      boards: [{ name: 'Team', hideBacklogList: true, lists: [{ label: 'doing' }] }],
    });
    const query =
      '{ group(fullPath: "boards") { boards { nodes { lists { nodes { listType title position } } } } } }';

    const { body } = await graphql(gitlab, 'rachel', query);

    expect(group.boards).toHaveLength(1);
    expect(body.data.group.boards.nodes[0].lists.nodes).toEqual([
      { listType: 'closed', title: 'Closed', position: null },
      { listType: 'label', title: 'doing', position: 0 },
    ]);
  });
});

describe('the time that a request takes', () => {
  const three = { path: '/api/graphql', body: { query: labels(['a', 'b'], ['a', 'c'], ['a', 'd']) } };
  const perMutation = { latencyMs: 20, latencyPerMutation: true };

  it('is that of each mutation of a document where it is charged so', () => {
    expect(latencyOf(three, perMutation)).toBe(60);
    expect(latencyOf(three, { latencyMs: 20 })).toBe(20);
    expect(latencyOf(three, {})).toBe(0);
  });

  it.each([
    [
      'a read',
      { path: '/api/graphql', body: { query: '{ a: group(fullPath: "a") { id } b: currentUser { id } }' } },
    ],
    ['REST', { path: '/api/v4/groups/1/labels', body: { name: 'mutation { a b }' } }],
    ['what cannot be read', { path: '/api/graphql', body: { query: 'mutation {' } }],
    ['nothing', { path: '/api/graphql', body: undefined }],
  ])('is charged once for %s', (_, request) => {
    expect(latencyOf(request, perMutation)).toBe(20);
  });
});
