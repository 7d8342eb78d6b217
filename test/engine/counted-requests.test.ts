import { expect, it } from 'vitest';
import { setFault } from '../support/gitlab/gitlab-faults.ts';
import { singleLabels as labels } from '../support/gitlab/single-labels.ts';
import { ACME, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(labels);

useTableInMemory();

it('an entity knows how many requests its runs have sent to each GitLab', async () => {
  const bench = await startBench();
  bench.addPair({ labels: Array.from({ length: 130 }, (_, index) => ({ title: `label ${index}` })) });
  setFault(
    bench.destination,
    { method: 'POST', path: '/labels', nth: 7 },
    { kind: 'respond', status: 429, headers: { 'retry-after': '60' }, body: 'Retry later\n' },
  );
  const migration = await bench.migration('labels', ACME);
  const counted = async () => {
    const { sourceRequests, destinationRequests } = await migration.entity();
    return { source: sourceRequests, destination: destinationRequests };
  };
  const sent = () => ({
    source: bench.source.requests.length,
    destination: bench.destination.requests.length,
  });

  expect(await migration.run(handler)).toMatchObject({ status: 'wait' });
  expect(await counted()).toEqual(sent());

  expect(await migration.run(handler)).toMatchObject({ status: 'ended' });
  expect(await counted()).toEqual(sent());
  expect(sent().destination).toBeGreaterThan(130);
});
