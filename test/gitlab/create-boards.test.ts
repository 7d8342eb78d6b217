import { beforeEach, describe, expect, it } from 'vitest';
import { allBoards, isPremiumBoard } from '../../lambdas/gitlab/api/boards.ts';
import {
  createBoardLists,
  createBoards,
  isSecondBoardRefused,
  type NewBoard,
} from '../../lambdas/gitlab/api/create-boards.ts';
import type { Created } from '../../lambdas/gitlab/api/created-records.ts';
import type { GitLabClient } from '../../lambdas/gitlab/client.ts';
import { TemporaryError } from '../../lambdas/gitlab/errors.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { SampleGitLab, SampleGitLabOptions } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { errorOf } from '../support/gitlab/gitlab-client.ts';
import { clientOf, startedGitLab } from '../support/gitlab/started-gitlab.ts';

const FREE = { edition: 'free' } as const;
const COMMUNITY = { version: '17.11.2', edition: 'free' } as const;

let gitlab: SampleGitLab;
let client: GitLabClient;
let group: SampleGroup;

async function start(options: SampleGitLabOptions = {}) {
  gitlab = await startedGitLab(['ann', 'ben'], options);
  group = gitlab.addGroup({
    name: 'Acme',
    path: 'acme',
    labels: [{ title: 'doing' }, { title: 'a, b' }],
    milestones: [{ title: 'v1' }],
    members: [
      { username: 'ann', accessLevel: 50 },
      { username: 'ben', accessLevel: 20 },
    ],
  });
  client = clientOf('ann', gitlab.url);
}
beforeEach(() => start());

const recordsOf = <T>(created: Created<T>[]): T[] =>
  created.map(one => {
    if (one.kind === 'created') return one.record;
    throw new Error(`It was ${one.kind}.`);
  });
const idOf = (title: string) => group.labels.find(label => label.title === title)?.id ?? 0;
const ben = () => gitlab.userId('ben') ?? 0;
const boards = (count: number, scope?: NewBoard['scope']) =>
  Array.from({ length: count }, (_, index) => ({ name: `Board ${index}`, ...(scope && { scope }) }));

describe('boards', () => {
  it('are made in one request, in their order, with hidden columns', async () => {
    const created = await createBoards(client, 'acme', [
      { name: 'Team', hide_backlog_list: true, hide_closed_list: false },
      { name: 'Team' },
    ]);

    const [first, second] = group.boards;
    expect(recordsOf(created)).toEqual([
      { id: first?.id, name: 'Team', hide_backlog_list: true, hide_closed_list: false, lists: [] },
      { id: second?.id, name: 'Team', hide_backlog_list: false, hide_closed_list: false, lists: [] },
    ]);
    expect(gitlab.requests).toHaveLength(1);
  });

  it('get a scope in the same request, and are shown as REST shows them', async () => {
    const scope = {
      label_ids: [idOf('a, b'), idOf('doing')],
      milestone_id: group.milestones[0]?.id ?? 0,
      assignee_id: ben(),
      weight: 0,
    };
    const created = await createBoards(client, 'acme', [
      { name: 'All', scope },
      { name: 'Started', scope: { milestone_id: -3 } },
    ]);
    const made = gitlab.requests.length;

    expect(recordsOf(created)).toEqual(await allBoards(client, group.id));
    expect(made).toBe(1);
    expect(group.boards[0]).toMatchObject({
      labels: [{ title: 'a, b' }, { title: 'doing' }],
      milestone: { title: 'v1' },
      assignee: { username: 'ben' },
      weight: 0,
    });
    expect(group.boards[1]?.milestone).toMatchObject({ title: 'Started' });
  });

  it.each([FREE, COMMUNITY])('are one where the licence allows no other: %o', async options => {
    await start(options);

    const created = await createBoards(client, 'acme', boards(2));

    expect(created.map(({ kind }) => kind)).toEqual(['created', 'refused']);
    expect(created.map(isSecondBoardRefused)).toEqual([false, true]);
    expect(group.boards.map(({ name }) => name)).toEqual(['Board 0']);
    expect(isPremiumBoard(recordsOf(created.slice(0, 1))[0] as never)).toBe(false);
  });

  it('show that the licence has no scopes', async () => {
    await start(FREE);

    const [board] = recordsOf(await createBoards(client, 'acme', boards(1, { weight: 3 })));

    expect(board).toMatchObject({ weight: null, labels: [], milestone: null });
  });

  it('with a scope are refused as a whole by the Community Edition', async () => {
    await start(COMMUNITY);

    const created = await createBoards(client, 'acme', [...boards(1), ...boards(1, { weight: 3 })]);

    expect(created.map(({ kind }) => kind)).toEqual(['document_refused', 'document_refused']);
    expect(group.boards).toEqual([]);
    expect(gitlab.takeUndeclared().join()).toContain("Field 'weight' doesn't exist on type 'Board'");
  });

  it('that are refused name the attribute', async () => {
    const created = await createBoards(client, 'acme', [{ name: ' ' }, { name: 'b' }]);

    expect(created).toMatchObject([
      { kind: 'refused', attributes: new Map([['name', "can't be blank"]]) },
      { kind: 'created' },
    ]);
    expect(created.map(isSecondBoardRefused)).toEqual([false, false]);
  });

  it('that lack a right are no second boards', async () => {
    const created = await createBoards(client, 'gone', boards(1));

    expect(created).toMatchObject([{ kind: 'refused', attributes: new Map() }]);
    expect(created.map(isSecondBoardRefused)).toEqual([false]);
  });

  it.each([
    [31, undefined, 2],
    [11, { weight: 1 }, 2],
  ])(
    'are %i in as many documents as a user may have computed: with a scope of %o',
    async (count, scope, sent) => {
      const created = await createBoards(client, 'acme', boards(count, scope));

      expect(recordsOf(created).map(({ name }) => name)).toEqual(boards(count).map(({ name }) => name));
      expect(gitlab.requests).toHaveLength(sent);
    },
  );

  it('whose answer was lost are thrown to be looked up', async () => {
    gitlab.onRequest = () => ({ kind: 'drop-after' });

    expect(await errorOf(createBoards(client, 'acme', boards(2)))).toBeInstanceOf(TemporaryError);
    expect(group.boards).toHaveLength(2);
    expect(gitlab.requests).toHaveLength(1);
  });
});

