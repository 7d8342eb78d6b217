import { beforeEach, describe, expect, it } from 'vitest';
import type { SampleTarget } from '../../lib/gitlab-simulator/by-hand.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, MEMBERS, startGitLab } from './api-client.ts';

let gitlab: SampleGitLab;

async function start(version: string): Promise<void> {
  gitlab = await startGitLab({ version });
  gitlab.addGroup({ name: 'Acme', path: 'acme', members: [...MEMBERS] });
  gitlab.addGroup({ name: 'Other', path: 'other', members: [...MEMBERS] });
  gitlab.addGroup({
    name: 'Team',
    path: 'team',
    parent: 'acme',
    labels: [{ title: 'bug' }],
    projects: [{ name: 'App', path: 'app' }],
  });
}
beforeEach(() => start('17.11.2-ee'));

function groupAt(fullPath: string) {
  const record = gitlab.group(fullPath);
  if (record === undefined) throw new Error(`There is no group '${fullPath}'.`);
  return { kind: 'group', record } satisfies SampleTarget;
}

function projectAt(fullPath: string) {
  const record = gitlab.project(fullPath);
  if (record === undefined) throw new Error(`There is no project '${fullPath}'.`);
  return { kind: 'project', record } satisfies SampleTarget;
}

const get = async (path: string) => {
  const { status, body } = await call(gitlab, 'olivia', 'GET', path);
  return { status, body: body as Record<string, unknown> };
};

/** All that the instance shows of its groups, to be the same again later. */
const shown = () => JSON.stringify(gitlab.groups().toSorted((a, b) => a.id - b.id));

describe('what people do with a group by hand', () => {
  it('renames it, with all that is inside', async () => {
    const before = shown();
    const putBack = gitlab.byHand.rename(groupAt('acme'), 'renamed');
    expect([gitlab.group('acme/team'), gitlab.project('renamed/team/app')?.name]).toEqual([undefined, 'App']);
    putBack();
    expect(shown()).toBe(before);
    expect(gitlab.project('acme/team/app')?.name).toBe('App');
  });

  it('moves it into another group', async () => {
    const before = shown();
    const team = groupAt('acme/team');
    const putBack = gitlab.byHand.move(team, groupAt('other').record);
    expect((await get(`/groups/${team.record.id}`)).body).toMatchObject({
      full_path: 'other/team',
      parent_id: gitlab.group('other')?.id,
    });
    expect((await get('/groups/acme/subgroups')).body).toEqual([]);
    putBack();
    expect(shown()).toBe(before);
  });

  it('deletes it for good, and brings it back as from a backup', async () => {
    const before = shown();
    const { id } = groupAt('acme').record;
    const putBack = gitlab.byHand.remove(groupAt('acme'));
    expect([(await get(`/groups/${id}`)).status, gitlab.group('acme/team')]).toEqual([404, undefined]);
    putBack();
    expect(shown()).toBe(before);
    expect((await get(`/groups/${id}`)).status).toBe(200);
    expect(gitlab.project('acme/team/app')?.name).toBe('App');
  });

  it.each([
    ['17.11.2-ee', 'acme'],
    ['18.2.0-ee', 'acme-deletion_scheduled-'],
  ])('schedules its deletion, which %s shows of it and not of what is inside', async (version, path) => {
    await start(version);
    const before = shown();
    const [acme, team] = [groupAt('acme').record, groupAt('acme/team').record];
    const putBack = gitlab.byHand.scheduleDeletion(groupAt('acme'));
    expect((await get(`/groups/${acme.id}`)).body).toMatchObject({
      full_path: expect.stringMatching(new RegExp(`^${path}`)),
      marked_for_deletion_on: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
    expect((await get(`/groups/${team.id}`)).body.marked_for_deletion_on).toBeNull();
    putBack();
    expect(shown()).toBe(before);
  });

  it('gives somebody another level', async () => {
    const acme = groupAt('acme').record;
    const putBack = gitlab.byHand.demote('olivia', gitlab.groups());
    expect((await call(gitlab, 'olivia', 'PUT', `/groups/${acme.id}`, { description: 'x' })).status).toBe(
      403,
    );
    putBack();
    expect((await call(gitlab, 'olivia', 'PUT', `/groups/${acme.id}`, { description: 'x' })).status).toBe(
      200,
    );
  });
});

describe('what people do with a project by hand', () => {
  it('renames it, moves it and deletes it', async () => {
    const app = projectAt('acme/team/app');
    const put = [gitlab.byHand.rename(app, 'web'), gitlab.byHand.move(app, groupAt('other').record)];
    expect(gitlab.project('other/web')).toBe(app.record);
    for (const putBack of put.toReversed()) putBack();
    const putBack = gitlab.byHand.remove(app);
    expect((await get(`/projects/${app.record.id}`)).status).toBe(404);
    putBack();
    expect(gitlab.project('acme/team/app')).toBe(app.record);
  });

  it('puts nothing back where something else stands', () => {
    const putBack = gitlab.byHand.rename(groupAt('acme'), 'renamed');
    gitlab.addGroup({ name: 'New', path: 'acme', members: [...MEMBERS] });
    expect(putBack).toThrow(/'acme' is taken/);
  });
});
