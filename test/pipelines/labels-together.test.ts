import { expect, it } from 'vitest';
import { labels } from '../../lambdas/pipelines/labels.ts';
import { requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { ACME, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

const handler = handlerOf(labels);
const DOCUMENT = {
  path: '/graphql',
  where: ({ body }: { body: unknown }) => JSON.stringify(body).includes('labelCreate'),
};

async function startLabels(count: number) {
  const bench = await startBench();
  const group = bench.addPair({
    labels: Array.from({ length: count }, (_, index) => ({ title: `label-${index}`, description: 'text' })),
  });
  return { bench, group, migration: await bench.migration('labels', ACME) };
}

it('labels are created forty at a time', async () => {
  const { bench, group, migration } = await startLabels(81);

  expect(await migration.run(handler)).toEqual(FINISHED);

  expect(group.labels).toHaveLength(81);
  expect(requestsTo(bench.destination, DOCUMENT)).toHaveLength(3);
  expect(requestsTo(bench.destination, { method: 'POST', path: '/labels' })).toEqual([]);
  expect((await migration.tracker()).counts).toMatchObject({ source: 81, imported: 81, failed: 0 });
});

it('labels whose document got no answer are looked up, and not made twice', async () => {
  const { bench, group, migration } = await startLabels(40);
  setFault(bench.destination, { ...DOCUMENT, nth: 1 }, { kind: 'drop-after' });

  expect(await migration.run(handler)).toEqual(FINISHED);

  expect(group.labels).toHaveLength(40);
  expect(requestsTo(bench.destination, DOCUMENT)).toHaveLength(1);
  expect((await migration.tracker()).counts).toMatchObject({ source: 40, imported: 40, failed: 0 });
});
