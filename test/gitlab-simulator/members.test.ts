import { beforeEach, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, MEMBERS, startGitLab } from './api-client.ts';

let gitlab: SampleGitLab;
beforeEach(async () => {
  gitlab = await startGitLab();
  gitlab.addGroup({ name: 'Acme', path: 'acme', members: [...MEMBERS] });
  gitlab.addGroup({
    name: 'Sub',
    path: 'sub',
    parent: 'acme',
    members: [{ username: 'gus', accessLevel: 40, expiresAt: '2099-12-31' }],
  });
});

const SUB = '/groups/acme%2Fsub/members';

async function idOf(username: string): Promise<number> {
  return (await call(gitlab, username, 'GET', '/user')).body.id;
}

async function post(user: string, body: Record<string, unknown>) {
  return call(gitlab, user, 'POST', SUB, body);
}

describe('members', () => {
  it('are listed directly, or with inherited ones at their highest role', async () => {
    const direct = await call(gitlab, 'olivia', 'GET', SUB);
    const all = await call(gitlab, 'olivia', 'GET', `${SUB}/all`);

    expect(direct.body).toMatchObject([{ username: 'gus', access_level: 40, expires_at: '2099-12-31' }]);
    expect(
      Object.fromEntries(
        all.body.map((member: { username: string; access_level: number }) => [
          member.username,
          member.access_level,
        ]),
      ),
    ).toEqual({ olivia: 50, rachel: 20, gus: 40 });
  });

  it('are added by an Owner', async () => {
    const user_id = await idOf('sam');

    const refused = await post('rachel', { user_id, access_level: 30 });
    const added = await post('olivia', { user_id, access_level: 30, expires_at: '2099-01-01' });

    expect(refused.status).toBe(403);
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({
      username: 'sam',
      access_level: 30,
      expires_at: '2099-01-01',
      created_by: { username: 'olivia' },
    });
    expect((await call(gitlab, 'sam', 'GET', '/groups/acme%2Fsub')).status).toBe(200);
  });

  it('cannot be added twice', async () => {
    const { status, body } = await post('olivia', { user_id: await idOf('gus'), access_level: 50 });

    expect(status).toBe(409);
    expect(body).toEqual({ message: 'Member already exists' });
  });

  it('cannot get a role below the inherited one', async () => {
    const { status, body } = await post('olivia', { user_id: await idOf('rachel'), access_level: 10 });

    expect(status).toBe(400);
    expect(body).toEqual({
      message: {
        access_level: ['should be greater than or equal to Reporter inherited membership from group Acme'],
      },
    });
    expect((await post('olivia', { user_id: await idOf('rachel'), access_level: 20 })).status).toBe(201);
  });

  it('must exist as users, in a known role, until a day to come', async () => {
    const user_id = await idOf('sam');

    expect((await post('olivia', { user_id: 1, access_level: 30 })).body).toEqual({
      message: '404 User Not Found',
    });
    expect((await post('olivia', { user_id, access_level: 31 })).body).toEqual({
      message: { access_level: ['is not included in the list'] },
    });
    expect((await post('olivia', { user_id })).body).toEqual({ error: 'access_level is missing' });
    expect((await post('olivia', { user_id, access_level: 30, expires_at: '2001-01-01' })).body).toEqual({
      message: { expires_at: ['cannot be a date in the past'] },
    });
    expect(gitlab.takeUndeclared()).toEqual([expect.stringContaining('access_level is missing')]);
  });

  it('are changed and removed by an Owner', async () => {
    const path = `${SUB}/${await idOf('gus')}`;

    const changed = await call(gitlab, 'olivia', 'PUT', path, { access_level: 20, expires_at: '' });
    const refused = await call(gitlab, 'rachel', 'DELETE', path);
    const removed = await call(gitlab, 'olivia', 'DELETE', path);
    const gone = await call(gitlab, 'olivia', 'GET', path);

    expect(changed.body).toMatchObject({ access_level: 20, expires_at: null });
    expect(refused.status).toBe(403);
    expect(removed.status).toBe(204);
    expect(gone.body).toEqual({ message: '404 Not found' });
    expect((await post('olivia', { user_id: await idOf('gus'), access_level: 30 })).status).toBe(201);
  });

  it('cannot lose their last Owner', async () => {
    const path = `/groups/acme/members/${await idOf('olivia')}`;

    expect((await call(gitlab, 'olivia', 'DELETE', path)).status).toBe(403);
    expect((await call(gitlab, 'admin', 'PUT', path, { access_level: 40 })).status).toBe(403);
  });
});

describe('users', () => {
  it('are found by their public e-mail address by everybody, by the private one by administrators only', async () => {
    const search = async (user: string, text: string) =>
      (await call(gitlab, user, 'GET', `/users?search=${encodeURIComponent(text)}`)).body;

    expect(await search('sam', 'Olivia@public.example')).toMatchObject([
      { username: 'olivia', public_email: 'olivia@public.example' },
    ]);
    expect(await search('sam', 'olivia@public')).toEqual([]);
    expect(await search('sam', 'olivia@example.com')).toEqual([]);
    expect(await search('admin', 'olivia@example.com')).toMatchObject([{ username: 'olivia' }]);
  });

  it('are found by a part of the name of three letters or more', async () => {
    const search = async (text: string) => (await call(gitlab, 'sam', 'GET', `/users?search=${text}`)).body;

    expect(await search('rach')).toMatchObject([{ username: 'rachel' }]);
    expect(await search('ra')).toEqual([]);
  });

  it('show private address and confirmation to administrators only', async () => {
    const ivan = gitlab.addUser({ username: 'ivan', email: 'ivan@private.example', confirmed: false });

    const forAdmin = await call(gitlab, 'admin', 'GET', `/users/${ivan.id}`);
    const forOther = await call(gitlab, 'sam', 'GET', `/users/${ivan.id}`);

    expect(forAdmin.body).toMatchObject({ email: 'ivan@private.example', confirmed_at: null });
    expect(forOther.body).toMatchObject({ username: 'ivan', public_email: null });
    expect(forOther.body).not.toHaveProperty('email');
    expect(forOther.body).not.toHaveProperty('confirmed_at');
  });

  it('learn about themselves whether they may create groups and are administrators', async () => {
    const sam = await call(gitlab, 'sam', 'GET', '/user');
    const admin = await call(gitlab, 'admin', 'GET', '/user');

    expect(sam.body).toMatchObject({ can_create_group: false, email: 'sam@example.com' });
    expect(sam.body).not.toHaveProperty('is_admin');
    expect(admin.body).toMatchObject({ can_create_group: true, is_admin: true });
  });
});
