import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SampleGitLab, SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, graphql, MEMBERS, startGitLab } from './api-client.ts';

afterEach(() => {
  vi.useRealTimers();
});

const PNG = Buffer.from('89504e470d0a1a0a', 'hex');

async function start(options: SampleGitLabOptions = {}): Promise<SampleGitLab> {
  const gitlab = await startGitLab(options);
  gitlab.addGroup({
    name: 'Acme',
    path: 'acme',
    members: [...MEMBERS],
    avatar: { filename: 'logo.png', contentType: 'image/png', bytes: PNG },
  });
  return gitlab;
}

describe('an avatar', () => {
  const download = (gitlab: SampleGitLab) =>
    fetch(`${gitlab.url}/api/v4/groups/acme/avatar`, {
      redirect: 'manual',
      headers: { 'private-token': 'sample-olivia-token' },
    });

  it('from the disk has no type of its own', async () => {
    const { headers } = await download(await start());

    expect(headers.get('content-type')).toBe('application/octet-stream');
    expect(headers.get('content-disposition')).toMatch(/^attachment; filename="logo.png"/);
    expect(headers.get('content-transfer-encoding')).toBe('binary');
  });

  it('from an object storage behind GitLab has the type of the storage', async () => {
    const response = await download(await start({ avatarStorage: 'object' }));

    expect(response.headers.get('content-type')).toBe('binary/octet-stream');
    expect(Buffer.from(await response.arrayBuffer())).toEqual(PNG);
  });

  it('in an object storage of its own is at another host, which takes no token', async () => {
    const gitlab = await start({ avatarStorage: 'redirect' });
    const { status, headers } = await download(gitlab);
    const location = headers.get('location') ?? '';

    expect(status).toBe(302);
    expect(new URL(location).host).not.toBe(new URL(gitlab.url).host);
    const picture = await fetch(location);
    expect(Buffer.from(await picture.arrayBuffer())).toEqual(PNG);
    expect((await fetch(location.replace(/Signature=.*/, 'Signature=x'))).status).toBe(403);
    expect(gitlab.undeclared).toEqual([]);
    const withToken = await fetch(location, { headers: { 'private-token': 'sample-olivia-token' } });
    expect(withToken.status).toBe(400);
    expect(gitlab.takeUndeclared()).toEqual([
      'GET /uploads/avatar at GitLab 17.11.2-ee: the object storage got a token of GitLab',
    ]);
  });
});

describe('a public address', () => {
  it('is in lists since 17.0 only, and always with the user', async () => {
    const old = await start({ version: '16.11.0-ee' });
    const current = await start({ version: '17.0.0-ee' });
    const found = async (gitlab: SampleGitLab, user: string, path: string) =>
      (await call(gitlab, user, 'GET', path)).body;

    const search = '/users?search=olivia@public.example';
    expect(await found(old, 'gus', search)).toMatchObject([{ username: 'olivia' }]);
    expect((await found(old, 'gus', search))[0]).not.toHaveProperty('public_email');
    expect((await found(old, 'gus', '/groups/acme/members'))[0]).not.toHaveProperty('public_email');
    expect(await found(current, 'gus', search)).toMatchObject([{ public_email: 'olivia@public.example' }]);
    expect(await found(old, 'gus', `/users/${old.userId('olivia')}`)).toMatchObject({
      public_email: 'olivia@public.example',
    });
    expect((await found(current, 'gus', search))[0]).not.toHaveProperty('email');
    expect(await found(old, 'admin', search)).toMatchObject([{ email: 'olivia@example.com' }]);
  });
});

describe('a description', () => {
  it.each([
    ['16.6.0-ee', 255],
    ['16.7.0-ee', 500],
    ['19.0.0-ee', 2000],
  ])('in GitLab %s has at most %i characters', async (version, maximum) => {
    const gitlab = await start({ version });
    const create = (length: number) =>
      call(gitlab, 'olivia', 'POST', '/groups', { name: 'A', path: 'a', description: 'd'.repeat(length) });

    expect((await create(maximum + 1)).body).toEqual({
      message: `Failed to save group {:description=>["is too long (maximum is ${maximum} characters)"]}`,
    });
    expect((await create(maximum)).status).toBe(201);
  });
});

