import { expect, it } from 'vitest';
import { onlyPage, type Relation } from '../../lambdas/engine/relation.ts';
import { runEntity } from '../../lambdas/engine/run-entity.ts';
import { laneOfGroups } from '../support/service/lane-of-groups.ts';
import { ACME, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

/** A relation that reads nothing. */
function relationOf(name: string, read: Relation<string, string, null>['read']) {
  return {
    name,
    pipelineClass: 'BulkImports::Common::Pipelines::LabelsPipeline',
    relation: name,
    parallel: 1,
    stage: 1,
    read,
    existing: async () => null,
    nameOf: (record: string) => ({ key: record, title: record }),
    want: (record: string) => record,
    decide: () => 'keep' as const,
  };
}

it('a relation that cannot be read has failed, whatever is saved while its failure is written', async () => {
  const bench = await startBench();
  bench.addPair({});
  const { importId, entityId, entity } = await bench.migration('labels', ACME);
  const relations = [
    relationOf('labels', async () => {
      throw new Error('It cannot be read.');
    }),
    relationOf('badges', async () => onlyPage(['one'])),
  ];

  await runEntity(
    laneOfGroups(relations),
    { importId, attempt: 1, entityId, functionName: 'lane' },
    Date.now() + 600_000,
  );

  const { status, trackers } = await entity();
  expect(status).toBe('finished');
  expect(trackers.labels?.status).toBe('failed');
  expect(trackers.badges?.status).toBe('finished');
});
