import { describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { singleLabels as labels } from '../support/gitlab/single-labels.ts';
import { handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(labels);

useTableInMemory();

const titles = (gitlab: SampleGitLab, path = 'acme') =>
  gitlab
    .group(path)
    ?.labels.map(({ title }) => title)
    .sort();

describe('the labels pipeline', () => {
  it("leaves the ancestors' labels to the ancestors and takes one that they have for moved", async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme', labels: [{ title: 'inherited' }] });
    bench.source.addGroup({ name: 'Team', path: 'team', parent: 'acme', labels: [{ title: 'shared' }] });
    bench.addDestinationGroup({ name: 'Home', path: 'home', labels: [{ title: 'shared' }] });
    bench.addDestinationGroup({ name: 'Team', path: 'team', parent: 'home' });
    const migration = await bench.migration('labels', { from: 'acme/team', to: 'home/team' });

    await migration.run(handler);

    expect(titles(bench.destination, 'home/team')).toEqual([]);
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, imported: 1, failed: 0 });
    expect(await migration.failures()).toEqual([]);
  });
});
