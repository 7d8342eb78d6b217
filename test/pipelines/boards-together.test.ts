import { afterEach, describe, expect, it, vi } from 'vitest';
import { boards } from '../../lambdas/pipelines/boards.ts';
import type { SampleBoardSeed } from '../../lib/gitlab-simulator/model.ts';
import type { SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refused, requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { FINISHED, handlerOf } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { shownWithColumn, startBoards } from './boards-bench.ts';

useTableInMemory();
afterEach(() => {
  vi.useRealTimers();
});

const handler = handlerOf(boards);
const documentOf = (mutation: string) => ({
  path: '/graphql',
  where: ({ body }: SampleRequest) => JSON.stringify(body).includes(mutation),
});
const BOARDS = documentOf('createBoard');
const LISTS = documentOf('boardListCreate');

const TWINS: SampleBoardSeed[] = [
  { name: 'Team', lists: [{ label: 'review' }, { label: 'doing' }] },
  { name: 'Team', lists: [{ label: 'doing' }], hideBacklogList: true },
  { name: 'Other' },
];

const ALL_TWINS = [
  ['Team', false, 'review', 'doing'],
  ['Team', true, 'doing'],
  ['Other', false],
];

it('boards with lists of labels take two documents, a look at the boards and one at the labels', async () => {
  const { bench, group, migration } = await startBoards(TWINS);

  expect(await migration.run(handler)).toEqual(FINISHED);

  expect(shownWithColumn(group)).toEqual(ALL_TWINS);
  expect(bench.destination.requests.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`)).toEqual(
    ['GET boards', 'POST graphql', 'GET labels', 'POST graphql'],
  );
  expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 3, failed: 0 });
});

it('a destination is asked nothing where the source has no boards', async () => {
  const { bench, migration } = await startBoards([]);

  await migration.run(handler);

  expect(bench.destination.requests).toEqual([]);
});

describe.each([
  ['boards', BOARDS],
  ['lists', LISTS],
] as const)('a document of %s', (_, pattern) => {
  it.each(['drop-before', 'drop-after'] as const)(
    'that got no answer (%s) makes nothing twice, and twins keep their lists',
    async kind => {
      const { bench, group, migration } = await startBoards(TWINS);
      setFault(bench.destination, { ...pattern, nth: 1 }, { kind });

      // Boards that are not to be seen may still be made.
      if (pattern === BOARDS && kind === 'drop-before') {
        expect(await migration.run(handler)).toMatchObject({ status: 'wait' });
        vi.useFakeTimers({ toFake: ['Date'] });
        vi.setSystemTime(Date.now() + 6 * 60_000);
      }
      expect(await migration.run(handler)).toEqual(FINISHED);

      expect(shownWithColumn(group)).toEqual(ALL_TWINS);
      expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 3, failed: 0 });
    },
  );

  it('whose answer cannot be read is looked up, and nothing is made twice', async () => {
    const { bench, group, migration } = await startBoards(TWINS);
    setFault(
      bench.destination,
      { ...pattern, nth: 1 },
      { kind: 'respond-after', status: 200, body: '{"data":{}}' },
    );

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(shownWithColumn(group)).toEqual(ALL_TWINS);
    expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 3, failed: 0 });
  });

  it('that is refused is followed by single requests', async () => {
    const { bench, group, migration } = await startBoards(TWINS);
    setFault(bench.destination, { ...pattern, nth: 1 }, refused(400, 'Too complex'));

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(shownWithColumn(group)).toEqual(ALL_TWINS);
    expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 3, failed: 0 });
  });
});

it('a board that a document refuses is made alone, which says why, and the others count once', async () => {
  const { bench, group, migration } = await startBoards([{ name: 'A' }, { name: ' ' }, { name: 'C' }]);

  await migration.run(handler);

  expect(shownWithColumn(group).map(([name]) => name)).toEqual(['A', 'C']);
  expect(requestsTo(bench.destination, { method: 'POST', path: '/boards' })).toHaveLength(1);
  expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 2, failed: 1 });
  expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage)).toEqual([
    expect.stringContaining("refused to create the board: 400 name can't be blank"),
  ]);
});

it('a list that shows something else than asked for is a failure of its board alone', async () => {
  const { bench, group, migration } = await startBoards([{ name: 'A', lists: [{ label: 'doing' }] }]);
  const list = {
    id: 'gid://gitlab/List/1',
    position: 0,
    label: { id: 'gid://gitlab/GroupLabel/4711', title: 'x' },
  };
  const body = JSON.stringify({ data: { m0: { list, errors: [] } } });
  setFault(bench.destination, LISTS, { kind: 'respond-after', status: 200, body });

  await migration.run(handler);

  expect(group.boards[0]?.lists).toHaveLength(1);
  expect(requestsTo(bench.destination, { method: 'POST', path: '/lists' })).toEqual([]);
  expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage)).toEqual([
    "The board was made, but not all of it: the list of label 'doing' was made and shows something else. Add what is missing by hand.",
  ]);
});

it('labels that cannot be read are a failure of each board that has lists, and make none twice', async () => {
  const { bench, group, migration } = await startBoards(TWINS);
  setFault(bench.destination, { method: 'GET', path: '/labels' }, refused(403, '403 Forbidden'));

  await migration.run(handler);

  expect(group.boards).toHaveLength(3);
  expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 1, failed: 2 });
});
