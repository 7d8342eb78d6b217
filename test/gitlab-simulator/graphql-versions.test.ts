import { beforeAll, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { graphql, MEMBERS, startGitLab } from './api-client.ts';

async function start(version: string): Promise<SampleGitLab> {
  const gitlab = await startGitLab({ version });
  gitlab.addGroup({
    name: 'Acme',
    path: 'Acme',
    members: [...MEMBERS],
    invitations: [{ email: 'new@public.example', accessLevel: 30 }],
    labels: [{ title: 'bug' }],
    projects: [{ name: 'App', path: 'app' }],
  });
  return gitlab;
}

let oldest: SampleGitLab;
let current: SampleGitLab;
beforeAll(async () => {
  [oldest, current] = await Promise.all([start('14.0.0'), start('17.11.2-ee')]);
});

const MEMBERS_QUERY = `{ group(fullPath: "Acme") { groupMembers {
  nodes { accessLevel { integerValue } user { username } } pageInfo { hasNextPage } } } }`;

describe('a document', () => {
  it.each([
    [
      'a field',
      '{ group(fullPath: "Acme") { projects { count } } }',
      "Field 'count' doesn't exist on type 'ProjectConnection'",
    ],
    [
      'an argument',
      '{ group(fullPath: "Acme") { groupMembers(accessLevels: [OWNER]) { nodes { id } } } }',
      "Field 'groupMembers' doesn't accept argument 'accessLevels'",
    ],
  ])('with %s of a later version is refused as a whole, with status 200', async (_, query, message) => {
    const { status, body } = await graphql(oldest, 'olivia', query);

    expect(status).toBe(200);
    expect(body.data).toBeUndefined();
    expect(body.errors).toMatchObject([{ message }]);
    expect(oldest.takeUndeclared()).toEqual([`POST /api/graphql at GitLab 14.0.0: ${message}`]);
    expect((await graphql(current, 'olivia', query)).body.errors).toBeUndefined();
  });

  it('with a variable of a later value is refused', async () => {
    const query = `query($relations: [GroupMemberRelation!]) {
      group(fullPath: "Acme") { groupMembers(relations: $relations) { nodes { id } } } }`;
    const variables = { relations: ['DIRECT', 'SHARED_FROM_GROUPS'] };

    expect((await graphql(oldest, 'olivia', query, variables)).body.errors).toMatchObject([
      { message: expect.stringContaining('Variable $relations') },
    ]);
    expect(oldest.takeUndeclared()).toHaveLength(1);
    expect((await graphql(current, 'olivia', query, variables)).body.errors).toBeUndefined();
  });

  it('may look up 40 groups at once, but not cost more than 250', async () => {
    const groups = (count: number, fields: string) =>
      `{ ${Array.from({ length: count }, (_, at) => `g${at}: group(fullPath: "g${at}") { ${fields} }`).join('\n')} }`;

    const many = await graphql(current, 'olivia', groups(40, 'id fullPath'));
    const tooMany = await graphql(current, 'olivia', groups(84, 'id fullPath'));
    const admin = await graphql(current, 'admin', groups(84, 'id fullPath'));

    expect(many.body.errors).toBeUndefined();
    expect(Object.keys(many.body.data)).toHaveLength(40);
    expect(tooMany.status).toBe(200);
    expect(tooMany.body).toEqual({
      errors: [{ message: 'Query has complexity of 252, which exceeds max complexity of 250' }],
    });
    expect(admin.body.errors).toBeUndefined();
    expect(current.takeUndeclared()).toHaveLength(1);
  });

  it('costs more with larger pages', async () => {
    const query = (first: number) => `{ group(fullPath: "Acme") {
      ${Array.from({ length: 60 }, (_, at) => `p${at}: projects(first: ${first}) { nodes { id } }`).join(' ')} } }`;

    expect((await graphql(current, 'olivia', query(10))).body.errors).toBeUndefined();
    expect((await graphql(current, 'olivia', query(100))).body.errors).toHaveLength(1);
    expect(current.takeUndeclared()).toHaveLength(1);
  });
});

describe('an invitation', () => {
  it('is a member without a user', async () => {
    const { body } = await graphql(current, 'olivia', MEMBERS_QUERY);

    expect(body.errors).toBeUndefined();
    expect(body.data.group.groupMembers.nodes).toHaveLength(4);
    expect(body.data.group.groupMembers.nodes[3]).toEqual({ accessLevel: { integerValue: 30 }, user: null });
  });

  it('is an error and a null node in 14.0', async () => {
    const { body } = await graphql(oldest, 'olivia', MEMBERS_QUERY);

    expect(body.errors).toMatchObject([
      { message: 'Cannot return null for non-nullable field GroupMember.user' },
    ]);
    expect(body.data.group.groupMembers.nodes).toHaveLength(4);
    expect(body.data.group.groupMembers.nodes[3]).toBeNull();
  });
});

describe('a path', () => {
  const query = '{ group(fullPath: "acme") { fullPath } project(fullPath: "ACME/app") { name } }';

  it('is found in its own letter case only by old versions', async () => {
    expect((await graphql(oldest, 'olivia', query)).body.data).toEqual({ group: null, project: null });
    expect((await graphql(current, 'olivia', query)).body.data).toEqual({
      group: { fullPath: 'Acme' },
      project: { name: 'App' },
    });
  });

  it('of a namespace may be that of a group or of a user', async () => {
    const { body } = await graphql(
      current,
      'olivia',
      '{ a: namespace(fullPath: "acme") { id fullPath } b: namespace(fullPath: "gus") { fullPath } c: namespace(fullPath: "acme/app") { id } }',
    );

    expect(body.data).toEqual({
      a: { id: `gid://gitlab/Group/${current.group('acme')?.id}`, fullPath: 'Acme' },
      b: { fullPath: 'gus' },
      c: null,
    });
  });
});

describe('people', () => {
  it('are found by username and id, with their public addresses', async () => {
    const id = `gid://gitlab/User/${oldest.userId('olivia')}`;
    const { body } = await graphql(
      oldest,
      'gus',
      `query($id: UserID) { users(usernames: ["olivia", "gus", "nobody"]) { nodes { username publicEmail } }
        byId: user(id: $id) { username publicEmail } byName: user(username: "gus") { publicEmail } }`,
      { id },
    );

    expect(body.data).toEqual({
      users: {
        nodes: [
          { username: 'olivia', publicEmail: 'olivia@public.example' },
          { username: 'gus', publicEmail: null },
        ],
      },
      byId: { username: 'olivia', publicEmail: 'olivia@public.example' },
      byName: { publicEmail: null },
    });
  });
});

describe('a group', () => {
  it('tells what the caller may do in it, in newer versions', async () => {
    const query =
      '{ group(fullPath: "acme") { createdAt maxAccessLevel { integerValue } labels { nodes { title } } } }';

    expect((await graphql(current, 'rachel', query)).body.data.group).toMatchObject({
      maxAccessLevel: { integerValue: 20 },
      labels: { nodes: [{ title: 'bug' }] },
    });
  });

  it('takes a label, whatever its ancestors have', async () => {
    current.addGroup({ name: 'Sub', path: 'sub', parent: 'acme' });
    const create = () =>
      graphql(
        current,
        'rachel',
        'mutation($input: LabelCreateInput!) { labelCreate(input: $input) { label { title } errors } }',
        { input: { groupPath: 'acme/sub', title: 'bug', color: '#123456' } },
      );

    expect((await create()).body.data.labelCreate).toEqual({ label: { title: 'bug' }, errors: [] });
    expect((await create()).body.data.labelCreate).toEqual({
      label: null,
      errors: ['Title has already been taken'],
    });
  });
});
