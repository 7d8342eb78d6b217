import { beforeEach, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, MEMBERS, startGitLab } from './api-client.ts';

const APP = '/projects/acme%2Fapp';

async function start(version?: string, edition?: 'free' | 'premium'): Promise<SampleGitLab> {
  const gitlab = await startGitLab({ ...(version && { version }), ...(edition && { edition }) });
  gitlab.addUser({ username: 'max' });
  gitlab.addToken('sample-max-token', { username: 'max' });
  gitlab.addGroup({
    name: 'Acme',
    path: 'acme',
    visibility: 'internal',
    members: [...MEMBERS, { username: 'max', accessLevel: 40 }],
    projects: [
      {
        name: 'App',
        path: 'app',
        description: 'An app',
        visibility: 'private',
        branches: ['main', 'next'],
        lfsObjects: ['12345'],
        settings: { squashOption: 'always', buildTimeout: 600 },
      },
      { name: 'Old', path: 'old', archived: true },
      { name: 'Gone', path: 'gone', markedForDeletionOn: '2026-01-02' },
    ],
  });
  return gitlab;
}

let gitlab: SampleGitLab;
beforeEach(async () => {
  gitlab = await start('18.2.0-ee');
});

describe('a project', () => {
  it('is shown as its seed says, by id and by path, whatever the letter case', async () => {
    const { body, status } = await call(gitlab, 'olivia', 'GET', APP);
    const byId = await call(gitlab, 'olivia', 'GET', `/projects/${body.id}`);
    const upper = await call(gitlab, 'olivia', 'GET', '/projects/ACME%2FApp');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      name: 'App',
      name_with_namespace: 'Acme / App',
      path: 'app',
      path_with_namespace: 'acme/app',
      description: 'An app',
      visibility: 'private',
      archived: false,
      default_branch: 'main',
      empty_repo: false,
      creator_id: gitlab.userId('olivia'),
      import_status: 'none',
      import_type: null,
      import_error: null,
      namespace: { id: gitlab.group('acme')?.id, kind: 'group', full_path: 'acme', parent_id: null },
      lfs_enabled: true,
      emails_disabled: false,
      emails_enabled: true,
      squash_option: 'always',
      build_timeout: 600,
      auto_cancel_pending_pipelines: 'enabled',
      ci_config_path: null,
      issues_access_level: 'enabled',
      shared_with_groups: [],
      marked_for_deletion_on: null,
      permissions: { project_access: null, group_access: { access_level: 50, notification_level: 3 } },
    });
    expect([byId.body, upper.body]).toEqual([body, body]);
  });

  it('is hidden from those who are members of nothing, unless its visibility shows it', async () => {
    expect((await call(gitlab, 'sam', 'GET', APP)).body).toEqual({ message: '404 Project Not Found' });
    expect((await call(gitlab, 'sam', 'GET', '/projects/acme%2Fold')).status).toBe(200);
  });

  it('shows its sizes to Reporters who ask, and the error of its import to Maintainers', async () => {
    const of = async (user: string) => (await call(gitlab, user, 'GET', `${APP}?statistics=true`)).body;

    expect((await of('rachel')).statistics).toMatchObject({ lfs_objects_size: 5, repository_size: 2048 });
    expect(await of('gus')).not.toHaveProperty('statistics');
    expect(await of('rachel')).not.toHaveProperty('import_error');
    expect((await call(gitlab, 'rachel', 'GET', APP)).body).not.toHaveProperty('statistics');
  });

  it('names the project that it was forked from to those who see that', async () => {
    const forkedFromId = gitlab.project('acme/app')?.id ?? 0;
    gitlab.addGroup({
      name: 'Forks',
      path: 'forks',
      visibility: 'internal',
      projects: [{ name: 'App', path: 'app', visibility: 'internal', forkedFromId }],
    });
    const fork = async (user: string) => (await call(gitlab, user, 'GET', '/projects/forks%2Fapp')).body;

    expect((await fork('olivia')).forked_from_project).toMatchObject({
      id: forkedFromId,
      path_with_namespace: 'acme/app',
    });
    expect(await fork('sam')).not.toHaveProperty('forked_from_project');
    expect((await call(gitlab, 'olivia', 'GET', APP)).body.forks_count).toBe(1);
  });

  it('is not seeded under a name that another project of its group has', () => {
    const add = (name: string, path: string) => () =>
      gitlab.addGroup({
        name: 'Twice',
        path: 'twice',
        parent: 'acme',
        projects: [
          { name: 'A', path: 'a' },
          { name, path },
        ],
      });

    expect(add('A', 'b')).toThrow("the name 'A' is taken in 'acme/twice'");
  });

  it('has the fields of its version', async () => {
    const { body } = await call(await start('15.0.0', 'free'), 'olivia', 'GET', APP);

    expect(body).toMatchObject({ emails_disabled: false });
    expect(body).not.toHaveProperty('emails_enabled');
    expect(body).not.toHaveProperty('marked_for_deletion_on');
  });
});

