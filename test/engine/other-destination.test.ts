import { expect, it } from 'vitest';
import { singleLabels as labelsRelation } from '../support/gitlab/single-labels.ts';
import { ACME, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const labels = handlerOf(labelsRelation);

useTableInMemory();

it('a pipeline waits and sends nothing while the service has another destination, however often it is run', async () => {
  const other = await startBench();
  const bench = await startBench();
  bench.addPair({ labels: [{ title: 'bug' }] });
  const migration = await bench.migration('labels', ACME);
  const own = process.env.DESTINATION_GITLAB_URL;
  process.env.DESTINATION_GITLAB_URL = other.destination.url;
  const before = await migration.tracker();

  for (let run = 0; run < 12; run++) {
    expect(await migration.run(labels)).toEqual({ status: 'wait', waitSeconds: 900 });
  }

  expect(await migration.tracker()).toEqual(before);
  expect([bench.source, bench.destination, other.destination].map(({ requests }) => requests.length)).toEqual(
    [0, 0, 0],
  );
  // The same URL, written in another way.
  process.env.DESTINATION_GITLAB_URL = `${own?.toUpperCase().replace('HTTP', 'http')}/`;
  expect(await migration.run(labels)).toEqual(FINISHED);
  expect(bench.destination.group('acme')?.labels).toHaveLength(1);
});
