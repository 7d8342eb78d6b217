import { afterEach, describe, expect, it, vi } from 'vitest';
import { listFailures } from '../../lambdas/store/failures.ts';
import { refused, requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import { lane, runChild } from '../support/service/group-lane.ts';
import { FINISHED, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

afterEach(() => {
  vi.useRealTimers();
});

/** A public group with a subgroup, of which the group is at the destination already. */
async function startChild() {
  const bench = await startBench();
  bench.source.addGroup({ name: 'Acme', path: 'acme', visibility: 'public' });
  bench.source.addGroup({ name: 'Team', path: 'team', parent: 'acme', visibility: 'public' });
  const parent = await bench.migration('group', { from: 'acme' });
  expect(await parent.run(lane)).toEqual(FINISHED);
  const made = bench.destination.group('acme');
  if (made === undefined) throw new Error('The parent was not made.');
  const reads = () =>
    requestsTo(bench.destination, { method: 'GET', path: new RegExp(`/groups/${made.id}$`) });
  return { bench, parent, made, reads };
}

describe('a group whose parent this import has made', () => {
  it('is made without reading it', async () => {
    const { bench, parent, made, reads } = await startChild();

    expect(await runChild(parent)).toMatchObject({ status: 'finished', hasFailures: false });

    expect(bench.destination.group('acme/team')).toMatchObject({ parentId: made.id, visibility: 'public' });
    expect(reads()).toEqual([]);
  });

  it('reads it when it is refused, and is made as the parent allows now', async () => {
    const { bench, parent, made, reads } = await startChild();
    made.visibility = 'private';

    expect(await runChild(parent)).toMatchObject({ status: 'finished', hasFailures: false });

    expect(bench.destination.group('acme/team')?.visibility).toBe('private');
    expect(reads()).toHaveLength(1);
  });

  it('reads it after a lost answer', async () => {
    const { bench, parent, reads } = await startChild();
    setFault(bench.destination, { method: 'POST', path: '/groups', nth: 1 }, { kind: 'drop-before' });

    expect(await runChild(parent)).toMatchObject({ status: 'finished', hasFailures: false });

    expect(reads()).toHaveLength(1);
  });

  it('fails when it is gone, and not just hidden by a replica that lags behind', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { bench, parent, made } = await startChild();
    const gone = refused(404, '404 Group Not Found');
    bench.destination.onRequest = ({ method, path }) =>
      path.endsWith(`/groups/${made.id}`) || (method === 'POST' && path.endsWith('/groups'))
        ? gone
        : undefined;
    expect((await runChild(parent)).status).toBe('started');

    vi.setSystemTime(Date.now() + 6 * 60_000);
    const child = await runChild(parent);

    expect(child.status).toBe('failed');
    expect(await listFailures(child.importId, child.id)).toEqual([
      expect.objectContaining({ exceptionMessage: expect.stringMatching(/^Destination is not a group: /) }),
    ]);
  });
});