describe('board lists', () => {
  const boardId = () => group.boards[0]?.id ?? 0;
  const doing = () => ({
    board: { id: boardId(), name: 'a' },
    scope: { label_id: idOf('doing') },
    title: 'doing',
  });

  async function startWithBoards(options: SampleGitLabOptions = {}) {
    await start(options);
    await createBoards(client, 'acme', boards(options.edition === 'free' ? 1 : 2));
    gitlab.requests.length = 0;
  }

  it('of several boards are added in one request, in their order', async () => {
    await startWithBoards();
    const milestone_id = group.milestones[0]?.id ?? 0;

    const created = await createBoardLists(client, [
      doing(),
      {
        board: { id: group.boards[1]?.id ?? 0, name: 'a' },
        scope: { label_id: idOf('a, b') },
        title: 'a, b',
      },
      { board: { id: boardId(), name: 'a' }, scope: { milestone_id }, title: 'v1' },
      { board: { id: boardId(), name: 'a' }, scope: { assignee_id: ben() }, title: 'ben' },
    ]);

    expect(recordsOf(created)).toEqual([
      expect.objectContaining({ position: 0, label: { id: idOf('doing'), name: 'doing' }, milestone: null }),
      expect.objectContaining({ position: 0, label: { id: idOf('a, b'), name: 'a, b' } }),
      expect.objectContaining({ position: 1, milestone: { id: milestone_id, title: 'v1' }, label: null }),
      expect.objectContaining({ position: 2, assignee: { id: ben(), username: 'ben' } }),
    ]);
    expect(recordsOf(created).map(({ id }) => id)).toEqual(
      [0, 1, 0, 0].map((board, index) => group.boards[board]?.lists[[0, 0, 1, 2][index] ?? 0]?.id),
    );
    expect(gitlab.requests).toHaveLength(1);
  });

  it.each([COMMUNITY, { version: '14.0.0', edition: 'free' } as const])(
    'of labels are added by %o',
    async options => {
      await startWithBoards(options);

      expect(recordsOf(await createBoardLists(client, [doing()]))).toMatchObject([
        { label: { name: 'doing' }, position: 0 },
      ]);
    },
  );

  it('that are there already are taken, and those that show nothing are refused', async () => {
    await startWithBoards();

    const created = await createBoardLists(client, [
      doing(),
      doing(),
      { board: { id: boardId(), name: 'a' }, scope: { label_id: 999_999_999 }, title: 'gone' },
      { board: { id: 999_999_999, name: 'a' }, scope: { label_id: idOf('doing') }, title: 'doing' },
    ]);

    expect(created.map(({ kind }) => kind)).toEqual(['created', 'taken', 'refused', 'refused']);
    expect(created[2]).toMatchObject({ attributes: new Map([['label_id', 'not found']]) });
    expect(created[3]).toMatchObject({ attributes: new Map() });
  });

  it('of milestones need a licence, and those of labels do not', async () => {
    await startWithBoards(FREE);
    const milestone_id = group.milestones[0]?.id ?? 0;

    const created = await createBoardLists(client, [
      { board: { id: boardId(), name: 'a' }, scope: { milestone_id }, title: 'v1' },
      doing(),
    ]);

    expect(created).toMatchObject([
      { kind: 'refused', error: { reason: 'Milestone lists not available with your current license' } },
      { kind: 'created' },
    ]);
  });

  it.each([
    [31, 'label_id'],
    [18, 'assignee_id'],
  ] as const)('are %i of a %s in two documents', async (count, kind) => {
    await startWithBoards();
    const scope = { [kind]: kind === 'label_id' ? idOf('doing') : ben() } as { label_id: number };

    const created = await createBoardLists(
      client,
      Array.from({ length: count }, () => ({ board: { id: boardId(), name: 'a' }, scope, title: '' })),
    );

    expect(created.map(one => one.kind)).toEqual(['created', ...Array(count - 1).fill('taken')]);
    expect(gitlab.requests).toHaveLength(2);
  });
});
