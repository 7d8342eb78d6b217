import { describe, expect, it } from 'vitest';
import { groupAttributes } from '../../lambdas/pipelines/group-attributes.ts';
import { ACME, CORRELATION_ID, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(groupAttributes);

useTableInMemory();

const LOCKED = { settings: { membershipLock: true } };

describe('the group_attributes pipeline', () => {
  it('has nothing to do for a source of the Community Edition', async () => {
    const bench = await startBench({ source: { version: '17.11.2' } });
    bench.addPair(LOCKED);
    const migration = await bench.migration('group_attributes', ACME);

    await migration.run(handler);

    expect(await migration.tracker()).toMatchObject({ status: 'finished', counts: { source: 0, failed: 0 } });
    expect((await migration.entity()).stats).toEqual({});
  });

  it('says so when the destination ignores the lock', async () => {
    const bench = await startBench({ destination: { edition: 'free' } });
    bench.addPair(LOCKED);
    const migration = await bench.migration('group_attributes', ACME);

    await migration.run(handler);

    expect((await migration.tracker()).counts).toEqual({
      source: 1,
      fetched: 1,
      imported: 0,
      skipped: 0,
      failed: 1,
      skips: {},
    });
    expect((await migration.entity()).status).toBe('finished');
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'self',
        step: 'loader',
        pipelineClass: 'BulkImports::Groups::Pipelines::GroupAttributesPipeline',
        exceptionClass: 'BulkImports::UnsupportedByDestinationError',
        exceptionMessage: expect.stringContaining('needs GitLab Premium or Ultimate'),
        correlationId: CORRELATION_ID,
        sourceTitle: 'membership_lock',
      }),
    ]);
  });

  it('is content with a destination without locks when the source has none', async () => {
    const bench = await startBench({ destination: { edition: 'free' } });
    bench.addPair({ settings: { membershipLock: false } });
    const migration = await bench.migration('group_attributes', ACME);

    await migration.run(handler);

    expect((await migration.tracker()).counts).toMatchObject({ source: 1, imported: 1, failed: 0 });
  });
});
