import { describe, expect, it } from 'vitest';
import type { SampleGitLab, SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { call, graphql, MEMBERS, startGitLab } from './api-client.ts';

async function startWithBoard(options: SampleGitLabOptions = {}): Promise<SampleGitLab> {
  const gitlab = await startGitLab(options);
  gitlab.addGroup({ name: 'Acme', path: 'acme', members: [...MEMBERS], labels: [{ title: 'parental' }] });
  gitlab.addGroup({
    name: 'Sub',
    path: 'sub',
    parent: 'acme',
    labels: [{ title: 'bug' }],
    milestones: [{ title: 'v1' }],
    boards: [{ name: 'Work', lists: [{ label: 'bug' }] }],
  });
  return gitlab;
}

const SUB = '/groups/acme%2Fsub';
const CREATE_BOARD = `mutation($input: CreateBoardInput!) {
  createBoard(input: $input) { board { id name } errors }
}`;

function boardPath(gitlab: SampleGitLab): string {
  return `${SUB}/boards/${gitlab.group('acme/sub')?.boards[0]?.id}`;
}

describe('boards on Premium', () => {
  it('are created without limit', async () => {
    const gitlab = await startWithBoard();

    const { status, body } = await call(gitlab, 'rachel', 'POST', `${SUB}/boards`, { name: 'Second' });

    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'Second', lists: [], labels: [], milestone: null, weight: null });
    expect(gitlab.group('acme/sub')?.boards).toHaveLength(2);
    expect((await call(gitlab, 'gus', 'POST', `${SUB}/boards`, { name: 'No' })).status).toBe(403);
  });

  it('are listed with their lists and the labels of those', async () => {
    const gitlab = await startWithBoard();

    const { body } = await call(gitlab, 'gus', 'GET', `${SUB}/boards`);

    expect(body).toMatchObject([
      { name: 'Work', group: { name: 'Sub' }, lists: [{ position: 0, label: { name: 'bug' } }] },
    ]);
  });

  it('can have a scope of labels, milestone, assignee and weight', async () => {
    const gitlab = await startWithBoard();
    const rachel = (await call(gitlab, 'rachel', 'GET', '/user')).body.id;

    const { body } = await call(gitlab, 'rachel', 'PUT', boardPath(gitlab), {
      name: 'Scoped',
      hide_backlog_list: true,
      labels: 'bug,parental,unknown',
      milestone_id: gitlab.group('acme/sub')?.milestones[0]?.id,
      assignee_id: rachel,
      weight: 3,
    });

    expect(body).toMatchObject({
      name: 'Scoped',
      hide_backlog_list: true,
      hide_closed_list: false,
      labels: [{ name: 'bug' }, { name: 'parental' }],
      milestone: { title: 'v1' },
      assignee: { username: 'rachel' },
      weight: 3,
    });
  });

  it('take lists by label, milestone and assignee, in order of creation', async () => {
    const gitlab = await startWithBoard();
    const rachel = (await call(gitlab, 'rachel', 'GET', '/user')).body.id;
    const post = (body: unknown) => call(gitlab, 'rachel', 'POST', `${boardPath(gitlab)}/lists`, body);

    const label = await post({ label_id: gitlab.group('acme')?.labels[0]?.id });
    const milestone = await post({ milestone_id: gitlab.group('acme/sub')?.milestones[0]?.id });
    const assignee = await post({ assignee_id: rachel });
    const lists = await call(gitlab, 'gus', 'GET', `${boardPath(gitlab)}/lists`);

    expect([label.status, milestone.status, assignee.status]).toEqual([201, 201, 201]);
    expect(lists.body).toMatchObject([
      { position: 0, label: { name: 'bug' } },
      { position: 1, label: { name: 'parental' } },
      { position: 2, label: null, milestone: { title: 'v1' } },
      { position: 3, label: null, assignee: { username: 'rachel' } },
    ]);
  });
});

