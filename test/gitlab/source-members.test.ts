import { expect, it } from 'vitest';
import { listSourceMembers } from '../../lambdas/gitlab/api/source-members.ts';
import { PagingError } from '../../lambdas/gitlab/errors.ts';
import { clientFor, errorOf } from '../support/gitlab/gitlab-client.ts';
import { startHttpServer } from '../support/network/http-server.ts';

const GROUP = { id: 5, fullPath: 'acme' };
const ADA = {
  expiresAt: null,
  accessLevel: { integerValue: 30 },
  user: { id: 'gid://gitlab/User/7', publicEmail: 'ada@example.com', username: 'ada', name: 'Ada' },
};
const LAST = { hasNextPage: false, endCursor: 'abc' };

const groupOf = (nodes: unknown[], { id = GROUP.id, pageInfo = LAST as object } = {}) => ({
  group: { id: `gid://gitlab/Group/${id}`, groupMembers: { nodes, pageInfo } },
});
const reply = (body: unknown) => ({ body: JSON.stringify(body) });
const rest = (fullPath: string) =>
  reply({
    id: GROUP.id,
    name: 'Acme',
    path: 'acme',
    full_path: fullPath,
    visibility: 'private',
    parent_id: null,
  });

const read = (url: string, cursor: string | null = null) =>
  listSourceMembers(clientFor(url).client, GROUP, ['DIRECT'], cursor);

const INVITED = 'Cannot return null for non-nullable field GroupMember.user';

it('reads an invitation of GitLab 14.0, which is an error there, and the members beside it', async () => {
  const data = groupOf([null, ADA]);
  const server = await startHttpServer(reply({ data, errors: [{ message: INVITED }] }));

  const { records } = await read(server.url);

  expect(records.map(({ user }) => user?.username)).toEqual([undefined, 'ada']);
});

it('does not read on after any other error', async () => {
  const errors = [{ message: INVITED }, { message: 'You may not see this' }];
  const server = await startHttpServer(reply({ data: groupOf([null, ADA]), errors }));

  expect(String(await errorOf(read(server.url)))).toContain('You may not see this');
});

it.each([
  ['nobody any more', { group: null }],
  ['another group', groupOf([], { id: 6 })],
])('asks the group for its path when the one that it had leads to %s', async (_, data) => {
  const server = await startHttpServer(reply({ data }), rest('Acme-2'), reply({ data: groupOf([ADA]) }));

  const { records } = await read(server.url);

  expect(records.map(({ user }) => user?.username)).toEqual(['ada']);
  expect(server.requests[1]?.url).toBe('/api/v4/groups/5?with_projects=false');
});

it.each([
  ['it is gone', { status: 404, body: '{"message":"404 Group Not Found"}' }],
  ['its path is the same', rest('acme')],
])('fails rather than finding nobody when %s', async (_, second) => {
  const server = await startHttpServer(reply({ data: { group: null } }), second);

  expect(String(await errorOf(read(server.url)))).toContain('does not exist at the source any more');
  expect(server.requests).toHaveLength(2);
});

it.each([
  ['without saying where', { hasNextPage: true, endCursor: null }],
  ['where it has just been', { hasNextPage: true, endCursor: 'abc' }],
])('fails at once when the next page is announced %s', async (_, pageInfo) => {
  const server = await startHttpServer(reply({ data: groupOf([ADA], { pageInfo }) }));

  expect(await errorOf(read(server.url, 'abc'))).toBeInstanceOf(PagingError);
  expect(server.requests).toHaveLength(1);
});
