import { describe, expect, it } from 'vitest';
import { milestones } from '../../lambdas/pipelines/milestones.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import { refused, requestsTo, setFault, throttled } from '../support/gitlab-faults.ts';
import { ACME, CORRELATION_ID, FINISHED, handlerOf, startBench } from '../support/pipeline-bench.ts';
import { useTableInMemory } from '../support/table-in-memory.ts';

const handler = handlerOf(milestones);

useTableInMemory();

const numberedMilestones = (count: number, state: 'active' | 'closed' = 'active') =>
  Array.from({ length: count }, (_, index) => ({ title: `Sprint ${String(index).padStart(3, '0')}`, state }));

/** Titles and states, in the order of the titles. */
const statesOf = (group: SampleGroup | undefined) =>
  group?.milestones.map(({ title, state }) => `${title}: ${state}`).sort();

describe('the milestones pipeline', () => {
  it('moves milestones with description and dates', async () => {
    const bench = await startBench();
    const group = bench.addPair({
      milestones: [
        { title: '1.0', description: 'First', startDate: '2026-01-05', dueDate: '2026-03-31' },
        { title: '2.0' },
      ],
    });
    const migration = await bench.migration('milestones', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    const moved = [...group.milestones].sort((a, b) => a.title.localeCompare(b.title));
    expect(moved).toEqual([
      expect.objectContaining({
        title: '1.0',
        description: 'First',
        startDate: '2026-01-05',
        dueDate: '2026-03-31',
      }),
      expect.objectContaining({ title: '2.0', description: '', startDate: null, dueDate: null }),
    ]);
    expect(statesOf(group)).toEqual(['1.0: active', '2.0: active']);
    expect((await migration.tracker()).counts).toMatchObject({ source: 2, fetched: 2, imported: 2 });
    expect((await migration.entity()).stats).toMatchObject({
      milestones: { source: 2, fetched: 2, imported: 2 },
    });
  });

  it('closes milestones that are closed at the source', async () => {
    const bench = await startBench();
    const group = bench.addPair({
      milestones: [
        { title: 'done', state: 'closed' },
        { title: 'open', state: 'active' },
      ],
    });
    const migration = await bench.migration('milestones', ACME);

    await migration.run(handler);

    expect(statesOf(group)).toEqual(['done: closed', 'open: active']);
  });

  it('changes nothing when it runs again', async () => {
    const bench = await startBench();
    const group = bench.addPair({ milestones: numberedMilestones(3, 'closed') });
    await (await bench.migration('milestones', ACME)).run(handler);
    const before = structuredClone(group);
    const again = await bench.migration('milestones', ACME);

    await again.run(handler);

    expect(group).toEqual(before);
    expect((await again.tracker()).counts).toMatchObject({ source: 3, imported: 3, failed: 0 });
    expect(requestsTo(bench.destination, { method: 'POST', path: '/milestones' })).toHaveLength(3);
    expect(requestsTo(bench.destination, { method: 'PUT', path: /\/milestones\// })).toHaveLength(3);
  });

  it.each([
    { lost: 'creation', method: 'POST', path: /\/milestones$/ },
    { lost: 'closing', method: 'PUT', path: /\/milestones\/\d+$/ },
  ] as const)('goes on after a $lost whose answer was lost', async ({ method, path }) => {
    const bench = await startBench();
    const group = bench.addPair({ milestones: numberedMilestones(3, 'closed') });
    setFault(bench.destination, { method, path, nth: 2 }, { kind: 'drop-after' });
    const migration = await bench.migration('milestones', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(statesOf(group)).toEqual(['Sprint 000: closed', 'Sprint 001: closed', 'Sprint 002: closed']);
    expect((await migration.tracker()).counts).toMatchObject({
      source: 3,
      fetched: 3,
      imported: 3,
      failed: 0,
    });
    expect(await migration.failures()).toEqual([]);
  });

  it('closes a milestone that an interrupted run had only created', async () => {
    const bench = await startBench();
    const group = bench.addPair({ milestones: [{ title: 'done', state: 'closed' }] });
    setFault(bench.destination, { method: 'PUT', path: /\/milestones\//, nth: 1 }, throttled(40));
    const migration = await bench.migration('milestones', ACME);
    await migration.run(handler);
    expect(statesOf(group)).toEqual(['done: active']);

    await migration.run(handler);

    expect(statesOf(group)).toEqual(['done: closed']);
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, imported: 1 });
  });

  it('writes down the milestone that the destination refuses, with its page, and moves the others', async () => {
    const bench = await startBench();
    const group = bench.addPair({ milestones: numberedMilestones(4) });
    const title = ['already being used for another group or project milestone.'];
    setFault(
      bench.destination,
      {
        method: 'POST',
        path: '/milestones',
        where: ({ body }) => JSON.stringify(body).includes('Sprint 001'),
      },
      refused(400, { title }),
    );
    const migration = await bench.migration('milestones', ACME);

    await migration.run(handler);

    expect(group.milestones.map(milestone => milestone.title).sort()).toEqual([
      'Sprint 000',
      'Sprint 002',
      'Sprint 003',
    ]);
    expect((await migration.tracker()).counts).toEqual({
      source: 4,
      fetched: 4,
      imported: 3,
      skipped: 0,
      failed: 1,
      skips: {},
    });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'milestones',
        step: 'loader',
        pipelineClass: 'BulkImports::Common::Pipelines::MilestonesPipeline',
        exceptionClass: 'BulkImports::NetworkError',
        exceptionMessage: expect.stringContaining('title already being used for another group'),
        correlationId: CORRELATION_ID,
        sourceTitle: 'Sprint 001',
        sourceUrl: `${bench.source.url}/groups/acme/-/milestones/2`,
      }),
    ]);
  });

  it('reads on after the 100 milestones of a page', async () => {
    const bench = await startBench();
    const group = bench.addPair({ milestones: numberedMilestones(101) });
    const migration = await bench.migration('milestones', ACME);

    await migration.run(handler);

    expect(statesOf(group)).toEqual(statesOf(bench.source.group('acme')));
    expect((await migration.tracker()).counts).toMatchObject({ source: 101, fetched: 101, imported: 101 });
  });

  it('waits when it is throttled, and counts exactly after that', async () => {
    const bench = await startBench();
    const group = bench.addPair({ milestones: numberedMilestones(6) });
    setFault(bench.destination, { method: 'POST', path: '/milestones', nth: 5 }, throttled(40));
    const migration = await bench.migration('milestones', ACME);

    const results = [await migration.run(handler), await migration.run(handler)];

    expect(results).toEqual([{ status: 'wait', waitSeconds: 40 }, FINISHED]);
    expect(group.milestones).toHaveLength(6);
    expect((await migration.tracker()).counts).toEqual({
      source: 6,
      fetched: 6,
      imported: 6,
      skipped: 0,
      failed: 0,
      skips: {},
    });
  });

  it('finds a milestone that a request without an answer makes after the look-up, and closes it', async () => {
    const bench = await startBench();
    const group = bench.addPair({ milestones: [{ title: 'late', state: 'closed' }] });
    const migration = await bench.migration('milestones', ACME);
    bench.destination.onRequest = ({ method, path }) => {
      if (method !== 'POST' || !path.endsWith('/milestones') || group.milestones.length > 0) return undefined;
      const [original] = bench.source.group('acme')?.milestones ?? [];
      if (original !== undefined) group.milestones.push({ ...original, groupId: group.id, state: 'active' });
      return undefined;
    };

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(statesOf(group)).toEqual(statesOf(bench.source.group('acme')));
    expect(await migration.failures()).toEqual([]);
  });
});
