import { describe, expect, it } from 'vitest';
import { namespaceSettings } from '../../lambdas/pipelines/namespace-settings.ts';
import { requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { ACME, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(namespaceSettings);

useTableInMemory();

const CLOSED = { settings: { preventSharingGroupsOutsideHierarchy: true } };
const CHANGE = { method: 'PUT', path: /\/groups\/\d+$/ } as const;

describe('the namespace_settings pipeline', () => {
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
});
