import { beforeEach, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, MEMBERS, startGitLab } from './api-client.ts';

let gitlab: SampleGitLab;
beforeEach(async () => {
  gitlab = await startGitLab();
  gitlab.addGroup({ name: 'Acme', path: 'acme', visibility: 'internal', members: [...MEMBERS] });
});

const idOf = (fullPath: string) => gitlab.group(fullPath)?.id;

describe('changing a group', () => {
  it('takes forms, and a new path moves the subgroups along', async () => {
    gitlab.addGroup({ name: 'Sub', path: 'sub', parent: 'acme' });
    const form = new URLSearchParams({ path: 'renamed', lfs_enabled: 'false', mentions_disabled: '1' });

    const { status, body } = await call(gitlab, 'olivia', 'PUT', '/groups/acme', form);

    expect(status).toBe(200);
    expect(body).toMatchObject({
      full_path: 'renamed',
      lfs_enabled: false,
      mentions_disabled: true,
      name: 'Acme',
    });
    expect(gitlab.group('renamed/sub')?.name).toBe('Sub');
    expect(gitlab.group('acme')).toBeUndefined();
  });

  it('frees the old name and takes the new one among its siblings', async () => {
    gitlab.addGroup({ name: 'Tools', path: 'tools', parent: 'acme' });
    await call(gitlab, 'olivia', 'PUT', `/groups/${encodeURIComponent('acme/tools')}`, { name: 'Renamed' });
    const parent_id = gitlab.group('acme')?.id;
    const create = (name: string) =>
      call(gitlab, 'olivia', 'POST', '/groups', { name, path: 'another', parent_id });

    expect((await create('Renamed')).body.message).toContain(':name=>["has already been taken"]');
    expect((await create('Tools')).status).toBe(201);
  });

  it('reports conflicts by attribute', async () => {
    gitlab.addGroup({ name: 'Tools', path: 'tools', parent: 'acme' });
    gitlab.addGroup({ name: 'Other', path: 'other', parent: 'acme' });

    const path = `/groups/${encodeURIComponent('acme/tools')}`;
    const { status, body } = await call(gitlab, 'olivia', 'PUT', path, { path: 'other', name: 'Other' });

    expect(status).toBe(400);
    expect(body).toEqual({
      message: { name: ['has already been taken'], path: ['has already been taken'] },
    });
  });

  it('needs an Owner, except for administrators', async () => {
    expect((await call(gitlab, 'rachel', 'PUT', '/groups/acme', { description: 'x' })).status).toBe(403);
    expect((await call(gitlab, 'admin', 'PUT', '/groups/acme', { description: 'x' })).status).toBe(200);
  });

  it('ignores the membership lock on Free and does not show it there', async () => {
    const free = await startGitLab({ edition: 'free' });
    free.addGroup({ name: 'Acme', path: 'acme', members: [...MEMBERS] });

    const { status, body } = await call(free, 'olivia', 'PUT', '/groups/acme', { membership_lock: true });

    expect(status).toBe(200);
    expect(body).not.toHaveProperty('membership_lock');
    expect(free.group('acme')?.settings.membershipLock).toBe(false);
  });

  it('has the hierarchy lock in top-level groups only', async () => {
    gitlab.addGroup({ name: 'Sub', path: 'sub', parent: 'acme' });
    const attributes = { prevent_sharing_groups_outside_hierarchy: true };

    const root = await call(gitlab, 'olivia', 'PUT', '/groups/acme', attributes);
    const sub = await call(gitlab, 'olivia', 'PUT', '/groups/acme%2Fsub', attributes);

    expect(root.body.prevent_sharing_groups_outside_hierarchy).toBe(true);
    expect(sub.body).not.toHaveProperty('prevent_sharing_groups_outside_hierarchy');
    expect(gitlab.group('acme/sub')?.settings.preventSharingGroupsOutsideHierarchy).toBe(false);
  });

  it('uploads an avatar which can be downloaded again', async () => {
    const bytes = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 255]);
    const form = new FormData();
    form.set('avatar', new File([bytes], 'logo.png', { type: 'image/png' }));

    const { body } = await call(gitlab, 'olivia', 'PUT', '/groups/acme', form);
    const download = await fetch(`${gitlab.url}/api/v4/groups/acme/avatar`, {
      headers: { 'private-token': 'sample-gus-token' },
    });

    expect(body.avatar_url).toBe(`${gitlab.url}/uploads/-/system/group/avatar/${idOf('acme')}/logo.png`);
    expect(download.headers.get('content-type')).toBe('application/octet-stream');
    expect(download.headers.get('content-disposition')).toContain('attachment; filename="logo.png"');
    expect(Buffer.from(await download.arrayBuffer())).toEqual(bytes);
  });

  it('refuses an avatar which is no picture or too big', async () => {
    const form = new FormData();
    form.set('avatar', new File([Buffer.alloc(200 * 1024 + 1)], 'logo.txt'));

    const { status, body } = await call(gitlab, 'olivia', 'PUT', '/groups/acme', form);

    expect(status).toBe(400);
    expect(body.message.avatar).toEqual([
      expect.stringContaining('file format is not supported'),
      'is too big (should be at most 200 KiB)',
    ]);
    expect((await call(gitlab, 'olivia', 'GET', '/groups/acme/avatar')).body).toEqual({
      message: '404 Avatar Not Found',
    });
  });
});

