import { describe, expect, it } from 'vitest';
import { milestones } from '../../lambdas/pipelines/milestones.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import { refused, setFault } from '../support/gitlab/gitlab-faults.ts';
import { ACME, CORRELATION_ID, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(milestones);

useTableInMemory();

const numberedMilestones = (count: number, state: 'active' | 'closed' = 'active') =>
  Array.from({ length: count }, (_, index) => ({ title: `Sprint ${String(index).padStart(3, '0')}`, state }));

/** Titles and states, in the order of the titles. */
const statesOf = (group: SampleGroup | undefined) =>
  group?.milestones.map(({ title, state }) => `${title}: ${state}`).sort();

describe('the milestones pipeline', () => {
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
