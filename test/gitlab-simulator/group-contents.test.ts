import { beforeEach, describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, MEMBERS, startGitLab } from './api-client.ts';

let gitlab: SampleGitLab;
beforeEach(async () => {
  gitlab = await startGitLab();
  gitlab.addGroup({
    name: 'Acme',
    path: 'acme',
    visibility: 'internal',
    members: [...MEMBERS],
    labels: [{ title: 'bug', color: '#ff0000' }],
    milestones: [
      { title: 'v1', dueDate: '2030-01-02' },
      { title: 'v0', dueDate: '2030-01-01', state: 'closed' },
    ],
  });
  gitlab.addGroup({ name: 'Sub', path: 'sub', parent: 'acme' });
});

const SUB = '/groups/acme%2Fsub';

describe('labels', () => {
  it('are created with a colour by code or name', async () => {
    const { status, body } = await call(gitlab, 'rachel', 'POST', `${SUB}/labels`, {
      name: 'docs',
      color: 'teal',
      description: 'd',
    });

    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'docs', color: '#008080', text_color: '#FFFFFF', description: 'd' });
    expect(gitlab.group('acme/sub')?.labels).toMatchObject([{ title: 'docs', color: '#008080' }]);
  });

  it('conflict with one of the same title in the group or an ancestor', async () => {
    const create = (path: string) => call(gitlab, 'rachel', 'POST', path, { name: 'bug', color: '#000000' });

    for (const answer of [await create('/groups/acme/labels'), await create(`${SUB}/labels`)]) {
      expect(answer.status).toBe(409);
      expect(answer.body).toEqual({ message: 'Label already exists' });
    }
    expect(
      (await call(gitlab, 'rachel', 'POST', `${SUB}/labels`, { name: 'BUG', color: '#000' })).status,
    ).toBe(201);
  });

  it('are listed with those of the ancestors unless told otherwise', async () => {
    await call(gitlab, 'rachel', 'POST', `${SUB}/labels`, { name: 'a', color: '#000000' });
    const names = async (query: string) =>
      (await call(gitlab, 'gus', 'GET', `${SUB}/labels${query}`)).body.map(
        (label: { name: string }) => label.name,
      );

    expect(await names('')).toEqual(['a', 'bug']);
    expect(await names('?include_ancestor_groups=false')).toEqual(['a']);
  });

  it('with a bad colour or title are refused by attribute', async () => {
    const { status, body } = await call(gitlab, 'rachel', 'POST', `${SUB}/labels`, {
      name: 'a,b',
      color: 'nocolor',
    });

    expect(status).toBe(400);
    expect(body).toEqual({ message: { color: ['must be a valid color code'], title: ['is invalid'] } });
  });

  it('need a Reporter', async () => {
    const create = (user: string) =>
      call(gitlab, user, 'POST', '/groups/acme/labels', { name: `by ${user}`, color: '#000000' });

    expect((await create('gus')).status).toBe(403);
    expect((await create('sam')).body).toEqual({ message: '403 Forbidden' });
    expect((await create('rachel')).status).toBe(201);
  });
});

describe('milestones', () => {
  it('start active and can be closed', async () => {
    const created = await call(gitlab, 'rachel', 'POST', `${SUB}/milestones`, {
      title: 'v1',
      start_date: '2030-01-01',
      due_date: '2030-02-01',
    });
    const closed = await call(gitlab, 'rachel', 'PUT', `${SUB}/milestones/${created.body.id}`, {
      state_event: 'close',
    });

    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      iid: 1,
      state: 'active',
      start_date: '2030-01-01',
      due_date: '2030-02-01',
    });
    expect(closed.body).toMatchObject({ state: 'closed', title: 'v1', due_date: '2030-02-01' });
    expect(gitlab.group('acme/sub')?.milestones[0]?.state).toBe('closed');
  });

  it('conflict inside their own group only, with a sentence around a Ruby hash', async () => {
    const { status, body } = await call(gitlab, 'rachel', 'POST', '/groups/acme/milestones', { title: 'v1' });

    expect(status).toBe(400);
    expect(body).toEqual({
      message:
        'Failed to create milestone {:title=>["already being used for another group or project milestone."]}',
    });
  });

  it('can be created under a title which another one gave up', async () => {
    const id = gitlab.group('acme')?.milestones[0]?.id;
    await call(gitlab, 'rachel', 'PUT', `/groups/acme/milestones/${id}`, { title: 'v2' });

    expect((await call(gitlab, 'rachel', 'POST', '/groups/acme/milestones', { title: 'v2' })).status).toBe(
      400,
    );
    expect((await call(gitlab, 'rachel', 'POST', '/groups/acme/milestones', { title: 'v1' })).status).toBe(
      201,
    );
  });

  it('are listed by due date and filtered by state', async () => {
    const all = await call(gitlab, 'gus', 'GET', '/groups/acme/milestones');
    const active = await call(gitlab, 'gus', 'GET', '/groups/acme/milestones?state=active');

    expect(all.body.map((milestone: { title: string }) => milestone.title)).toEqual(['v0', 'v1']);
    expect(active.body.map((milestone: { title: string }) => milestone.title)).toEqual(['v1']);
  });

  it('refuse an update without attributes, an unknown event and an unknown id', async () => {
    const put = (id: unknown, body: unknown) =>
      call(gitlab, 'rachel', 'PUT', `/groups/acme/milestones/${id}`, body);
    const id = gitlab.group('acme')?.milestones[0]?.id;

    expect((await put(id, {})).body.error).toContain('at least one parameter must be provided');
    expect((await put(id, { state_event: 'open' })).body).toEqual({
      error: 'state_event does not have a valid value',
    });
    expect((await put(1, { title: 'x' })).body).toEqual({ message: '404 Not found' });
    expect(gitlab.takeUndeclared()).toHaveLength(2);
  });
});

describe('badges', () => {
  const badge = {
    name: 'ci',
    link_url: 'https://ci.example/%{project_path}',
    image_url: 'https://img.example',
  };

  it('have no uniqueness, so a repeated request makes a duplicate', async () => {
    await call(gitlab, 'olivia', 'POST', '/groups/acme/badges', badge);
    const second = await call(gitlab, 'olivia', 'POST', '/groups/acme/badges', badge);

    expect(second.status).toBe(201);
    expect(second.body).toMatchObject({ ...badge, kind: 'group' });
    expect((await call(gitlab, 'gus', 'GET', '/groups/acme/badges')).body).toHaveLength(2);
  });

  it('need an Owner and web addresses', async () => {
    const bad = await call(gitlab, 'olivia', 'POST', '/groups/acme/badges', {
      ...badge,
      link_url: 'ftp://x',
    });

    expect((await call(gitlab, 'rachel', 'POST', '/groups/acme/badges', badge)).status).toBe(403);
    expect(bad.status).toBe(400);
    expect(bad.body.message).toHaveProperty('link_url');
  });
});
