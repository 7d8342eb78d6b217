import { describe, expect, it } from 'vitest';
import { refused, setFault } from '../support/gitlab/gitlab-faults.ts';
import { singleLabels as labels } from '../support/gitlab/single-labels.ts';
import { ACME, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

const readOnly = handlerOf({ ...labels, create: async () => undefined });

async function startLabels(length: number) {
  const bench = await startBench();
  bench.addPair({
    labels: Array.from({ length }, (_, index) => ({ title: `label-${String(index).padStart(3, '0')}` })),
  });
  return { bench, migration: await bench.migration('labels', ACME) };
}

describe('a page that cannot be read', () => {
  it.each([
    [2, '150 of 250 records were not read.'],
    [3, '50 of 250 records were not read.'],
  ])('ends the pipeline at page %i, and its failure says that %s', async (page, unread) => {
    const { bench, migration } = await startLabels(250);
    setFault(
      bench.source,
      { path: '/labels', where: ({ query }) => query.get('page') === String(page) },
      refused(404, '404 Group Not Found'),
    );

    await migration.run(readOnly);

    expect((await migration.tracker()).counts).toMatchObject({
      source: 250,
      fetched: 250,
      imported: 100 * (page - 1),
      failed: 250 - 100 * (page - 1),
    });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        exceptionClass: 'BulkImports::NetworkError',
        exceptionMessage: `The source GitLab refused to list the labels: 404 Group Not Found. It does not exist, or the source token's user cannot see it. ${unread}`,
      }),
    ]);
  });

  it('says how many are unread, and what to do, however much the source says', async () => {
    const { bench, migration } = await startLabels(150);
    setFault(
      bench.source,
      { path: '/labels', where: ({ query }) => query.get('page') === '2' },
      refused(404, `404 ${'x'.repeat(180)}`),
    );

    await migration.run(readOnly);

    const [failure] = await migration.failures();
    expect(failure?.exceptionMessage.length).toBeLessThanOrEqual(255);
    expect(failure?.exceptionMessage).toMatch(
      /404 x+…\. It does not exist, or the source token's user cannot see it\. 50 of 150 records were not read\.$/,
    );
  });

  it('says nothing of records that were not announced', async () => {
    const { bench, migration } = await startLabels(1);
    setFault(bench.source, { path: '/labels' }, refused(404, '404 Group Not Found'));

    await migration.run(readOnly);

    const [failure] = await migration.failures();
    expect(failure?.exceptionMessage).not.toContain('were not read');
  });
});