describe('access levels', () => {
  it.each([
    ['17.6.0-ee', [15, 25]],
    ['17.7.0-ee', [25]],
    ['19.0.0-ee', []],
  ])('that GitLab %s does not have are refused by the model', async (version, unknown) => {
    const gitlab = await start({ version });
    const refusals: number[] = [];
    for (const access_level of [5, 15, 25, 30]) {
      const user_id = gitlab.addUser({ username: `user${access_level}` }).id;
      const { status, body } = await call(gitlab, 'olivia', 'POST', '/groups/acme/members', {
        user_id,
        access_level,
      });
      if (status === 201) continue;
      expect(body).toEqual({ message: { access_level: ['is not included in the list'] } });
      refusals.push(access_level);
    }

    expect(refusals).toEqual(unknown);
  });
});

describe('members in a list', () => {
  it('are added, or given another level, and those who cannot be are named with the status of a success', async () => {
    const gitlab = await start();
    gitlab.addGroup({
      name: 'Sub',
      path: 'sub',
      parent: 'acme',
      members: [{ username: 'gus', accessLevel: 10 }],
    });
    const add = (access_level: number, ...names: string[]) =>
      call(gitlab, 'olivia', 'POST', '/groups/acme%2Fsub/members', {
        user_id: names.map(name => gitlab.userId(name)).join(','),
        access_level,
      });

    expect(await add(30, 'gus', 'sam')).toMatchObject({ status: 201, body: { status: 'success' } });
    const levels = gitlab.group('acme/sub')?.members.map(({ accessLevel }) => accessLevel);
    expect(levels).toEqual([30, 30]);
    expect(await add(10, 'rachel', 'sam')).toMatchObject({
      status: 201,
      body: { status: 'error', message: { rachel: expect.stringContaining('Access level should be') } },
    });
  });

  it('may have to be approved by an administrator', async () => {
    const gitlab = await start({ memberApproval: true });
    const add = (user: string, access_level: number) =>
      call(gitlab, user, 'POST', '/groups/acme/members', { user_id: gitlab.userId('sam'), access_level });

    const { status, body } = await add('olivia', 30);

    expect([status, body]).toEqual([201, { message: { sam: 'Request queued for administrator approval.' } }]);
    expect(gitlab.group('acme')?.members).toHaveLength(3);
    expect((await add('admin', 30)).body).toMatchObject({ username: 'sam', access_level: 30 });
  });
});