describe('a change of a project', () => {
  it('is for Maintainers, and its visibility for Owners', async () => {
    const put = (user: string, body: object) => call(gitlab, user, 'PUT', APP, body);

    expect((await put('rachel', { description: 'x' })).status).toBe(403);
    expect((await put('max', { visibility: 'internal' })).status).toBe(403);
    const changed = await put('max', {
      description: 'New',
      squash_option: 'never',
      lfs_enabled: false,
      wiki_access_level: 'disabled',
      build_timeout: 1200,
      default_branch: 'next',
      ci_config_path: 'ci.yml',
    });
    expect(changed.status).toBe(200);
    expect((await call(gitlab, 'max', 'GET', APP)).body).toMatchObject({
      description: 'New',
      squash_option: 'never',
      lfs_enabled: false,
      wiki_access_level: 'disabled',
      wiki_enabled: false,
      build_timeout: 1200,
      default_branch: 'next',
      ci_config_path: 'ci.yml',
    });

    await call(gitlab, 'max', 'PUT', APP, { ci_config_path: '' });
    expect(gitlab.project('acme/app')?.settings.ciConfigPath).toBeNull();
  });

  it('of its mails is dropped unless an Owner asks', async () => {
    await call(gitlab, 'max', 'PUT', APP, { emails_enabled: false });
    expect((await call(gitlab, 'max', 'GET', APP)).body.emails_enabled).toBe(true);

    await call(gitlab, 'olivia', 'PUT', APP, { emails_enabled: false });
    expect((await call(gitlab, 'max', 'GET', APP)).body.emails_enabled).toBe(false);

    await call(gitlab, 'olivia', 'PUT', APP, { emails_disabled: false });
    expect((await call(gitlab, 'max', 'GET', APP)).body.emails_enabled).toBe(true);
  });

  it.each([
    [{ visibility: 'public' }, { visibility_level: ['public is not allowed in a internal group.'] }],
    [{ path: 'old' }, { path: ['has already been taken'] }],
    [
      { name: 'Old' },
      { 'project_namespace.name': ['has already been taken'], name: ['has already been taken'] },
    ],
    [{ default_branch: 'none' }, { base: ["Could not change HEAD: branch 'none' does not exist"] }],
  ])('to %o is refused', async (body, message) => {
    expect(await call(gitlab, 'olivia', 'PUT', APP, body)).toMatchObject({ status: 400, body: { message } });
  });

  it('needs an attribute', async () => {
    const { status, body } = await call(gitlab, 'olivia', 'PUT', APP, {});

    expect(status).toBe(400);
    expect(body.error).toContain('at least one parameter must be provided');
    expect(gitlab.takeUndeclared()).toHaveLength(1);
  });

  it('of its path leads those who know the old one to it, until somebody else takes that', async () => {
    await call(gitlab, 'olivia', 'PUT', APP, { path: 'moved' });
    expect((await call(gitlab, 'olivia', 'GET', APP)).body.path_with_namespace).toBe('acme/moved');

    gitlab.addGroup({ name: 'Taker', path: 'app', parent: 'acme' });
    expect((await call(gitlab, 'olivia', 'GET', APP)).status).toBe(404);
  });
});

describe('archiving', () => {
  it('is for Owners, and leaves nothing to change', async () => {
    expect((await call(gitlab, 'max', 'POST', `${APP}/archive`)).status).toBe(403);
    const archived = await call(gitlab, 'olivia', 'POST', `${APP}/archive`);
    expect(archived).toMatchObject({ status: 201, body: { archived: true } });

    expect((await call(gitlab, 'olivia', 'PUT', APP, { description: 'x' })).status).toBe(403);
    const member = { user_id: gitlab.userId('sam'), access_level: 30 };
    expect((await call(gitlab, 'olivia', 'POST', `${APP}/members`, member)).status).toBe(403);

    expect((await call(gitlab, 'olivia', 'POST', `${APP}/unarchive`)).body.archived).toBe(false);
    expect((await call(gitlab, 'olivia', 'POST', `${APP}/members`, member)).status).toBe(201);
  });
});

