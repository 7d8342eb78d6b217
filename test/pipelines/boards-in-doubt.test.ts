import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { boards } from '../../lambdas/pipelines/boards.ts';
import type { SampleBoardSeed, SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import type { Fault, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { FINISHED, handlerOf, type Migration } from '../support/service/pipeline-bench.ts';
import { setTracker } from '../support/table/entity-records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { shownWithColumn, startBoards } from './boards-bench.ts';

/** GitLab takes a board of the same name, so one that may still be made by a lost request must not be sent again. */

useTableInMemory();

const handler = handlerOf(boards);
const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const PLAIN: SampleBoardSeed[] = [
  { name: 'Team', lists: [{ label: 'review' }] },
  { name: 'Team', lists: [{ label: 'doing' }], hideBacklogList: true },
  { name: 'Other' },
];
/** Not all of a document: the first is made by GraphQL all the same, and the others by REST. */
const SCOPED: SampleBoardSeed[] = PLAIN.map(board => ({ ...board, weight: 3 }));

/** The request that makes the first board, or the first of the others. */
const FIRST = {
  path: '/graphql',
  where: ({ body }: SampleRequest) => JSON.stringify(body).includes('createBoard'),
};
const FURTHER = { method: 'POST', path: '/boards' } as const;

const ALL = [
  ['Team', false, 'review'],
  ['Team', true, 'doing'],
  ['Other', false],
];

async function later(migration: Migration) {
  vi.setSystemTime(Date.now() + 6 * MINUTE);
  return migration.run(handler);
}

/** What a request does that was given up. */
function takeEffect(group: SampleGroup, ...names: string[]): void {
  for (const name of names) {
    group.boards.push({
      id: 900_000_000 + group.boards.length,
      name,
      hideBacklogList: false,
      hideClosedList: false,
      milestone: null,
      labels: [],
      assignee: null,
      weight: null,
      lists: [],
    });
  }
}

const { promise: never } = Promise.withResolvers<undefined>();
const LOST: Fault = { kind: 'drop-before' };
const HELD: Fault = { kind: 'hold', until: never };

it('a board in doubt fails alone once the outage has lasted too long, and those behind it are sent', async () => {
  const { bench, group, migration } = await startBoards(SCOPED);
  setFault(bench.destination, { ...FURTHER, nth: 1 }, LOST);
  await migration.run(handler);
  const { done, counts, unanswered } = await migration.tracker();
  const waited = { outage: { times: 9, seconds: 8_000 } };
  await setTracker(await migration.entity(), 'boards', { done, counts, unanswered, waited });

  expect(await migration.run(handler)).toEqual(FINISHED);

  expect(shownWithColumn(group)).toEqual([ALL[0], ALL[2]]);
  expect(await migration.failures()).toMatchObject([{ sourceTitle: 'Team' }]);
});

describe.each([
  { sent: 'by one document', seed: PLAIN, request: FIRST, made: ['Team', 'Team', 'Other'] },
  { sent: 'as the first of its group', seed: SCOPED, request: FIRST, made: ['Team'] },
  { sent: 'by a request of its own', seed: SCOPED, request: FURTHER, made: ['Team'] },
])('a board that was sent $sent and not answered', ({ seed, request, made }) => {
  it('is not sent again as long as it may still be made, and is found when it is', async () => {
    const { bench, group, migration } = await startBoards(seed);
    setFault(bench.destination, { ...request, nth: 1 }, LOST);

    const first = await migration.run(handler);
    expect(first.status).toBe('wait');
    expect(first.waitSeconds).toBeGreaterThan(290);
    takeEffect(group, ...made);

    expect(await later(migration)).toEqual(FINISHED);
    expect(shownWithColumn(group)).toEqual(ALL);
    expect(requestsTo(bench.destination, request)).toHaveLength(request === FURTHER ? 2 : 1);
    expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 3, failed: 0 });
    expect(await migration.failures()).toEqual([]);
  });

  it('is sent again when it was not made in that time', async () => {
    const { bench, group, migration } = await startBoards(seed);
    setFault(bench.destination, { ...request, nth: 1 }, LOST);
    await migration.run(handler);

    expect(await later(migration)).toEqual(FINISHED);

    expect(shownWithColumn(group)).toEqual(ALL);
  });

  it('is not sent by the run that takes over from one that has died with it', async () => {
    const { bench, group, migration } = await startBoards(seed);
    setFault(bench.destination, { ...request, nth: 1 }, HELD);
    void migration.run(handler).catch(() => undefined);
    await vi.waitUntil(() => requestsTo(bench.destination, request).length === 1);

    expect((await migration.run(handler)).status).toBe('wait');
    expect(requestsTo(bench.destination, request)).toHaveLength(1);
    takeEffect(group, ...made);

    expect(await later(migration)).toEqual(FINISHED);
    expect(shownWithColumn(group)).toEqual(ALL);
  });

  it('is made once where the run that has sent it goes on beside its successor', async () => {
    const { bench, group, migration } = await startBoards(seed);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    setFault(bench.destination, { ...request, nth: 1 }, { kind: 'hold', until: promise });
    const overtaken = migration.run(handler);
    await vi.waitUntil(() => requestsTo(bench.destination, request).length === 1);

    expect((await migration.run(handler)).status).toBe('wait');
    resolve(undefined);
    expect(await overtaken).toEqual(FINISHED);

    expect(await later(migration)).toEqual(FINISHED);
    expect(shownWithColumn(group)).toEqual(ALL);
    expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 3, failed: 0 });
  });
});

it('nothing is asked while it is waited, however often the service is restarted', async () => {
  const { bench, migration } = await startBoards(PLAIN);
  setFault(bench.destination, { ...FIRST, nth: 1 }, LOST);
  await migration.run(handler);
  const before = bench.destination.requests.length;

  for (let restart = 0; restart < 3; restart++) {
    vi.setSystemTime(Date.now() + 20_000);
    expect((await migration.runEarly(handler)).status).toBe('wait');
  }

  expect(bench.destination.requests).toHaveLength(before);
});

it('a board that was refused is not in doubt', async () => {
  const { bench, group, migration } = await startBoards(SCOPED);
  setFault(
    bench.destination,
    { ...FURTHER, nth: 1 },
    { kind: 'respond', status: 429, headers: { 'retry-after': '25' }, body: 'Retry later\n' },
  );

  expect(await migration.run(handler)).toEqual({ status: 'wait', waitSeconds: 25 });
  vi.setSystemTime(Date.now() + 26_000);
  expect(await migration.run(handler)).toEqual(FINISHED);

  expect(shownWithColumn(group)).toEqual(ALL);
});

it('a board is not in doubt where there can be one only, and there is one', async () => {
  const { bench, group, migration } = await startBoards(PLAIN, { edition: 'free' });
  setFault(bench.destination, { ...FIRST, nth: 1 }, { kind: 'drop-after' });

  expect(await migration.run(handler)).toEqual(FINISHED);

  expect(shownWithColumn(group)).toEqual(ALL.slice(0, 1));
  expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 1, failed: 2 });
});
