import { describe, expect, it } from 'vitest';
import { projectEntities } from '../../lambdas/pipelines/project-entities.ts';
import { listEntities } from '../../lambdas/store/entity-lists.ts';
import type { SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import { refused, setFault } from '../support/gitlab/gitlab-faults.ts';
import { ACME, FINISHED, handlerOf, type Migration, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(projectEntities);

useTableInMemory();

const projects = (count: number): SampleProjectSeed[] =>
  Array.from({ length: count }, (_, index) => ({ name: `Project ${index}`, path: `project-${index}` }));

/** The entities that were made of the group's projects, by id. */
const children = async ({ importId, entityId }: Migration) =>
  (await listEntities(importId)).filter(({ parentId }) => parentId === entityId);

describe('the project_entities pipeline', () => {
  it('makes an entity of each project, which goes to the same path in the new group', async () => {
    const bench = await startBench();
    bench.addPair({ projects: projects(2) });
    const migration = await bench.migration('project_entities', ACME);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(await children(migration)).toMatchObject(
      [0, 1].map(index => ({
        sourceType: 'project_entity',
        sourceFullPath: `acme/project-${index}`,
        sourceId: bench.source.project(`acme/project-${index}`)?.id,
        destinationSlug: `project-${index}`,
        destinationNamespace: 'acme',
        status: 'created',
        projectId: null,
      })),
    );
    expect((await migration.tracker()).counts).toMatchObject({ source: 2, imported: 2, failed: 0 });
    expect(await migration.failures()).toEqual([]);
  });

  it('makes one of each of many, once, however often it is run', async () => {
    const bench = await startBench();
    bench.addPair({ projects: projects(230) });
    const migration = await bench.migration('project_entities', ACME);

    await migration.run(handler);
    await migration.run(handler);

    const paths = (await children(migration)).map(({ sourceFullPath }) => sourceFullPath);
    expect(new Set(paths).size).toBe(230);
    expect(paths).toHaveLength(230);
  });

  it('leaves out those that wait for their deletion, and says why', async () => {
    const bench = await startBench();
    bench.addPair({
      projects: [...projects(1), { name: 'Old', path: 'old', markedForDeletionOn: '2026-11-01' }],
    });
    const migration = await bench.migration('project_entities', ACME);

    await migration.run(handler);

    expect((await children(migration)).map(({ destinationSlug }) => destinationSlug)).toEqual(['project-0']);
    expect((await migration.tracker()).counts).toMatchObject({
      source: 2,
      imported: 1,
      skipped: 1,
      skips: { awaits_deletion: 1 },
    });
  });

  it('takes archived, empty and forked ones, and none that is only shared with the group', async () => {
    const bench = await startBench();
    const kept: SampleProjectSeed[] = [
      { name: 'Archived', path: 'archived', archived: true },
      { name: 'Empty', path: 'empty', branches: [] },
    ];
    bench.addPair({ projects: kept });
    bench.source.addGroup({ name: 'Other', path: 'other', projects: projects(1) });
    const migration = await bench.migration('project_entities', ACME);

    await migration.run(handler);

    expect((await children(migration)).map(({ destinationSlug }) => destinationSlug)).toEqual([
      'archived',
      'empty',
    ]);
  });

  it('makes nothing of a group without projects, whatever its subgroups have', async () => {
    const bench = await startBench();
    bench.addPair({});
    bench.source.addGroup({ name: 'Team', path: 'team', parent: 'acme', projects: projects(2) });
    const migration = await bench.migration('project_entities', ACME);

    await migration.run(handler);

    expect(await children(migration)).toEqual([]);
    expect((await migration.tracker()).counts).toMatchObject({ source: 0, failed: 0 });
  });

  it('lists the projects of a group that was renamed', async () => {
    const bench = await startBench();
    bench.addPair({ projects: projects(1) });
    const migration = await bench.migration('project_entities', ACME);
    const acme = bench.source.group('acme');
    if (acme !== undefined) acme.fullPath = 'renamed';

    await migration.run(handler);

    expect(await children(migration)).toMatchObject([{ sourceFullPath: 'renamed/project-0' }]);
  });

  it('fails rather than finding no projects when the group cannot be seen any more', async () => {
    const bench = await startBench();
    bench.addPair({ projects: projects(1) });
    setFault(bench.source, { path: '/projects' }, refused(404, '404 Group Not Found'));
    const migration = await bench.migration('project_entities', ACME);

    await migration.run(handler);

    expect(await migration.failures()).toEqual([
      expect.objectContaining({ relation: 'project_entities', step: 'extractor' }),
    ]);
  });
});