describe('deleting a project', () => {
  it('is for Owners, and since 18.0 marks and renames it, so that its path is free', async () => {
    const { id } = (await call(gitlab, 'olivia', 'GET', APP)).body;

    expect((await call(gitlab, 'max', 'DELETE', APP)).status).toBe(403);
    expect(await call(gitlab, 'olivia', 'DELETE', APP)).toMatchObject({
      status: 202,
      body: { message: '202 Accepted' },
    });
    expect((await call(gitlab, 'olivia', 'GET', APP)).body).toMatchObject({
      id,
      name: `App-deletion_scheduled-${id}`,
      path_with_namespace: `acme/app-deletion_scheduled-${id}`,
      marked_for_deletion_on: new Date().toISOString().slice(0, 10),
    });
    gitlab.addGroup({ name: 'Taker', path: 'app', parent: 'acme' });
  });

  it('a second time for good needs the mark and the full path', async () => {
    const permanently = (full_path: string) =>
      call(gitlab, 'olivia', 'DELETE', `/projects/${id}`, { permanently_remove: true, full_path });
    const { id } = (await call(gitlab, 'olivia', 'GET', APP)).body;

    expect((await permanently('acme/app')).body.message).toContain('must be marked for deletion first');
    await call(gitlab, 'olivia', 'DELETE', APP);
    expect((await permanently('acme/app')).body.message).toContain('`full_path` is incorrect');
    expect((await permanently(`acme/app-deletion_scheduled-${id}`)).status).toBe(202);
    expect((await call(gitlab, 'olivia', 'GET', `/projects/${id}`)).status).toBe(404);
    expect((await call(gitlab, 'olivia', 'GET', APP)).status).toBe(404);
  });

  it('again, once it is marked, is refused since 18.0 and changes nothing before', async () => {
    const before = await start('17.11.0-ee');
    const twice = async (at: SampleGitLab) => {
      await call(at, 'olivia', 'DELETE', APP);
      return call(at, 'olivia', 'DELETE', APP);
    };

    expect(await twice(gitlab)).toMatchObject({
      status: 400,
      body: { message: 'Project has been already marked for deletion' },
    });
    expect((await twice(before)).status).toBe(202);
    expect((await call(before, 'olivia', 'GET', APP)).body.path).toMatch(/^app-deleted-\d+$/);
  });

  it('removes it at once on Free before 18.0, and marks it with a licence', async () => {
    const free = await start('17.11.0', 'free');
    const premium = await start('17.11.0-ee', 'premium');
    await call(free, 'olivia', 'DELETE', APP);
    await call(premium, 'olivia', 'DELETE', APP);

    expect((await call(free, 'olivia', 'GET', APP)).status).toBe(404);
    const marked = (await call(premium, 'olivia', 'GET', APP)).body;
    expect(marked.path).toBe(`app-deleted-${marked.id}`);
  });

  it('happens with its group', async () => {
    const { id } = (await call(gitlab, 'olivia', 'GET', APP)).body;
    await call(gitlab, 'olivia', 'DELETE', '/groups/acme');

    expect((await call(gitlab, 'olivia', 'GET', `/projects/${id}`)).status).toBe(404);
  });
});

describe('the projects of a group', () => {
  const paths = async (query: string, user = 'olivia') => {
    const { body } = await call(gitlab, user, 'GET', `/groups/acme/projects?order_by=id&sort=asc${query}`);
    return body.map((project: { path: string }) => project.path);
  };

  it('are listed with archived and marked ones, which can be told apart', async () => {
    const { body } = await call(gitlab, 'olivia', 'GET', '/groups/acme/projects?order_by=id&sort=asc');

    expect(body).toMatchObject([
      { path: 'app', archived: false, marked_for_deletion_on: null },
      { path: 'old', archived: true, marked_for_deletion_on: null },
      { path: 'gone', archived: false, marked_for_deletion_on: '2026-01-02' },
    ]);
  });

  it('are filtered, and are those that the caller sees', async () => {
    gitlab.addGroup({ name: 'S', path: 's', parent: 'acme', projects: [{ name: 'Deep', path: 'deep' }] });

    expect(await paths('&archived=false')).toEqual(['app', 'gone']);
    expect(await paths('&visibility=private')).toEqual(['app']);
    expect(await paths('', 'sam')).toEqual(['old', 'gone']);
    expect(await paths('&include_subgroups=true')).toEqual(['app', 'old', 'gone', 'deep']);
    expect(await paths('&min_access_level=40', 'rachel')).toEqual([]);
    expect(await paths('&search=OL&with_shared=false')).toEqual(['old']);
  });

  it('are paged, and short on request', async () => {
    const { body, headers } = await call(
      gitlab,
      'olivia',
      'GET',
      '/groups/acme/projects?per_page=2&order_by=path&sort=desc&simple=true',
    );

    expect(body.map((project: { path: string }) => project.path)).toEqual(['old', 'gone']);
    expect(body[0]).not.toHaveProperty('archived');
    expect([headers.get('x-total'), headers.get('x-next-page')]).toEqual(['3', '2']);
  });
});
