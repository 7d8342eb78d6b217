import { beforeEach, describe, expect, it } from 'vitest';
import { addMembers, allDirectMembers, MEMBERS_PER_REQUEST } from '../../lambdas/gitlab/api/members.ts';
import type { GitLabClient } from '../../lambdas/gitlab/client.ts';
import { NetworkError, TemporaryError } from '../../lambdas/gitlab/errors.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLab, SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { errorOf } from '../support/gitlab/gitlab-client.ts';
import { clientOf, startedGitLab } from '../support/gitlab/started-gitlab.ts';
import { startHttpServer } from '../support/network/http-server.ts';

let gitlab: SampleGitLab;
let client: GitLabClient;
let group: SampleGroup;

async function start(options: SampleGitLabOptions = {}) {
  gitlab = await startedGitLab(['ann', 'ben', 'cat', 'dan'], options);
  gitlab.addGroup({ name: 'Top', path: 'top', members: [{ username: 'dan', accessLevel: 40 }] });
  group = gitlab.addGroup({
    name: 'Acme',
    path: 'acme',
    parent: 'top',
    members: [{ username: 'ann', accessLevel: 50 }],
  });
  client = clientOf('ann', gitlab.url);
}
beforeEach(() => start());

const ids = (...usernames: string[]) => usernames.map(username => gitlab.userId(username) ?? 0);
const levels = () =>
  group.members.map(({ userId, accessLevel, expiresAt }) => [userId, accessLevel, expiresAt]);

describe('members', () => {
  it('of one level and expiry are added by one request', async () => {
    const [ben, cat] = ids('ben', 'cat');
    const wanted = { userIds: ids('ben', 'cat', 'ben'), accessLevel: 30, expiresAt: '2099-12-31' };

    expect(await addMembers(client, group.id, wanted)).toEqual({ kind: 'added' });
    expect(levels().slice(1)).toEqual([
      [ben, 30, '2099-12-31'],
      [cat, 30, '2099-12-31'],
    ]);
    expect(gitlab.requests).toHaveLength(1);
  });

  it('are added where there is one of them, and not asked for where there is none', async () => {
    expect(await addMembers(client, group.id, { userIds: ids('ben', 'ben'), accessLevel: 20 })).toEqual({
      kind: 'added',
    });
    expect(await addMembers(client, group.id, { userIds: [], accessLevel: 20 })).toEqual({ kind: 'added' });
    expect(levels().slice(1)).toEqual([[...ids('ben'), 20, null]]);
    expect(gitlab.requests.map(({ body }) => body)).toEqual([{ user_id: ids('ben')[0], access_level: 20 }]);
  });

  it.each([
    ['17.11.2-ee', ''],
    ['16.11.0-ee', 'dan: '],
  ])('are added by GitLab %s as far as they can be, which a second reading tells', async (version, name) => {
    await start({ version });
    const added = await addMembers(client, group.id, { userIds: ids('ben', 'dan', 'cat'), accessLevel: 30 });

    expect(added).toEqual({
      kind: 'partly',
      reason: `${name}Access level should be greater than or equal to Maintainer inherited membership from group Top`,
    });
    const members = await allDirectMembers(client, group.id);
    expect(members.map(({ id }) => id)).toEqual(ids('ann', 'ben', 'cat'));
  });

  it('are not all added where an administrator has to approve', async () => {
    await start({ memberApproval: true });

    expect(await addMembers(client, group.id, { userIds: ids('ben', 'cat'), accessLevel: 30 })).toEqual({
      kind: 'partly',
      reason: 'Request queued for administrator approval., Request queued for administrator approval.',
    });
  });

  it('are refused as a whole by a group that is not theirs to give', async () => {
    const error = await errorOf(
      addMembers(clientOf('ben', gitlab.url), group.id, { userIds: ids('ben', 'cat'), accessLevel: 30 }),
    );

    expect(error).toBeInstanceOf(NetworkError);
    expect(levels()).toHaveLength(1);
  });

  it('are a hundred at most', async () => {
    const userIds = Array.from({ length: MEMBERS_PER_REQUEST + 1 }, (_, index) => index);

    expect(String(await errorOf(addMembers(client, group.id, { userIds, accessLevel: 30 })))).toContain(
      'too many',
    );
    expect(gitlab.requests).toEqual([]);
  });

  it('whose answer was lost are thrown to be looked up', async () => {
    gitlab.onRequest = () => ({ kind: 'drop-after' });

    const error = await errorOf(
      addMembers(client, group.id, { userIds: ids('ben', 'cat'), accessLevel: 30 }),
    );

    expect(error).toBeInstanceOf(TemporaryError);
    expect(levels()).toHaveLength(3);
    expect(gitlab.requests).toHaveLength(1);
  });
});

it.each([
  [
    { status: 'error', message: { 'ben/x': 'Seats are used up', cat: 'is bad' } },
    'Seats are used up, is bad',
  ],
  [{ status: 'error', message: 'ben: see /etc/gitlab' }, 'ben: see [FILTERED]'],
  [{ status: 'error' }, ''],
])('knows the forms in which a GitLab tells that somebody is missing: %o', async (body, reason) => {
  const server = await startHttpServer({ status: 201, body: JSON.stringify(body) });

  const added = await addMembers(clientOf('ann', server.url), 1, { userIds: [1, 2], accessLevel: 30 });

  expect(added).toEqual({ kind: 'partly', reason });
});

it('the simulator gives another level to those who are members already, as GitLab does', async () => {
  const [ann, ben] = ids('ann', 'ben');
  await addMembers(client, group.id, { userIds: ids('ben', 'cat'), accessLevel: 40 });

  await addMembers(client, group.id, {
    userIds: ids('ben', 'cat'),
    accessLevel: 20,
    expiresAt: '2099-01-01',
  });

  expect(levels().slice(0, 2)).toEqual([
    [ann, 50, null],
    [ben, 20, '2099-01-01'],
  ]);
});
