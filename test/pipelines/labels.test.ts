import { describe, expect, it } from 'vitest';
import type { SampleGitLab } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { refused, requestsTo, setFault, throttled } from '../support/gitlab-faults.ts';
import { ACME, CORRELATION_ID, FINISHED, handlerOf, startBench } from '../support/pipeline-bench.ts';
import { singleLabels as labels } from '../support/single-labels.ts';
import { useTableInMemory } from '../support/table-in-memory.ts';

const handler = handlerOf(labels);

useTableInMemory();

/** Labels that sort by their number. */
const numberedLabels = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ title: `label-${String(index).padStart(3, '0')}` }));

const titles = (gitlab: SampleGitLab, path = 'acme') =>
  gitlab
    .group(path)
    ?.labels.map(({ title }) => title)
    .sort();

describe('the labels pipeline', () => {
  it('moves labels with colour and description', async () => {
    const bench = await startBench();
    bench.addPair({
      labels: [
        { title: 'bug', color: '#d9534f', description: 'Something is broken' },
        { title: 'scope::one two', color: '#abc' },
      ],
    });
    const migration = await bench.migration('labels', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(bench.destination.group('acme')?.labels).toEqual([
      expect.objectContaining({ title: 'bug', color: '#d9534f', description: 'Something is broken' }),
      expect.objectContaining({ title: 'scope::one two', color: '#abc', description: null }),
    ]);
    expect(await migration.tracker()).toMatchObject({
      status: 'finished',
      counts: { source: 2, fetched: 2, imported: 2, skipped: 0, failed: 0 },
    });
    expect((await migration.entity()).stats).toMatchObject({
      labels: { source: 2, fetched: 2, imported: 2 },
    });
    expect(await migration.failures()).toEqual([]);
  });

  it('changes nothing when it runs again', async () => {
    const bench = await startBench();
    bench.addPair({ labels: numberedLabels(6) });
    await (await bench.migration('labels', ACME)).run(handler);
    const before = structuredClone(bench.destination.group('acme'));
    const again = await bench.migration('labels', ACME);

    await again.run(handler);

    expect(bench.destination.group('acme')).toEqual(before);
    expect((await again.tracker()).counts).toMatchObject({ source: 6, imported: 6, failed: 0 });
    expect(requestsTo(bench.destination, { method: 'POST', path: '/labels' })).toHaveLength(6);
  });

  it('finds a label whose creation it never got an answer to', async () => {
    const bench = await startBench();
    bench.addPair({ labels: numberedLabels(6) });
    setFault(bench.destination, { method: 'POST', path: '/labels', nth: 3 }, { kind: 'drop-after' });
    const migration = await bench.migration('labels', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(titles(bench.destination)).toEqual(titles(bench.source));
    expect((await migration.tracker()).counts).toMatchObject({
      source: 6,
      fetched: 6,
      imported: 6,
      failed: 0,
    });
    expect(await migration.failures()).toEqual([]);
  });

  it('writes down the label that the destination refuses and moves the others', async () => {
    const bench = await startBench();
    bench.addPair({ labels: numberedLabels(5) });
    setFault(
      bench.destination,
      {
        method: 'POST',
        path: '/labels',
        where: ({ body }) => JSON.stringify(body).includes('label-002'),
      },
      refused(400, { color: ['must be a valid color code'] }),
    );
    const migration = await bench.migration('labels', ACME);

    await migration.run(handler);

    expect(titles(bench.destination)).toEqual(['label-000', 'label-001', 'label-003', 'label-004']);
    expect((await migration.tracker()).counts).toEqual({
      source: 5,
      fetched: 5,
      imported: 4,
      skipped: 0,
      failed: 1,
      skips: {},
    });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'labels',
        step: 'loader',
        pipelineClass: 'BulkImports::Common::Pipelines::LabelsPipeline',
        exceptionClass: 'BulkImports::NetworkError',
        exceptionMessage:
          'The destination GitLab refused to create the label: 400 color must be a valid color code. Correct it at the source and import it again, or add it by hand.',
        correlationId: CORRELATION_ID,
        sourceTitle: 'label-002',
        sourceUrl: null,
      }),
    ]);
  });

  it('reads on after the 100 labels of a page', async () => {
    const bench = await startBench();
    bench.addPair({ labels: numberedLabels(203) });
    const migration = await bench.migration('labels', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(titles(bench.destination)).toEqual(titles(bench.source));
    expect((await migration.tracker()).counts).toMatchObject({ source: 203, fetched: 203, imported: 203 });
    const pages = requestsTo(bench.source, { path: '/labels' }).map(({ query }) => query.get('page'));
    expect(pages).toEqual(['1', '2', '3']);
  });

  it.each([
    { where: 'source', method: 'GET' },
    { where: 'destination', method: 'POST' },
    { where: 'destination', method: 'GET' },
  ] as const)(
    'waits as long as the $where asks for when it throttles a $method',
    async ({ where, method }) => {
      const bench = await startBench();
      bench.source.addGroup({ name: 'Acme', path: 'acme', labels: numberedLabels(6) });
      bench.addDestinationGroup({ name: 'Acme', path: 'acme' });
      setFault(bench[where], { method, path: '/labels', nth: 1 }, throttled(17));
      const migration = await bench.migration('labels', ACME);

      const results = [await migration.run(handler), await migration.run(handler)];

      expect(results).toEqual([{ status: 'wait', waitSeconds: 17 }, FINISHED]);
      expect(titles(bench.destination)).toEqual(titles(bench.source));
      expect((await migration.tracker()).counts).toEqual({
        source: 6,
        fetched: 6,
        imported: 6,
        skipped: 0,
        failed: 0,
        skips: {},
      });
      expect(await migration.failures()).toEqual([]);
    },
  );

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
