import { describe, expect, it } from 'vitest';
import { labels as relation } from '../../lambdas/pipelines/labels.ts';
import { sumChanges } from '../../lambdas/store/changes.ts';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { isWrite } from '../soak/fault-kinds.ts';
import { singleLabels as labels } from '../support/gitlab/single-labels.ts';
import { FINISHED, handlerOf, startBench, verificationOf } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(labels);

useTableInMemory();

const titles = (gitlab: SampleGitLab, path = 'acme') =>
  gitlab
    .group(path)
    ?.labels.map(({ title }) => title)
    .sort();

/** A group with one label, whose title a group above it has at the destination, too. */
async function startBelow() {
  const bench = await startBench();
  bench.source.addGroup({ name: 'Acme', path: 'acme' });
  bench.source.addGroup({
    ...{ name: 'Team', path: 'team', parent: 'acme' },
    labels: [{ title: 'shared', color: '#112233' }],
  });
  bench.addDestinationGroup({ name: 'Home', path: 'home', labels: [{ title: 'shared' }] });
  bench.addDestinationGroup({ name: 'Team', path: 'team', parent: 'home' });
  return bench;
}

const TEAM = { from: 'acme/team', to: 'home/team' };

describe('a label that is the only one, and has the title of one above it', () => {
  const whole = handlerOf(relation);

  it('is made as a plan says, and a second run writes nothing', async () => {
    const bench = await startBelow();
    const plan = await bench.migration('labels', { ...TEAM, kind: 'plan' });
    await plan.run(whole);
    expect((await plan.entity()).changes).toMatchObject({ labels: { create: 1 } });
    expect((await plan.tracker()).foreseen).toMatchObject({ writes: 1 });

    expect(await (await bench.migration('labels', TEAM)).run(whole)).toEqual(FINISHED);

    expect(titles(bench.destination, 'home/team')).toEqual(['shared']);
    const written = bench.destination.requests.filter(isWrite).length;
    await (await bench.migration('labels', TEAM)).run(whole);
    expect(bench.destination.requests.filter(isWrite)).toHaveLength(written);
  });

  it('is found by a verification', async () => {
    const bench = await startBelow();
    const migration = await bench.migration('labels', TEAM);
    await migration.run(whole);

    const verification = await verificationOf('labels', migration);
    await verification.run(whole);

    expect((await verification.entity()).changes?.labels).toEqual({ ...sumChanges([]), unchanged: 1 });
  });

  it('is missing in a verification when it is gone, though the one above is there', async () => {
    const bench = await startBelow();
    const migration = await bench.migration('labels', TEAM);
    await migration.run(whole);
    bench.destination.group('home/team')?.labels.pop();

    const verification = await verificationOf('labels', migration);
    await verification.run(whole);

    expect(await verification.failures()).toMatchObject([
      { exceptionClass: 'BulkImports::MissingRecordError', sourceTitle: 'shared' },
    ]);
  });
});

describe('labels at a destination that takes them only one by one', () => {
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
    const verification = await verificationOf('labels', migration);
    await verification.run(handler);
    expect((await verification.entity()).changes?.labels).toEqual({ ...sumChanges([]), unchanged: 1 });
  });
});
