import { beforeEach, describe, expect, it } from 'vitest';
import type { SampleGitLab, SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, MEMBERS, startGitLab } from './api-client.ts';

const PROJECT_MEMBERS = '/projects/acme%2Fapp/members';

async function start(options: SampleGitLabOptions = {}, membershipLock = false): Promise<SampleGitLab> {
  const gitlab = await startGitLab(options);
  gitlab.addUser({ username: 'max' });
  gitlab.addToken('sample-max-token', { username: 'max' });
  gitlab.addGroup({
    name: 'Acme',
    path: 'acme',
    members: [...MEMBERS],
    settings: { membershipLock },
    projects: [
      {
        name: 'App',
        path: 'app',
        members: [
          { username: 'max', accessLevel: 40, expiresAt: '2099-12-31' },
          { username: 'gus', accessLevel: 30 },
        ],
      },
    ],
  });
  return gitlab;
}

let gitlab: SampleGitLab;
beforeEach(async () => {
  gitlab = await start();
});

const add = (user: string, username: string, access_level: number, at = gitlab) =>
  call(at, user, 'POST', PROJECT_MEMBERS, { user_id: at.userId(username), access_level });
const one = (username: string, inherited = false) =>
  `${PROJECT_MEMBERS}${inherited ? '/all' : ''}/${gitlab.userId(username)}`;

describe('members of a project', () => {
  it('are listed directly, or with those of its groups at their highest role', async () => {
    const direct = await call(gitlab, 'olivia', 'GET', PROJECT_MEMBERS);
    const all = await call(gitlab, 'olivia', 'GET', `${PROJECT_MEMBERS}/all`);

    expect(direct.body).toMatchObject([
      { username: 'max', access_level: 40, expires_at: '2099-12-31' },
      { username: 'gus', access_level: 30, expires_at: null },
    ]);
    expect(direct.headers.get('x-total')).toBe('2');
    const levels = all.body.map((member: { username: string; access_level: number }) => [
      member.username,
      member.access_level,
    ]);
    expect(Object.fromEntries(levels)).toEqual({ olivia: 50, rachel: 20, max: 40, gus: 30 });
  });

  it('are found one by one, inherited ones apart', async () => {
    expect((await call(gitlab, 'olivia', 'GET', one('max'))).body).toMatchObject({ access_level: 40 });
    expect((await call(gitlab, 'olivia', 'GET', one('rachel'))).status).toBe(404);
    expect((await call(gitlab, 'olivia', 'GET', one('rachel', true))).body).toMatchObject({
      access_level: 20,
    });
  });

  it('see it', async () => {
    expect((await call(gitlab, 'max', 'GET', '/projects/acme%2Fapp')).body.permissions).toEqual({
      project_access: { access_level: 40, notification_level: 3 },
      group_access: null,
    });
    expect((await call(gitlab, 'max', 'GET', '/groups/acme')).status).toBe(404);
  });

  it('are added by its Maintainers, Owners by its Owners only', async () => {
    expect((await add('gus', 'sam', 30)).status).toBe(403);
    expect(await add('max', 'sam', 30)).toMatchObject({
      status: 201,
      body: { username: 'sam', access_level: 30, created_by: { username: 'max' } },
    });
    expect((await add('max', 'rachel', 50)).status).toBe(403);
    expect((await add('olivia', 'rachel', 50)).status).toBe(201);
  });

  it('are not added twice, nor below what they are in its group', async () => {
    expect(await add('max', 'gus', 30)).toMatchObject({
      status: 409,
      body: { message: 'Member already exists' },
    });
    expect(await add('max', 'rachel', 10)).toMatchObject({
      status: 400,
      body: {
        message: {
          access_level: ['should be greater than or equal to Reporter inherited membership from group Acme'],
        },
      },
    });
  });

  it('have no Minimal Access, and are no Owners before 14.9', async () => {
    const message = { access_level: ['is not included in the list'] };
    const old = await start({ version: '14.8.0-ee' });

    expect((await add('olivia', 'sam', 5)).body).toEqual({ message });
    expect((await add('olivia', 'sam', 50, old)).body).toEqual({ message });
    expect((await add('olivia', 'sam', 40, old)).status).toBe(201);
  });

  it('are changed and removed by its Maintainers, Owners by its Owners only', async () => {
    await add('olivia', 'sam', 50);
    const change = (user: string, username: string, access_level: number) =>
      call(gitlab, user, 'PUT', one(username), { access_level });

    expect((await change('max', 'sam', 30)).status).toBe(403);
    expect((await call(gitlab, 'max', 'DELETE', one('sam'))).status).toBe(403);
    expect((await change('max', 'gus', 40)).body).toMatchObject({ access_level: 40 });
    expect((await change('olivia', 'sam', 30)).status).toBe(200);
    expect((await call(gitlab, 'max', 'DELETE', one('sam'))).status).toBe(204);
    expect((await call(gitlab, 'max', 'GET', one('sam'))).status).toBe(404);
  });

  it('may leave, even as the last one', async () => {
    expect((await call(gitlab, 'gus', 'DELETE', one('gus'))).status).toBe(204);
    expect((await call(gitlab, 'max', 'DELETE', one('max'))).status).toBe(204);
  });

  it('cannot be added where the group locks its members, with a licence', async () => {
    const locked = await start({}, true);
    const free = await start({ edition: 'free' }, true);

    expect(await add('olivia', 'sam', 30, locked)).toMatchObject({
      status: 405,
      body: { message: '405 Method Not Allowed' },
    });
    expect((await add('olivia', 'sam', 30, free)).status).toBe(201);
  });

  it('are added as a list, too', async () => {
    const user_id = `${gitlab.userId('sam')},${gitlab.userId('admin')}`;

    const added = await call(gitlab, 'max', 'POST', PROJECT_MEMBERS, { user_id, access_level: 20 });

    expect(added.body).toEqual({ status: 'success' });
    expect((await call(gitlab, 'max', 'GET', one('sam'))).body.access_level).toBe(20);
  });
});
