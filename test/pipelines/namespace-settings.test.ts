import { describe, expect, it } from 'vitest';
import { namespaceSettings } from '../../lambdas/pipelines/namespace-settings.ts';
import { refused, requestsTo, setFault, throttled } from '../support/gitlab-faults.ts';
import { ACME, CORRELATION_ID, FINISHED, handlerOf, startBench } from '../support/pipeline-bench.ts';
import { useTableInMemory } from '../support/table-in-memory.ts';

const handler = handlerOf(namespaceSettings);

useTableInMemory();

const CLOSED = { settings: { preventSharingGroupsOutsideHierarchy: true } };
const CHANGE = { method: 'PUT', path: /\/groups\/\d+$/ } as const;

describe('the namespace_settings pipeline', () => {
  it('moves prevent_sharing_groups_outside_hierarchy', async () => {
    const bench = await startBench();
    const group = bench.addPair(CLOSED);
    const migration = await bench.migration('namespace_settings', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(group.settings.preventSharingGroupsOutsideHierarchy).toBe(true);
    expect((await migration.tracker()).counts).toEqual({
      source: 1,
      fetched: 1,
      imported: 1,
      skipped: 0,
      failed: 0,
      skips: {},
    });
    const counts = { source: 1, fetched: 1, imported: 1 };
    expect((await migration.entity()).stats).toMatchObject({ namespace_settings: counts });
  });

  it('writes nothing when the group is as it should be', async () => {
    const bench = await startBench();
    bench.addPair(CLOSED);
    await (await bench.migration('namespace_settings', ACME)).run(handler);
    const again = await bench.migration('namespace_settings', ACME);

    await again.run(handler);

    expect(requestsTo(bench.destination, CHANGE)).toHaveLength(1);
    expect((await again.tracker()).counts).toMatchObject({ source: 1, imported: 1 });
  });

  it('goes on after a change whose answer was lost', async () => {
    const bench = await startBench();
    const group = bench.addPair(CLOSED);
    setFault(bench.destination, { ...CHANGE, nth: 1 }, { kind: 'drop-after' });
    const migration = await bench.migration('namespace_settings', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(group.settings.preventSharingGroupsOutsideHierarchy).toBe(true);
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, imported: 1, failed: 0 });
  });

  it('has nothing to do for a subgroup of the source', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme', ...CLOSED });
    bench.source.addGroup({ name: 'Team', path: 'team', parent: 'acme' });
    bench.addDestinationGroup({ name: 'Team', path: 'team' });
    const migration = await bench.migration('namespace_settings', { from: 'acme/team', to: 'team' });

    await migration.run(handler);

    expect((await migration.tracker()).counts).toMatchObject({ source: 0, fetched: 0 });
    expect(requestsTo(bench.destination, CHANGE)).toEqual([]);
  });

  it.each([
    { prevents: true, failed: 1 },
    { prevents: false, failed: 0 },
  ])('makes $failed failures of prevent = $prevents where the new group is a subgroup', async c => {
    const bench = await startBench();
    const settings = { preventSharingGroupsOutsideHierarchy: c.prevents };
    bench.source.addGroup({ name: 'Acme', path: 'acme', settings });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    bench.addDestinationGroup({ name: 'Acme', path: 'acme', parent: 'home' });
    const migration = await bench.migration('namespace_settings', { from: 'acme', to: 'home/acme' });

    await migration.run(handler);

    expect((await migration.tracker()).counts).toMatchObject({ source: 1, failed: c.failed });
    const classes = (await migration.failures()).map(({ exceptionClass }) => exceptionClass);
    expect(classes).toEqual(Array(c.failed).fill('BulkImports::UnsupportedByDestinationError'));
  });

  it('says so when the destination ignores it', async () => {
    const bench = await startBench();
    const group = bench.addPair(CLOSED);
    const shown = { id: group.id, name: 'Acme', path: 'acme', full_path: 'acme', visibility: 'private' };
    const ignored = { ...shown, parent_id: null, prevent_sharing_groups_outside_hierarchy: false };
    setFault(bench.destination, CHANGE, { kind: 'respond', status: 200, body: JSON.stringify(ignored) });
    const migration = await bench.migration('namespace_settings', ACME);

    await migration.run(handler);

    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        exceptionClass: 'BulkImports::UnsupportedByDestinationError',
        exceptionMessage: expect.stringContaining('ignored prevent_sharing_groups_outside_hierarchy'),
      }),
    ]);
  });

  it('writes down a refusal', async () => {
    const bench = await startBench();
    bench.addPair(CLOSED);
    setFault(bench.destination, CHANGE, refused(403, '403 Forbidden'));
    const migration = await bench.migration('namespace_settings', ACME);

    await migration.run(handler);

    expect((await migration.tracker()).counts).toMatchObject({ source: 1, imported: 0, failed: 1 });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'namespace_settings',
        step: 'loader',
        pipelineClass: 'BulkImports::Groups::Pipelines::NamespaceSettingsPipeline',
        exceptionClass: 'BulkImports::NetworkError',
        exceptionMessage:
          "The destination GitLab refused to change the group: 403 Forbidden. Check the role of the destination token's user in this group.",
        correlationId: CORRELATION_ID,
        sourceTitle: 'prevent_sharing_groups_outside_hierarchy',
      }),
    ]);
  });

  it('waits when it is throttled', async () => {
    const bench = await startBench();
    const group = bench.addPair(CLOSED);
    setFault(bench.source, { method: 'GET', path: /\/groups\/\d+$/, nth: 1 }, throttled(12));
    const migration = await bench.migration('namespace_settings', ACME);

    const results = [await migration.run(handler), await migration.run(handler)];

    expect(results).toEqual([{ status: 'wait', waitSeconds: 12 }, FINISHED]);
    expect(group.settings.preventSharingGroupsOutsideHierarchy).toBe(true);
    expect((await migration.tracker()).counts).toMatchObject({
      source: 1,
      fetched: 1,
      imported: 1,
      failed: 0,
    });
  });
});