describe('groups', () => {
  it('cannot be made at the top level where the API makes none', async () => {
    const gitlab = await start({ topLevelGroupsByApi: false });

    expect((await call(gitlab, 'olivia', 'GET', '/user')).body.can_create_group).toBe(true);
    expect((await call(gitlab, 'olivia', 'POST', '/groups', { name: 'A', path: 'a' })).status).toBe(403);
    const below = { name: 'A', path: 'a', parent_id: gitlab.group('acme')?.id };
    expect((await call(gitlab, 'olivia', 'POST', '/groups', below)).status).toBe(201);
  });

  it('may demand two factors only where the top-level group lets them', async () => {
    const gitlab = await startGitLab();
    gitlab.addGroup({ name: 'A', path: 'a', members: [...MEMBERS], allowMfaForSubgroups: false });
    const demand = { name: 'B', path: 'b', require_two_factor_authentication: true };
    const parent_id = gitlab.group('a')?.id;

    expect((await call(gitlab, 'olivia', 'POST', '/groups', { ...demand, parent_id })).body).toEqual({
      message:
        'Failed to save group {:require_two_factor_authentication=>["is forbidden by a top-level group"]}',
    });
    expect((await call(gitlab, 'olivia', 'POST', '/groups', demand)).status).toBe(201);
  });

  it('are unknown to reads for the time that a replica lags, and known to writes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const gitlab = await start({ replicaLagMs: 5_000 });
    const parent_id = gitlab.group('acme')?.id;
    const made = await call(gitlab, 'olivia', 'POST', '/groups', { name: 'Fresh', path: 'fresh', parent_id });
    const read = () => call(gitlab, 'olivia', 'GET', '/groups/acme%2Ffresh');
    const query = '{ group(fullPath: "acme/fresh") { fullPath } }';

    expect(made.status).toBe(201);
    expect((await read()).status).toBe(404);
    expect((await graphql(gitlab, 'olivia', query)).body.data.group).toBeNull();
    expect((await call(gitlab, 'olivia', 'GET', '/groups/acme/subgroups')).body).toEqual([]);
    const label = { name: 'bug', color: '#123456' };
    expect((await call(gitlab, 'olivia', 'POST', `/groups/${made.body.id}/labels`, label)).status).toBe(201);
    vi.setSystemTime(Date.now() + 5_000);
    expect((await read()).status).toBe(200);
    expect((await graphql(gitlab, 'olivia', query)).body.data.group).toEqual({ fullPath: 'acme/fresh' });
  });

  it('call the instance by its external name, page links included', async () => {
    const gitlab = await start({ externalUrl: port => `http://localhost:${port}` });
    const external = gitlab.url.replace('127.0.0.1', 'localhost');

    const group = await call(gitlab, 'olivia', 'GET', '/groups/acme');
    const list = await call(gitlab, 'olivia', 'GET', '/groups/acme/members?per_page=1');

    expect(gitlab.url).toContain('127.0.0.1');
    expect(group.body.web_url).toBe(`${external}/groups/acme`);
    expect(list.headers.get('link')).toContain(`<${external}/api/v4/groups/acme/members?`);
  });

  it('are listed by membership and level, in the order that is asked for', async () => {
    const gitlab = await start();
    gitlab.addGroup({ name: 'Beta', path: 'zz', members: [{ username: 'rachel', accessLevel: 50 }] });
    gitlab.addGroup({ name: 'Open', path: 'open', visibility: 'public' });
    const list = async (user: string, query: string) =>
      (await call(gitlab, user, 'GET', `/groups?${query}`)).body.map((group: { path: string }) => group.path);

    expect(await list('rachel', '')).toEqual(['acme', 'zz']);
    expect(await list('rachel', 'owned=true')).toEqual(['zz']);
    expect(await list('rachel', 'all_available=true&order_by=path&sort=desc')).toEqual([
      'zz',
      'open',
      'acme',
    ]);
    expect(await list('rachel', 'min_access_level=30')).toEqual(['zz']);
    expect(await list('admin', 'search=ope')).toEqual(['open']);
  });
});

describe('namespaces', () => {
  it("are one's own and those of one's groups, by id and by path", async () => {
    const gitlab = await start();

    const list = await call(gitlab, 'gus', 'GET', '/namespaces');
    const one = await call(gitlab, 'gus', 'GET', `/namespaces/${gitlab.group('acme')?.id}`);

    expect(list.body).toMatchObject([
      { kind: 'user', full_path: 'gus' },
      { kind: 'group', full_path: 'acme' },
    ]);
    expect(one.body).toMatchObject({ kind: 'group', full_path: 'acme' });
    expect((await call(gitlab, 'sam', 'GET', '/namespaces/acme')).body).toEqual({
      message: '404 Namespace Not Found',
    });
  });
});

describe('the export of relations', () => {
  it('asks for the role before the setting', async () => {
    const gitlab = await start({ directTransferEnabled: false });
    const path = '/groups/acme/export_relations/status';

    expect((await call(gitlab, 'gus', 'GET', path)).status).toBe(403);
    expect((await call(gitlab, 'olivia', 'GET', path)).body).toEqual({ message: '404 Not Found' });
  });
});
