import { describe, expect, it } from 'vitest';
import { groupAttributes } from '../../lambdas/pipelines/group-attributes.ts';
import { requestsTo, setFault, throttled } from '../support/gitlab-faults.ts';
import { ACME, CORRELATION_ID, FINISHED, handlerOf, startBench } from '../support/pipeline-bench.ts';
import { useTableInMemory } from '../support/table-in-memory.ts';

const handler = handlerOf(groupAttributes);

useTableInMemory();

const LOCKED = { settings: { membershipLock: true } };
const CHANGE = { method: 'PUT', path: /\/groups\/\d+$/ } as const;

describe('the group_attributes pipeline', () => {
  it('moves membership_lock', async () => {
    const bench = await startBench();
    const group = bench.addPair(LOCKED);
    const migration = await bench.migration('group_attributes', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(group.settings.membershipLock).toBe(true);
    expect(await migration.tracker()).toMatchObject({
      status: 'finished',
      counts: { source: 1, fetched: 1, imported: 1, skipped: 0, failed: 0 },
    });
    expect((await migration.entity()).stats).toMatchObject({ self: { source: 1, fetched: 1, imported: 1 } });
  });

  it('writes nothing when the group is as it should be', async () => {
    const bench = await startBench();
    bench.addPair(LOCKED);
    await (await bench.migration('group_attributes', ACME)).run(handler);
    const again = await bench.migration('group_attributes', ACME);

    await again.run(handler);

    expect(requestsTo(bench.destination, CHANGE)).toHaveLength(1);
    expect((await again.tracker()).counts).toMatchObject({ source: 1, imported: 1 });
  });

  it('goes on after a change whose answer was lost', async () => {
    const bench = await startBench();
    const group = bench.addPair(LOCKED);
    setFault(bench.destination, { ...CHANGE, nth: 1 }, { kind: 'drop-after' });
    const migration = await bench.migration('group_attributes', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(group.settings.membershipLock).toBe(true);
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, imported: 1, failed: 0 });
  });

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

  it('waits when it is throttled', async () => {
    const bench = await startBench();
    const group = bench.addPair(LOCKED);
    setFault(bench.destination, { ...CHANGE, nth: 1 }, throttled(12));
    const migration = await bench.migration('group_attributes', ACME);

    const results = [await migration.run(handler), await migration.run(handler)];

    expect(results).toEqual([{ status: 'wait', waitSeconds: 12 }, FINISHED]);
    expect(group.settings.membershipLock).toBe(true);
    expect((await migration.tracker()).counts).toMatchObject({
      source: 1,
      fetched: 1,
      imported: 1,
      failed: 0,
    });
  });
});
