import { describe, expect, it } from 'vitest';
import { boards } from '../../lambdas/pipelines/boards.ts';
import type { SampleBoardSeed } from '../../lib/gitlab-simulator/model.ts';
import { type RequestPattern, requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { handlerOf } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { RICH, startPremiumBoards } from './boards-bench.ts';

const handler = handlerOf(boards);

useTableInMemory();

describe.each([
  ['the Community Edition', { version: '17.11.2' }],
  ['Free', { edition: 'free' }],
] as const)('a destination of %s', (_, options) => {
  it('is sent nothing that it would ignore or does not know', async () => {
    const {
      bench: { destination, source },
      migration,
    } = await startPremiumBoards([RICH, { name: 'Second' }], options);

    await migration.run(handler);

    const writes = destination.requests.filter(
      ({ method, path }) => method !== 'GET' && !path.endsWith('graphql'),
    );
    expect(writes.map(({ method, body }) => [method, body])).toEqual([
      ['POST', { label_id: expect.any(Number) }],
    ]);
    expect(requestsTo(source, { path: /\/users\/\d+$/ })).toEqual([]);
    const failures = await migration.failures();
    expect(failures.map(({ exceptionMessage }) => exceptionMessage).sort()).toEqual([
      "The board was made, but not all of it: its scope (milestone, assignee, labels, weight) needs GitLab Premium or Ultimate; the list of milestone '1.0' needs GitLab Premium or Ultimate; and 1 more. Add what is missing by hand.",
      'The destination has 1 board in this group and can have no other: more than one needs GitLab Premium or Ultimate.',
    ]);
  });
});

it('looks an assignee up once, however many lists and boards are theirs', async () => {
  const lists = [{ assignee: 'ada' }];
  const boards = ['A', 'B', 'C'].map(name => ({ name, assignee: 'ada', lists }));
  const {
    bench: { destination, source },
    migration,
  } = await startPremiumBoards(boards);

  await migration.run(handler);

  expect(await migration.failures()).toEqual([]);
  expect(requestsTo(source, { path: /\/users\/\d+$/ })).toHaveLength(1);
  expect(requestsTo(destination, { path: '/users' })).toHaveLength(1);
});

it('says that a label with a comma cannot be set as a scope, and sets the others', async () => {
  const {
    bench: { source },
    group,
    migration,
  } = await startPremiumBoards([{ name: 'Rich', labels: ['backend', 'doing'] }]);
  for (const label of [...(source.group('acme')?.labels ?? []), ...group.labels]) {
    if (label.title === 'doing') label.title = 'doing, done';
  }

  await migration.run(handler);

  expect(group.boards[0]?.labels.map(({ title }) => title)).toEqual(['backend']);
  expect((await migration.failures())[0]?.exceptionMessage).toContain(
    "its label 'doing, done' has a comma, with which the API takes none",
  );
});

describe('a board that is not shown as asked for is a failure', () => {
  const BOARD = { id: 1, name: 'Rich', labels: [], milestone: null, assignee: null, weight: null };

  it.each<[string, RequestPattern, object, SampleBoardSeed, string]>([
    [
      'columns',
      { method: 'PUT', path: /\/boards\/\d+$/, where: ({ body }) => 'hide_closed_list' in Object(body) },
      { ...BOARD, hide_closed_list: false },
      { name: 'Rich', hideClosedList: true, weight: 5 },
      "hide_closed_list is 'false' instead of 'true'",
    ],
    [
      'scope',
      { method: 'PUT', path: /\/boards\/\d+$/ },
      { ...BOARD, weight: 5 },
      { name: 'Rich', weight: 5, labels: ['backend'] },
      "its scope: labels is empty instead of 'backend'",
    ],
    [
      'list',
      { method: 'POST', path: '/lists' },
      { id: 1, position: 0, label: { id: 4711, name: 'other' } },
      { name: 'Rich', weight: 5, lists: [{ label: 'doing' }] },
      "the list of label 'doing' was made and shows something else",
    ],
  ])('%s', async (_, pattern, body, board, said) => {
    const {
      bench: { destination },
      migration,
    } = await startPremiumBoards([board]);
    setFault(destination, pattern, { kind: 'respond-after', status: 200, body: JSON.stringify(body) });

    await migration.run(handler);

    expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage)).toEqual([
      `The board was made, but not all of it: ${said}. Add what is missing by hand.`,
    ]);
    expect((await migration.tracker()).counts).toMatchObject({ imported: 0, failed: 1 });
  });

  it('name', async () => {
    const {
      bench: { destination },
      migration,
    } = await startPremiumBoards([{ name: 'First', weight: 5 }, { name: 'Rich' }]);
    const body = JSON.stringify({ ...BOARD, name: 'Other' });
    setFault(destination, { method: 'POST', path: '/boards' }, { kind: 'respond-after', status: 201, body });

    await migration.run(handler);

    expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage)).toEqual([
      "The board was made, but not all of it: name is 'Other' instead of 'Rich'. Add what is missing by hand.",
    ]);
  });
});

it('makes one first board, however long a replica does not show it', async () => {
  const {
    bench: { destination },
    group,
    migration,
  } = await startPremiumBoards([{ name: 'First', lists: [{ label: 'doing' }] }]);
  setFault(destination, { method: 'GET', path: '/boards' }, { kind: 'respond', status: 200, body: '[]' });

  const { status } = await migration.run(handler);

  expect(status).toBe('ended');
  expect(group.boards).toEqual([
    expect.objectContaining({ name: 'First', lists: [expect.objectContaining({ position: 0 })] }),
  ]);
  expect(await migration.failures()).toEqual([]);
});
