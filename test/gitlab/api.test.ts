import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { allBadges } from '../../lambdas/gitlab/api/badges.ts';
import { allBoards, createFirstBoard } from '../../lambdas/gitlab/api/boards.ts';
import { findByFullPath, getSourceGroup } from '../../lambdas/gitlab/api/group-query.ts';
import {
  createGroup,
  getExportPermission,
  getGroup,
  isPathTaken,
  listSubgroups,
} from '../../lambdas/gitlab/api/groups.ts';
import { getTokenScopes, getVersion } from '../../lambdas/gitlab/api/instance.ts';
import { allLabels } from '../../lambdas/gitlab/api/labels.ts';
import { allEffectiveMembers, getEffectiveAccessLevel } from '../../lambdas/gitlab/api/members.ts';
import { allMilestones } from '../../lambdas/gitlab/api/milestones.ts';
import { listGroupProjects } from '../../lambdas/gitlab/api/projects.ts';
import { listSourceMembers } from '../../lambdas/gitlab/api/source-members.ts';
import { getCurrentUser, getPublicEmail, searchUsers } from '../../lambdas/gitlab/api/users.ts';
import type { GitLabClient } from '../../lambdas/gitlab/client.ts';
import { NetworkError, TemporaryError } from '../../lambdas/gitlab/errors.ts';
import { SampleGitLab, type SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { clientFor, errorOf } from '../support/gitlab/gitlab-client.ts';
import { startHttpServer } from '../support/network/http-server.ts';

let running: SampleGitLab | undefined;

afterEach(async () => {
  await running?.stop();
  running = undefined;
});

/** A GitLab with the user `ann`, and a client with her token. */
async function startGitLab(options: SampleGitLabOptions & { admin?: boolean; oauth?: boolean } = {}) {
  const { admin = false, oauth = false, ...others } = options;
  const gitlab = await new SampleGitLab(others).start();
  running = gitlab;
  gitlab.addUser({ username: 'ann', admin });
  gitlab.addToken('fake-ann-token', {
    username: 'ann',
    scopes: ['read_api'],
    kind: oauth ? 'oauth' : 'personal',
  });
  return { gitlab, client: clientFor(gitlab.url, { token: new Secret('fake-ann-token') }).client };
}

describe('an answer of another shape', () => {
  const calls: [string, (client: GitLabClient) => Promise<unknown>][] = [
    ['getGroup', client => getGroup(client, 1)],
    ['createGroup', client => createGroup(client, { name: 'a', path: 'a' })],
    ['listSubgroups', client => listSubgroups(client, 1, null)],
    ['isPathTaken', client => isPathTaken(client, 'a')],
    ['getVersion', client => getVersion(client)],
    ['allLabels', client => allLabels(client, 1, false)],
    ['allMilestones', client => allMilestones(client, 1, false)],
    ['allBadges', client => allBadges(client, 1)],
    ['allBoards', client => allBoards(client, 1)],
    ['allEffectiveMembers', client => allEffectiveMembers(client, 1)],
    ['getCurrentUser', client => getCurrentUser(client)],
    ['getPublicEmail', client => getPublicEmail(client, 1)],
    ['searchUsers', client => searchUsers(client, 'a@b.example')],
    ['findByFullPath', client => findByFullPath(client, 'a')],
    ['getSourceGroup', client => getSourceGroup(client, { id: 1, fullPath: 'a' })],
    ['listSourceMembers', client => listSourceMembers(client, { id: 1, fullPath: 'a' }, ['DIRECT'], null)],
    ['listGroupProjects', client => listGroupProjects(client, 1, null)],
    ['createFirstBoard', client => createFirstBoard(client, 'a', 'Board')],
  ];

  it.each(calls)('is refused by %s with what was unexpected', async (_, call) => {
    const server = await startHttpServer({ body: JSON.stringify({ data: [{ id: 'one' }] }) });

    const error = await errorOf(call(clientFor(server.url, { instance: 'destination' }).client));

    expect(error).toBeInstanceOf(NetworkError);
    expect(error).not.toBeInstanceOf(TemporaryError);
    expect((error as Error).message).toMatch(/cannot be read \(to .+\): unexpected /);
  });
});

describe('fields that this service does not know', () => {
  it('are ignored', async () => {
    const label = { id: 1, name: 'bug', color: '#fff', description: null, archived: false, new_field: {} };
    const server = await startHttpServer({ body: JSON.stringify([label]) });

    expect(await allLabels(clientFor(server.url).client, 1, false)).toEqual([
      { id: 1, name: 'bug', color: '#fff', description: null },
    ]);
  });
});

describe('the version', () => {
  it('is read from metadata where there is no version endpoint', async () => {
    const server = await startHttpServer({ status: 404 }, { body: '{"version":"19.0.0-ee"}' });

    expect(await getVersion(clientFor(server.url).client)).toBe('19.0.0-ee');
    expect(server.requests.map(({ url }) => url)).toEqual(['/api/v4/version', '/api/v4/metadata']);
  });
});

describe('the scopes of a token', () => {
  it.each([
    ['a personal token', {}],
    ['an OAuth token', { oauth: true }],
    ['an OAuth token of an old GitLab', { oauth: true, version: '15.0.0-ee' }],
  ])('are known of %s', async (_, options) => {
    const { client } = await startGitLab(options);

    expect(await getTokenScopes(client)).toEqual(['read_api']);
  });

  it.each([400, 401, 403, 404])('are those of an OAuth token where the endpoint says %i', async status => {
    const message = '400 Bad request - This endpoint requires token type to be a personal access token';
    const server = await startHttpServer(
      { status, body: JSON.stringify({ message }) },
      { body: '{"scope":["api","read_user"]}' },
    );

    expect(await getTokenScopes(clientFor(server.url).client)).toEqual(['api', 'read_user']);
    expect(server.requests.map(({ url }) => url)).toEqual([
      '/api/v4/personal_access_tokens/self',
      '/oauth/token/info',
    ]);
  });

  it('are not known of a personal token of an old GitLab, which is no reason to refuse it', async () => {
    const { client } = await startGitLab({ version: '15.4.0-ee' });

    expect(await getTokenScopes(client)).toBeUndefined();
  });

  it.each([
    { status: 404, scopes: undefined },
    { status: 401, scopes: [] },
  ])('are $scopes when both endpoints answer $status', async ({ status, scopes }) => {
    const server = await startHttpServer({ status });

    expect(await getTokenScopes(clientFor(server.url).client)).toEqual(scopes);
  });

  it.each([
    { status: 500 },
    { status: 404, headers: { 'content-type': 'text/html' }, body: '<html>no</html>' },
  ])('are not guessed when the GitLab is in trouble: $status', async reply => {
    const server = await startHttpServer(reply);

    expect(await errorOf(getTokenScopes(clientFor(server.url).client))).toBeInstanceOf(TemporaryError);
  });
});

describe('the milestones', () => {
  it.each([
    [false, '/api/v4/groups/7/milestones?per_page=100&page=1'],
    [true, '/api/v4/groups/7/milestones?include_parent_milestones=true&per_page=100&page=1'],
  ])(
    'with those of ancestors = %s are asked for by the one name that all versions know',
    async (all, url) => {
      const server = await startHttpServer({ body: '[]' });

      await allMilestones(clientFor(server.url).client, 7, all);

      expect(server.requests.map(request => request.url)).toEqual([url]);
    },
  );
});

describe('a group', () => {
  it('is found by a path of digits only, which REST takes for an id', async () => {
    const { gitlab, client } = await startGitLab({ admin: true });
    const group = gitlab.addGroup({ name: 'Digits', path: '4711' });

    expect(await findByFullPath(client, '4711')).toEqual({ id: group.id, fullPath: '4711' });
    expect(await findByFullPath(client, String(group.id))).toBeUndefined();
    expect(await getSourceGroup(client, { id: 1, fullPath: 'gone' })).toBeUndefined();
  });

  it('has its path taken also when the user cannot see it', async () => {
    const { gitlab, client } = await startGitLab();
    gitlab.addGroup({ name: 'Hidden', path: 'hidden' });
    gitlab.addGroup({ name: 'Open', path: 'open', visibility: 'public' });
    gitlab.addGroup({ name: 'Team', path: 'team', parent: 'open' });

    expect(await isPathTaken(client, 'hidden')).toBe(true);
    expect(await isPathTaken(client, 'team')).toBe(false);
  });

  it('tells the access level of a user through its ancestors', async () => {
    const { gitlab, client } = await startGitLab({ admin: true });
    const user = gitlab.addUser({ username: 'ben' });
    gitlab.addGroup({ name: 'Top', path: 'top', members: [{ username: 'ben', accessLevel: 40 }] });
    const group = gitlab.addGroup({ name: 'Team', path: 'team', parent: 'top' });

    expect(await getEffectiveAccessLevel(client, group.id, user.id)).toBe(40);
    expect(await getEffectiveAccessLevel(client, group.id, user.id + 1000)).toBeUndefined();
  });
});

it.each([
  { status: 200, permission: 'allowed' },
  { status: 403, permission: 'forbidden' },
  { status: 404, permission: 'disabled' },
])('takes a $status for an export that is $permission', async ({ status, permission }) => {
  const server = await startHttpServer({ status, body: '[]' });

  expect(await getExportPermission(clientFor(server.url).client, 'projects', 7)).toBe(permission);
  expect(server.requests[0]?.url).toBe('/api/v4/projects/7/export_relations/status');
});

it('takes an empty public address for none', async () => {
  const server = await startHttpServer({ body: '{"id":1,"username":"ann","public_email":""}' });

  expect(await getPublicEmail(clientFor(server.url).client, 1)).toBeNull();
});
