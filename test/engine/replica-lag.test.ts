import { describe, expect, it } from 'vitest';
import { group as groupRelation } from '../../lambdas/pipelines/group.ts';
import type { Fault } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refused, setFault } from '../support/gitlab/gitlab-faults.ts';
import { singleLabels as labelsRelation } from '../support/gitlab/single-labels.ts';
import { ACME, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { setDestinationGroup } from '../support/table/entity-records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const group = handlerOf(groupRelation);
const labels = handlerOf(labelsRelation);

useTableInMemory();

const GONE = refused(404, '404 Group Not Found');

/** The labels of a group that was made so many minutes ago. */
async function labelsOf(minutes: number) {
  const bench = await startBench();
  const made = bench.addPair({ labels: [{ title: 'bug' }] });
  const migration = await bench.migration('labels', ACME);
  const createdAt = new Date(Date.now() - 60_000 * minutes).toISOString();
  const id = { id: migration.entityId, importId: migration.importId };
  await setDestinationGroup(id, { id: made.id, fullPath: 'acme' }, createdAt);
  return { bench, made, migration };
}

describe('a group that the destination does not show yet', () => {
  it.each(['GET', 'POST'] as const)('is waited for at %s', async method => {
    const { bench, made, migration } = await labelsOf(1);
    setFault(bench.destination, { method, path: '/labels', nth: 1 }, GONE);

    expect(await migration.run(labels)).toEqual(FINISHED);

    expect(made.labels.map(({ title }) => title)).toEqual(['bug']);
    expect(await migration.failures()).toEqual([]);
  });

  it('is gone when it was made long ago', async () => {
    const { bench, migration } = await labelsOf(6);
    setFault(bench.destination, { path: '/labels' }, GONE);

    expect(await migration.run(labels)).toEqual(FINISHED);

    expect((await migration.failures())[0]?.exceptionMessage).toContain('404 Group Not Found');
  });

  it('does not make other refusals pass', async () => {
    const { bench, migration } = await labelsOf(1);
    setFault(bench.destination, { path: '/labels' }, refused(404, '404 Label Not Found'));

    expect(await migration.run(labels)).toEqual(FINISHED);

    expect(await migration.failures()).toHaveLength(1);
  });

  it('is waited for when it is the parent, which is read by its id', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    bench.source.addGroup({ name: 'Team', path: 'team', parent: 'acme' });
    const parent = await bench.migration('group', { from: 'acme', destinationNamespace: '' });
    await parent.run(group);
    const child = await bench.migration('group', {
      from: 'acme/team',
      destinationNamespace: 'acme',
      parent,
    });
    const made = bench.destination.group('acme');
    setFault(bench.destination, { method: 'GET', path: `/groups/${made?.id}`, nth: 1 }, GONE);

    expect(await child.run(group)).toEqual(FINISHED);

    expect(bench.destination.group('acme/team')?.parentId).toBe(made?.id);
  });

  it('is waited for while the group of a lost response has no member to be seen', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    const faults: Fault[] = [{ kind: 'drop-after' }, { kind: 'respond', status: 200, body: '[]' }];
    bench.destination.onRequest = ({ method, path }) => {
      const concerned = method === 'POST' ? path.endsWith('/groups') : path.endsWith('/members');
      return concerned ? faults.shift() : undefined;
    };
    const migration = await bench.migration('group', { from: 'acme', destinationNamespace: '' });

    expect(await migration.run(group)).toEqual(FINISHED);

    expect(faults).toEqual([]);
    expect(bench.destination.groups()).toHaveLength(1);
    expect((await migration.entity()).destinationFullPath).toBe('acme');
  });
});
