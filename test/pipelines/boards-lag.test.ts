import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { boards } from '../../lambdas/pipelines/boards.ts';
import type { SampleBoardSeed } from '../../lib/gitlab-simulator/model.ts';
import type { Fault, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refused, requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { FINISHED, handlerOf } from '../support/service/pipeline-bench.ts';
import { setDestinationGroup } from '../support/table/entity-records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { shownBy, startBoards } from './boards-bench.ts';

/** A GitLab that reads from replicas may not know yet what it was told a moment ago. */

useTableInMemory();

const handler = handlerOf(boards);
const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const TEAMS: SampleBoardSeed[] = [
  { name: 'Team', lists: [{ label: 'doing' }] },
  { name: 'Team', lists: [{ label: 'doing' }] },
];
const SCOPED = TEAMS.map(board => ({ ...board, weight: 3 }));
const DOCUMENT = {
  path: '/graphql',
  where: ({ body }: SampleRequest) => JSON.stringify(body).includes('createBoard'),
};
const UNKNOWN =
  "The resource that you are attempting to access does not exist or you don't have permission to perform this action";
/** What GitLab answers to a document of mutations of which it does not see the group, for so many of them. */
const notShown = (...aliases: string[]): Fault => ({
  kind: 'respond',
  status: 200,
  body: JSON.stringify({
    data: Object.fromEntries(aliases.map(alias => [alias, null])),
    errors: aliases.map(alias => ({ message: UNKNOWN, path: [alias] })),
  }),
});

/** A group that this import has made a minute ago. */
async function startNewGroup(boards: SampleBoardSeed[]) {
  const { bench, group, migration } = await startBoards(boards);
  const createdAt = new Date(Date.now() - MINUTE).toISOString();
  const id = { id: migration.entityId, importId: migration.importId };
  await setDestinationGroup(id, { id: group.id, fullPath: 'acme' }, createdAt);
  return { bench, group, migration };
}

const ALL = [
  ['Team', 'doing'],
  ['Team', 'doing'],
];

it.each([
  ['together', TEAMS, notShown('m0', 'm1')],
  ['alone', SCOPED, notShown('m0')],
])(
  'boards of a group that is not shown yet are waited for, and made as they would be: %s',
  async (...[, boards, fault]) => {
    const { bench, group, migration } = await startNewGroup(boards);
    setFault(bench.destination, { ...DOCUMENT, nth: 1 }, fault);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(shownBy(group)).toEqual(ALL);
    expect(await migration.failures()).toEqual([]);
    expect(bench.pauses).toHaveLength(1);
    const documents = requestsTo(bench.destination, DOCUMENT);
    expect(documents.map(({ body }) => body)).toEqual([documents[0]?.body, documents[0]?.body]);
  },
);

it('a group that is never shown is told of in plain words', async () => {
  const { bench, migration } = await startNewGroup(TEAMS);
  setFault(bench.destination, DOCUMENT, notShown('m0', 'm1'));
  expect(await migration.run(handler)).toMatchObject({ status: 'wait' });
  expect((await migration.tracker()).waiting).toMatchObject({ instance: 'destination', reason: 'replica' });

  vi.setSystemTime(Date.now() + 5 * MINUTE);

  expect(await migration.run(handler)).toEqual(FINISHED);
  const failures = await migration.failures();
  expect(failures.map(({ sourceTitle }) => sourceTitle)).toEqual(['Team', 'Team']);
  expect(failures[0]?.exceptionMessage).toBe(
    `The destination GitLab refused to create the first board: ${UNKNOWN}. Check what the destination token's user may do there.`,
  );
});

it.each([
  ['columns', { method: 'PUT', path: /\/boards\/\d+$/ } as const],
  ['lists', { method: 'POST', path: '/lists' } as const],
])('a board that is not known yet when it gets its %s is waited for', async (_, request) => {
  const { bench, group, migration } = await startNewGroup(
    SCOPED.map(board => ({ ...board, hideClosedList: true })),
  );
  setFault(bench.destination, { ...request, nth: 1 }, refused(404, '404 Not found'));

  expect(await migration.run(handler)).toEqual(FINISHED);

  expect(shownBy(group)).toEqual(ALL);
  expect(await migration.failures()).toEqual([]);
});

it('a board that is not shown after it was made is not made again', async () => {
  const { bench, group, migration } = await startNewGroup(SCOPED);
  let isBehind = true;
  bench.destination.onRequest = ({ method, path }) => {
    if (!isBehind) return undefined;
    if (method === 'GET' && path.endsWith('/boards')) return { kind: 'respond', status: 200, body: '[]' };
    return method !== 'GET' && /\/boards\/\d+/.test(path) ? refused(404, '404 Not found') : undefined;
  };

  expect(await migration.run(handler)).toMatchObject({ status: 'wait' });
  expect(group.boards).toHaveLength(1);
  isBehind = false;
  vi.setSystemTime(Date.now() + 6 * MINUTE);

  expect(await migration.run(handler)).toEqual(FINISHED);
  expect(shownBy(group)).toEqual(ALL);
  expect(await migration.failures()).toEqual([]);
});
