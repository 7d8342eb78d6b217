import { describe, expect, it } from 'vitest';
import { boards } from '../../lambdas/pipelines/boards.ts';
import { refused, requestsTo, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import { ACME, CORRELATION_ID, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { LABELS, shownBy, startBoards } from './boards-bench.ts';

const handler = handlerOf(boards);

useTableInMemory();

describe('the boards pipeline', () => {
  it('moves boards with their label lists in order and their hidden columns', async () => {
    const { group, migration } = await startBoards([
      { name: 'Development', lists: [{ label: 'review' }, { label: 'doing' }] },
      { name: 'Support', hideBacklogList: true, hideClosedList: true },
    ]);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(shownBy(group)).toEqual([['Development', 'review', 'doing'], ['Support']]);
    expect(group.boards).toEqual([
      expect.objectContaining({ hideBacklogList: false, hideClosedList: false }),
      expect.objectContaining({ hideBacklogList: true, hideClosedList: true }),
    ]);
    expect((await migration.tracker()).counts).toEqual({
      source: 2,
      fetched: 2,
      imported: 2,
      skipped: 0,
      failed: 0,
      skips: {},
    });
    expect((await migration.entity()).stats).toMatchObject({
      boards: { source: 2, fetched: 2, imported: 2 },
    });
  });

  it('keeps boards of the same name apart', async () => {
    const { group, migration } = await startBoards([
      { name: 'Team', lists: [{ label: 'doing' }] },
      { name: 'Team', lists: [{ label: 'review' }] },
    ]);

    await migration.run(handler);

    expect(shownBy(group)).toEqual([
      ['Team', 'doing'],
      ['Team', 'review'],
    ]);
  });

  it('adds what a board of the same name at the destination lacks', async () => {
    const bench = await startBench();
    const lists = [{ label: 'doing' }, { label: 'review' }];
    bench.source.addGroup({ name: 'Acme', path: 'acme', ...LABELS, boards: [{ name: 'Team', lists }] });
    const group = bench.addDestinationGroup({
      name: 'Acme',
      path: 'acme',
      ...LABELS,
      boards: [{ name: 'Team', lists: [{ label: 'review' }] }],
    });
    const migration = await bench.migration('boards', ACME);

    await migration.run(handler);

    expect(shownBy(group)).toEqual([['Team', 'review', 'doing']]);
  });

  it('changes nothing when it runs again', async () => {
    const { bench, group, migration } = await startBoards([
      { name: 'Team', lists: [{ label: 'doing' }], hideClosedList: true },
      { name: 'Team', lists: [{ label: 'review' }], labels: ['backend'], weight: 3 },
    ]);
    await migration.run(handler);
    const before = structuredClone(group);
    const writes = () => bench.destination.requests.filter(({ method }) => method === 'PUT').length;
    const writesBefore = writes();
    const again = await bench.migration('boards', ACME);

    await again.run(handler);

    expect(group).toEqual(before);
    expect(writes()).toBe(writesBefore);
    expect((await again.tracker()).counts).toMatchObject({ source: 2, imported: 2, failed: 0 });
  });

  it.each([
    { lost: 'first board', method: 'POST', path: '/api/graphql', nth: 1 },
    { lost: 'second board', method: 'POST', path: '/boards', nth: 1 },
    { lost: 'list', method: 'POST', path: '/lists', nth: 2 },
    { lost: 'change of the columns', method: 'PUT', path: /\/boards\/\d+$/, nth: 1 },
  ] as const)('goes on after a $lost whose answer was lost', async ({ method, path, nth }) => {
    const { bench, group, migration } = await startBoards([
      { name: 'Team', lists: [{ label: 'doing' }, { label: 'review' }] },
      { name: 'Team', lists: [{ label: 'review' }], hideBacklogList: true, weight: 1 },
    ]);
    setFault(bench.destination, { method, path, nth }, { kind: 'drop-after' });

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(shownBy(group)).toEqual([
      ['Team', 'doing', 'review'],
      ['Team', 'review'],
    ]);
    expect(group.boards.map(({ hideBacklogList }) => hideBacklogList)).toEqual([false, true]);
    expect((await migration.tracker()).counts).toMatchObject({
      source: 2,
      fetched: 2,
      imported: 2,
      failed: 0,
    });
  });

  it('writes down the board that the destination refuses and makes the others', async () => {
    const { bench, group, migration } = await startBoards([
      { name: 'A' },
      { name: 'B' },
      { name: 'C', weight: 1 },
    ]);
    setFault(
      bench.destination,
      { method: 'POST', path: '/boards', nth: 1 },
      refused(400, { name: ['is too long'] }),
    );

    await migration.run(handler);

    expect(shownBy(group)).toEqual([['A'], ['C']]);
    expect((await migration.tracker()).counts).toEqual({
      source: 3,
      fetched: 3,
      imported: 2,
      skipped: 0,
      failed: 1,
      skips: {},
    });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'boards',
        step: 'loader',
        pipelineClass: 'BulkImports::Common::Pipelines::BoardsPipeline',
        exceptionClass: 'BulkImports::NetworkError',
        exceptionMessage:
          'The destination GitLab refused to create the board: 400 name is too long. Correct it at the source and import it again, or add it by hand.',
        correlationId: CORRELATION_ID,
        sourceTitle: 'B',
      }),
    ]);
  });

  it.each([
    { method: 'POST', path: '/boards' },
    { method: 'POST', path: '/lists' },
    { method: 'GET', path: '/boards' },
  ] as const)('waits when $method $path is throttled, and counts exactly after that', async fault => {
    const { bench, group, migration } = await startBoards([
      { name: 'A', lists: [{ label: 'doing' }] },
      { name: 'B', lists: [{ label: 'review' }], weight: 1 },
    ]);
    setFault(bench.destination, { ...fault, nth: 1 }, throttled(45));

    const results = [await migration.run(handler), await migration.run(handler)];

    expect(results).toEqual([{ status: 'wait', waitSeconds: 45 }, FINISHED]);
    expect(shownBy(group)).toEqual([
      ['A', 'doing'],
      ['B', 'review'],
    ]);
    expect((await migration.tracker()).counts).toMatchObject({
      source: 2,
      fetched: 2,
      imported: 2,
      failed: 0,
    });
  });

  it('reads on after the 100 boards of a page', async () => {
    const boards = Array.from({ length: 101 }, (_, index) => ({ name: `Board ${index}` }));
    const { bench, group, migration } = await startBoards(boards);

    await migration.run(handler);

    expect(group.boards.map(({ name }) => name)).toEqual(boards.map(({ name }) => name));
    expect(requestsTo(bench.source, { path: '/boards' })).toHaveLength(2);
    expect((await migration.tracker()).counts).toMatchObject({ source: 101, fetched: 101, imported: 101 });
  });
});
