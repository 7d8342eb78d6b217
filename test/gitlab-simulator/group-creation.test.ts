import { beforeEach, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, MEMBERS, startGitLab } from './api-client.ts';

let gitlab: SampleGitLab;
beforeEach(async () => {
  gitlab = await startGitLab();
  gitlab.addGroup({ name: 'Acme', path: 'acme', visibility: 'internal', members: [...MEMBERS] });
});

const idOf = (fullPath: string) => gitlab.group(fullPath)?.id;

describe('creating a group', () => {
  it('stores the attributes, ignores unknown ones and makes the creator Owner', async () => {
    const { status, body } = await call(gitlab, 'olivia', 'POST', '/groups', {
      name: 'Tools – 🧰',
      path: 'tools',
      description: 'd',
      visibility: 'public',
      emails_disabled: true,
      request_access_enabled: false,
      membership_lock: true,
      two_factor_grace_period: 12,
      something_new: 1,
    });

    expect(status).toBe(201);
    expect(body).toMatchObject({
      full_path: 'tools',
      full_name: 'Tools – 🧰',
      parent_id: null,
      visibility: 'public',
      emails_enabled: false,
      emails_disabled: true,
      membership_lock: true,
      two_factor_grace_period: 12,
      prevent_sharing_groups_outside_hierarchy: false,
    });
    const group = gitlab.group('tools');
    expect(group).toMatchObject({ description: 'd', settings: { requestAccessEnabled: false } });
    expect(group?.members).toMatchObject([{ accessLevel: 50 }]);
    expect((await call(gitlab, 'olivia', 'GET', '/groups/tools/members')).body[0].username).toBe('olivia');
    expect(gitlab.takeUndeclared()).toEqual([
      "POST /api/v4/groups at GitLab 17.11.2-ee: 'something_new' is ignored (GitLab declares no such parameter)",
    ]);
  });

  it('names all missing and invalid parameters at once', async () => {
    const { status, body } = await call(gitlab, 'olivia', 'POST', '/groups', { visibility: 'secret' });

    expect(status).toBe(400);
    expect(body).toEqual({
      error: 'name is missing, path is missing, visibility does not have a valid value',
    });
    expect(gitlab.takeUndeclared()).toHaveLength(3);
  });

  it.each([
    ['path', { name: 'Other', path: 'TOOLS' }, '{:path=>["has already been taken"]}'],
    ['name', { name: 'Tools', path: 'other' }, '{:name=>["has already been taken"]}'],
    [
      'name and path',
      { name: 'Tools', path: 'tools' },
      '{:name=>["has already been taken"], :path=>["has already been taken"]}',
    ],
  ])(
    'conflicts on a taken %s of a sibling with a sentence around a Ruby hash',
    async (_, attributes, hash) => {
      gitlab.addGroup({ name: 'P', path: 'p', members: [...MEMBERS] });
      gitlab.addGroup({ name: 'Tools', path: 'tools', parent: 'p' });

      const { status, body } = await call(gitlab, 'olivia', 'POST', '/groups', {
        ...attributes,
        parent_id: idOf('p'),
      });

      expect(status).toBe(400);
      expect(body).toEqual({ message: `Failed to save group ${hash}` });
      expect(gitlab.groups()).toHaveLength(3);
    },
  );

  it.each([
    ['a group', 'ACME'],
    ['a user', 'olivia'],
  ])('conflicts with the path of %s at the top level', async (_, path) => {
    const { status, body } = await call(gitlab, 'olivia', 'POST', '/groups', { name: 'Other', path });

    expect(status).toBe(400);
    expect(body).toEqual({ message: 'Failed to save group {:path=>["has already been taken"]}' });
  });

  it('lets top-level groups share a name', async () => {
    const { status } = await call(gitlab, 'olivia', 'POST', '/groups', { name: 'Acme', path: 'other' });

    expect(status).toBe(201);
  });

  it('conflicts with a project of the parent', async () => {
    gitlab.addGroup({
      name: 'P',
      path: 'p',
      members: [...MEMBERS],
      projects: [{ name: 'App', path: 'app' }],
    });

    const { body } = await call(gitlab, 'olivia', 'POST', '/groups', {
      name: 'A',
      path: 'App',
      parent_id: idOf('p'),
    });

    expect(body.message).toBe('Failed to save group {:path=>["has already been taken"]}');
  });

  it.each(['-dash', 'a.git', 'a.', 'sp ace', 'api', ''])('refuses the path "%s"', async path => {
    const { status, body } = await call(gitlab, 'olivia', 'POST', '/groups', { name: 'X', path });

    expect(status).toBe(400);
    expect(body.message).toContain('Failed to save group {:path=>["');
  });

  it('refuses a name with other signs', async () => {
    const { status, body } = await call(gitlab, 'olivia', 'POST', '/groups', { name: 'R&D', path: 'rd' });

    expect(status).toBe(400);
    expect(body.message).toContain('{:name=>["can contain only letters');
  });

  it('refuses a visibility above the parent', async () => {
    const { status, body } = await call(gitlab, 'olivia', 'POST', '/groups', {
      name: 'Sub',
      path: 'sub',
      parent_id: idOf('acme'),
      visibility: 'public',
    });

    expect(status).toBe(400);
    expect(body.message).toBe(
      'Failed to save group {:visibility_level=>["public is not allowed since the parent group has a internal visibility."]}',
    );
  });

  it('refuses a restricted visibility to everybody but administrators', async () => {
    const restricted = await startGitLab({ restrictedVisibilityLevels: ['public'] });
    const attributes = { name: 'Open', path: 'open', visibility: 'public' };

    const refused = await call(restricted, 'olivia', 'POST', '/groups', attributes);
    const accepted = await call(restricted, 'admin', 'POST', '/groups', attributes);

    expect(refused.status).toBe(400);
    expect(refused.body.message).toContain(':visibility_level=>["public has been restricted');
    expect(accepted.status).toBe(201);
  });

  it('at the top level needs the right to create groups', async () => {
    const { status, body } = await call(gitlab, 'sam', 'POST', '/groups', { name: 'X', path: 'x' });

    expect(status).toBe(403);
    expect(body).toEqual({ message: '403 Forbidden' });
  });

  it('in a parent follows its subgroup creation level', async () => {
    gitlab.addUser({ username: 'mia' });
    gitlab.addToken('sample-mia-token', { username: 'mia' });
    const members = [{ username: 'mia', accessLevel: 40 } as const];
    gitlab.addGroup({ name: 'A', path: 'a', members });
    gitlab.addGroup({ name: 'B', path: 'b', members, settings: { subgroupCreationLevel: 'owner' } });
    const create = (parent: string, user: string) =>
      call(gitlab, user, 'POST', '/groups', { name: 'Sub', path: 'sub', parent_id: idOf(parent) });

    expect((await create('a', 'mia')).status).toBe(201);
    expect((await create('b', 'mia')).status).toBe(403);
    expect((await create('acme', 'rachel')).status).toBe(403);
    expect((await create('a', 'sam')).body).toEqual({ message: '404 Group Not Found' });
  });

  it('stops at 20 ancestors', async () => {
    let parent = 'acme';
    for (let depth = 1; depth <= 20; depth += 1) {
      parent = gitlab.addGroup({ name: 'Deep', path: 'deep', parent }).fullPath;
    }

    const { body } = await call(gitlab, 'olivia', 'POST', '/groups', {
      name: 'Deeper',
      path: 'deeper',
      parent_id: idOf(parent),
    });

    expect(body.message).toContain(':parent_id=>["has too deep level of nesting"]');
  });
});
