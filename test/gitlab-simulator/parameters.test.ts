import { beforeEach, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, graphql, MEMBERS, startGitLab } from './api-client.ts';

let gitlab: SampleGitLab;
beforeEach(async () => {
  gitlab = await startGitLab();
  gitlab.addGroup({
    name: 'Acme',
    path: 'acme',
    members: [...MEMBERS],
    labels: [{ title: 'bug' }],
    milestones: [{ title: '1.0' }, { title: '2.0' }],
    boards: [{ name: 'Development' }],
  });
});

async function startOld(version: string): Promise<SampleGitLab> {
  const old = await startGitLab({ version });
  old.addGroup({ name: 'Acme', path: 'acme', members: [...MEMBERS], boards: [{ name: 'Development' }] });
  return old;
}

describe('parameters that exclude each other', () => {
  const BOTH = '/groups/acme/milestones?include_ancestors=false&include_parent_milestones=false';

  it('are refused when both are sent, even as false', async () => {
    const { status, body } = await call(gitlab, 'olivia', 'GET', BOTH);

    expect(status).toBe(400);
    expect(body).toEqual({ error: 'include_ancestors, include_parent_milestones are mutually exclusive' });
    expect(gitlab.takeUndeclared()).toEqual([
      'GET /api/v4/groups/acme/milestones at GitLab 17.11.2-ee: include_ancestors, include_parent_milestones are mutually exclusive',
    ]);
  });

  it('are no problem to a version that knows but one of them, which ignores the other', async () => {
    const old = await startOld('16.6.0-ee');

    expect((await call(old, 'olivia', 'GET', BOTH)).status).toBe(200);
    expect(old.takeUndeclared()).toEqual([
      "GET /api/v4/groups/acme/milestones at GitLab 16.6.0-ee: 'include_ancestors' is ignored (since 16.7)",
    ]);
  });

  it('are told by the key: null counts', async () => {
    const path = `/groups/acme/boards/${gitlab.group('acme')?.boards[0]?.id}/lists`;
    const label_id = gitlab.group('acme')?.labels[0]?.id;

    const { body } = await call(gitlab, 'olivia', 'POST', path, { label_id, assignee_id: null });

    expect(body).toEqual({ error: 'label_id, assignee_id are mutually exclusive' });
    expect(gitlab.takeUndeclared()).toHaveLength(1);
  });
});

describe('the order of checks', () => {
  const WRONG = { visibility: 'secret' };

  it('is: token, scope, parameters, record', async () => {
    gitlab.addToken('sample-reader-token', { username: 'olivia', scopes: ['read_api'] });
    const create = (user: string | undefined) => call(gitlab, user, 'PUT', '/groups/nowhere', WRONG);

    expect((await create(undefined)).status).toBe(401);
    expect((await create('reader')).status).toBe(403);
    expect((await create('olivia')).body).toEqual({ error: 'visibility does not have a valid value' });
    expect((await call(gitlab, 'olivia', 'PUT', '/groups/nowhere', { name: 'x' })).status).toBe(404);
    expect(gitlab.takeUndeclared()).toHaveLength(1);
  });
});

describe('values', () => {
  it.each([
    ['a boolean in words', { request_access_enabled: 'off' }, { requestAccessEnabled: false }],
    ['a boolean as a digit', { lfs_enabled: 0 }, { lfsEnabled: false }],
    ['digits as a number', { two_factor_grace_period: '7' }, { twoFactorGracePeriod: 7 }],
    ['an empty text as null', { two_factor_grace_period: '' }, { twoFactorGracePeriod: 48 }],
    ['null as nothing', { project_creation_level: null }, { projectCreationLevel: 'developer' }],
  ])('take %s', async (_, attributes, settings) => {
    expect((await call(gitlab, 'olivia', 'PUT', '/groups/acme', attributes)).status).toBe(200);
    expect(gitlab.group('acme')?.settings).toMatchObject(settings);
  });

  it.each([
    ['a text', { two_factor_grace_period: 'soon' }, 'two_factor_grace_period is invalid'],
    ['a word', { lfs_enabled: 'perhaps' }, 'lfs_enabled is invalid'],
    ['a list', { description: ['a', 'b'] }, 'description is invalid'],
    [
      'a later value',
      { project_creation_level: 'owner' },
      'project_creation_level does not have a valid value',
    ],
  ])('refuse %s where it does not belong', async (_, attributes, error) => {
    const old = await startOld('16.11.0-ee');

    expect((await call(old, 'olivia', 'PUT', '/groups/acme', attributes)).body).toEqual({ error });
    expect(old.takeUndeclared()).toHaveLength(1);
  });

  it('refuse a list of labels of a board, which is one text', async () => {
    const path = `/groups/acme/boards/${gitlab.group('acme')?.boards[0]?.id}`;

    expect((await call(gitlab, 'olivia', 'PUT', path, { labels: ['bug'] })).body).toEqual({
      error: 'labels is invalid',
    });
    expect((await call(gitlab, 'olivia', 'PUT', path, { labels: 'bug' })).status).toBe(200);
    expect(gitlab.takeUndeclared()).toHaveLength(1);
  });

  it('come as a list in three spellings', async () => {
    const iids = async (query: string) =>
      (await call(gitlab, 'olivia', 'GET', `/groups/acme/milestones?${query}`)).body.map(
        (milestone: { iid: number }) => milestone.iid,
      );

    expect(await iids('iids[]=2')).toEqual([2]);
    expect(await iids('iids[]=1&iids[]=2')).toEqual([1, 2]);
    expect(await iids('iids=1,2')).toEqual([1, 2]);
  });
});

describe('what GitLab does not declare', () => {
  it('is noticed for this GitLab only, with method, path, parameter and version', async () => {
    const other = await startOld('14.0.0');
    await call(other, 'olivia', 'PUT', '/groups/acme', { membership_lock: true, name: 'Acme' });

    expect(gitlab.undeclared).toEqual([]);
    expect(other.undeclared).toEqual([
      "PUT /api/v4/groups/acme at GitLab 14.0.0: 'membership_lock' is ignored (Enterprise Edition only)",
    ]);
    expect(other.takeUndeclared()).toHaveLength(1);
    expect(other.undeclared).toEqual([]);
  });

  it('is dropped before it has an effect', async () => {
    const old = await startOld('16.4.0-ee');

    await call(old, 'olivia', 'PUT', '/groups/acme', { emails_enabled: false, name: 'Acme' });

    expect(old.group('acme')?.settings.emailsEnabled).toBe(true);
    expect(old.takeUndeclared()).toHaveLength(1);
  });

  it('is noticed behind a fault, too', async () => {
    gitlab.onRequest = () => ({ kind: 'respond', status: 502 });

    expect((await call(gitlab, 'olivia', 'GET', '/groups/acme?deep=true')).status).toBe(502);
    await graphql(gitlab, 'olivia', '{ group(fullPath: "acme") { depth } }');

    expect(gitlab.takeUndeclared()).toEqual([
      expect.stringContaining("'deep' is ignored"),
      expect.stringContaining("Field 'depth' doesn't exist"),
    ]);
  });

  it('does not hold parameters of authentication', async () => {
    await call(gitlab, 'olivia', 'GET', '/user?private_token=sample-olivia-token&sudo=gus');

    expect(gitlab.undeclared).toEqual([]);
  });

  it('does not hold an endpoint which only its absence tells about', async () => {
    const old = await startOld('15.4.0');

    expect((await call(old, 'olivia', 'GET', '/personal_access_tokens/self')).status).toBe(404);
    expect(old.undeclared).toEqual([]);
  });
});