describe('boards on Free', () => {
  it('are not created over REST, not even the first', async () => {
    const gitlab = await startWithBoard({ edition: 'free' });

    const { status, body } = await call(gitlab, 'olivia', 'POST', '/groups/acme/boards', { name: 'First' });

    expect(status).toBe(403);
    expect(body).toEqual({ message: '403 Forbidden' });
  });

  it('come into being over GraphQL as long as the group has none', async () => {
    const gitlab = await startWithBoard({ edition: 'free' });
    const create = () =>
      graphql(gitlab, 'rachel', CREATE_BOARD, { input: { groupPath: 'acme', name: 'First' } });

    const first = await create();
    const second = await create();

    expect(first.body.data.createBoard).toMatchObject({ board: { name: 'First' }, errors: [] });
    expect(first.body.data.createBoard.board.id).toBe(
      `gid://gitlab/Board/${gitlab.group('acme')?.boards[0]?.id}`,
    );
    expect(second.status).toBe(200);
    expect(second.body.data.createBoard).toEqual({
      board: null,
      errors: ["You don't have the permission to create a board for this resource."],
    });
    expect(gitlab.group('acme')?.boards).toHaveLength(1);
  });

  it('change name and hidden lists, and drop the scope', async () => {
    const gitlab = await startWithBoard({ edition: 'free' });

    const { status, body } = await call(gitlab, 'rachel', 'PUT', boardPath(gitlab), {
      name: 'New',
      hide_closed_list: true,
      weight: 3,
      labels: 'bug',
    });

    expect(status).toBe(200);
    expect(body).toMatchObject({ name: 'New', hide_closed_list: true });
    expect(body).not.toHaveProperty('weight');
    expect(gitlab.group('acme/sub')?.boards[0]).toMatchObject({ name: 'New', weight: null, labels: [] });
  });

  it('take label lists only', async () => {
    const gitlab = await startWithBoard({ edition: 'free' });
    const post = (body: unknown) => call(gitlab, 'rachel', 'POST', `${boardPath(gitlab)}/lists`, body);

    const label = await post({ label_id: gitlab.group('acme')?.labels[0]?.id });
    const milestone = await post({ milestone_id: gitlab.group('acme/sub')?.milestones[0]?.id });

    expect(label.status).toBe(201);
    expect(milestone.status).toBe(400);
    expect(milestone.body).toEqual({
      message: { error: 'Milestone lists not available with your current license' },
    });
  });
});

describe('board lists', () => {
  it('refuse an unknown and a repeated label', async () => {
    const gitlab = await startWithBoard();
    const post = (body: unknown) => call(gitlab, 'rachel', 'POST', `${boardPath(gitlab)}/lists`, body);

    const unknown = await post({ label_id: 1 });
    const repeated = await post({ label_id: gitlab.group('acme/sub')?.labels[0]?.id });

    expect([unknown.status, repeated.status]).toEqual([400, 400]);
    expect(unknown.body).toEqual({ message: { error: 'Label not found' } });
    expect(repeated.body).toEqual({ message: { error: 'Label has already been taken' } });
  });

  it('want exactly one thing to show', async () => {
    const gitlab = await startWithBoard();
    const post = (body: unknown) => call(gitlab, 'rachel', 'POST', `${boardPath(gitlab)}/lists`, body);

    expect((await post({})).body.error).toBe(
      'label_id, milestone_id, iteration_id, assignee_id are missing, exactly one parameter must be provided',
    );
    expect((await post({ label_id: 1, milestone_id: 2 })).body.error).toBe(
      'label_id, milestone_id are mutually exclusive',
    );
    expect(gitlab.takeUndeclared()).toHaveLength(2);
  });

  it('in the Community Edition know labels only, and boards cannot be created', async () => {
    const gitlab = await startWithBoard({ version: '17.11.2' });

    const list = await call(gitlab, 'rachel', 'POST', `${boardPath(gitlab)}/lists`, { milestone_id: 1 });
    const board = await call(gitlab, 'rachel', 'POST', `${SUB}/boards`, { name: 'x' });

    expect(list.body).toEqual({ error: 'label_id is missing' });
    expect(board.status).toBe(405);
    expect(gitlab.takeUndeclared()).toEqual([
      expect.stringContaining('label_id is missing'),
      expect.stringContaining("'milestone_id' is ignored (Enterprise Edition only)"),
    ]);
  });
});
