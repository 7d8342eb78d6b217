import { describe, expect, it } from 'vitest';
import { ofPipeline, recordFailure } from '../../lambdas/engine/record-failures.ts';
import { relationOf } from '../../lambdas/pipelines/stages.ts';
import { listFailures } from '../../lambdas/store/failures.ts';
import { ACME, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

describe('the failure of a pipeline', () => {
  it.each(['page', 'count', 'crash'] as const)('is not taken for that of a record called %s', async name => {
    const bench = await startBench();
    bench.addPair({});
    const migration = await bench.migration('labels', ACME);
    const entity = await migration.entity();
    const record = { id: entity.importId, correlationId: 'fake' } as Parameters<
      typeof recordFailure
    >[1]['bulkImport'];
    const entry = relationOf('group_entity', 'labels');

    await recordFailure(
      entry,
      { bulkImport: record, entity },
      'loader',
      { key: name, title: name },
      new Error('a'),
    );
    await recordFailure(entry, { bulkImport: record, entity }, 'extractor', ofPipeline(name), new Error('b'));

    const messages = (await listFailures(entity.importId, entity.id)).map(
      failure => failure.exceptionMessage,
    );
    expect(messages.sort()).toEqual(['a', 'b']);
  });
});