describe('reading groups', () => {
  it('hides private groups from strangers, and shows internal ones', async () => {
    gitlab.addGroup({ name: 'Secret', path: 'secret', members: [...MEMBERS] });
    gitlab.addGroup({ name: 'Inner', path: 'inner', parent: 'secret' });

    expect((await call(gitlab, 'sam', 'GET', '/groups/secret')).body).toEqual({
      message: '404 Group Not Found',
    });
    expect((await call(gitlab, 'sam', 'GET', '/groups/secret%2Finner')).status).toBe(404);
    expect((await call(gitlab, 'sam', 'GET', '/groups/acme')).status).toBe(200);
    expect((await call(gitlab, 'gus', 'GET', '/groups/secret%2Finner')).status).toBe(200);
    expect((await call(gitlab, 'admin', 'GET', '/groups/secret')).status).toBe(200);
  });

  it('takes digits for an id, never for a path', async () => {
    gitlab.addGroup({ name: 'Digits', path: '4711', members: [...MEMBERS] });

    expect((await call(gitlab, 'olivia', 'GET', '/groups/4711')).status).toBe(404);
    expect((await call(gitlab, 'olivia', 'GET', `/groups/${idOf('4711')}`)).body.path).toBe('4711');
  });

  it('lists visible direct subgroups by name', async () => {
    for (const name of ['Zeta', 'Alpha']) {
      gitlab.addGroup({ name, path: name.toLowerCase(), parent: 'acme' });
    }
    gitlab.addGroup({ name: 'Below', path: 'below', parent: 'acme/zeta' });
    gitlab.addGroup({ name: 'Hidden', path: 'hidden', parent: 'acme', visibility: 'private' });

    const stranger = await call(gitlab, 'sam', 'GET', '/groups/acme/subgroups');
    const member = await call(gitlab, 'gus', 'GET', '/groups/acme/subgroups');

    expect(stranger.body.map((group: { name: string }) => group.name)).toEqual(['Alpha', 'Zeta']);
    expect(member.headers.get('x-total')).toBe('3');
  });

  it('embeds projects unless told otherwise', async () => {
    gitlab.addGroup({
      name: 'P',
      path: 'p',
      members: [...MEMBERS],
      projects: [{ name: 'App', path: 'app' }],
    });

    const embedded = await call(gitlab, 'olivia', 'GET', '/groups/p');
    const bare = await call(gitlab, 'olivia', 'GET', '/groups/p?with_projects=false');
    const listed = await call(gitlab, 'olivia', 'GET', '/groups/p/projects');

    expect(embedded.body.projects).toMatchObject([{ path_with_namespace: 'p/app' }]);
    expect(bare.body).not.toHaveProperty('projects');
    expect(listed.body).toMatchObject([{ path: 'app' }]);
  });

  it('answers export status to Owners only, and not at all without direct transfer', async () => {
    const off = await startGitLab({ directTransferEnabled: false });
    off.addGroup({ name: 'Acme', path: 'acme', members: [...MEMBERS] });
    const path = '/groups/acme/export_relations/status';

    const owner = await call(gitlab, 'olivia', 'GET', path);

    expect([owner.status, owner.body]).toEqual([200, []]);
    expect((await call(gitlab, 'rachel', 'GET', path)).status).toBe(403);
    expect((await call(off, 'olivia', 'GET', path)).status).toBe(404);
  });

  it('no longer finds a deleted group or what was below it', async () => {
    gitlab.addGroup({ name: 'Sub', path: 'sub', parent: 'acme' });
    const id = idOf('acme');

    const refused = await call(gitlab, 'rachel', 'DELETE', `/groups/${id}`);
    const deleted = await call(gitlab, 'olivia', 'DELETE', `/groups/${id}`);

    expect(refused.status).toBe(403);
    expect(deleted.status).toBe(202);
    expect(gitlab.groups()).toEqual([]);
    expect((await call(gitlab, 'olivia', 'POST', '/groups', { name: 'Acme', path: 'acme' })).status).toBe(
      201,
    );
  });
});

describe('seeding', () => {
  it('refuses what GitLab would refuse', () => {
    expect(() => gitlab.addGroup({ name: 'Acme', path: 'acme' })).toThrow('has already been taken');
    expect(() => gitlab.addGroup({ name: 'X', path: 'x', parent: 'nowhere' })).toThrow("no group 'nowhere'");
    expect(() => gitlab.addUser({ username: 'acme' })).toThrow('is taken');
    expect(() =>
      gitlab.addGroup({ name: 'Y', path: 'y', boards: [{ name: 'B', lists: [{ label: 'no' }] }] }),
    ).toThrow("no label 'no'");
  });

  it('gives no id twice, not even in two instances', async () => {
    const other = await startGitLab();
    const group = other.addGroup({ name: 'Acme', path: 'acme', labels: [{ title: 'a' }] });

    expect(group.id).not.toBe(idOf('acme'));
    expect(group.labels[0]?.id).not.toBe(group.id);
  });
});
