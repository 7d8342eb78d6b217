import { describe, expect, it } from 'vitest';
import { projectEntities } from '../../lambdas/pipelines/project-entities.ts';
import { refused, setFault } from '../support/gitlab/gitlab-faults.ts';
import { ACME, CORRELATION_ID, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(projectEntities);

useTableInMemory();

const projects = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `Project ${index}`, path: `project-${index}` }));

describe('the project_entities pipeline', () => {
  it.each([
    { count: 1, says: "This group has 1 project ('project-0'), which", title: '1 project' },
    {
      count: 3,
      says: "This group has 3 projects ('project-0', 'project-1', 'project-2'), which",
      title: '3 projects',
    },
    {
      count: 120,
      says: "This group has 120 projects ('project-0', 'project-1', 'project-2', …), which",
      title: '120 projects',
    },
  ])('says in one failure that $count projects are not moved', async ({ count, says, title }) => {
    const bench = await startBench();
    bench.addPair({ projects: projects(count) });
    const migration = await bench.migration('project_entities', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(await migration.tracker()).toMatchObject({
      status: 'finished',
      counts: { source: 1, fetched: 1, imported: 0, skipped: 0, failed: 1 },
    });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'project_entities',
        step: 'transformer',
        pipelineClass: 'BulkImports::Groups::Pipelines::ProjectEntitiesPipeline',
        exceptionClass: 'BulkImports::Error',
        exceptionMessage: expect.stringContaining(says),
        correlationId: CORRELATION_ID,
        sourceTitle: title,
      }),
    ]);
  });

  it('says nothing of a group without projects, whatever its subgroups have', async () => {
    const bench = await startBench();
    bench.addPair({});
    bench.source.addGroup({ name: 'Team', path: 'team', parent: 'acme', projects: projects(2) });
    const migration = await bench.migration('project_entities', ACME);

    await migration.run(handler);

    expect(await migration.failures()).toEqual([]);
    expect((await migration.tracker()).counts).toMatchObject({ source: 0, failed: 0 });
  });

  it.each([
    { stripped: { 'X-Total': '' }, says: 'This group has more than 100 projects (', count: 120 },
    { stripped: { 'X-Total': 'unknown' }, says: 'This group has more than 100 projects (', count: 120 },
    { stripped: { 'X-Total': '' }, says: 'This group has 1 project (', count: 1 },
  ])('does not guess how many of $count there are when nobody counts', async c => {
    const bench = await startBench();
    bench.addPair({ projects: projects(c.count) });
    setFault(bench.source, { path: '/projects' }, { kind: 'add-headers', headers: c.stripped });
    const migration = await bench.migration('project_entities', ACME);

    await migration.run(handler);

    expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage)).toEqual([
      expect.stringContaining(c.says),
    ]);
  });

  it('asks for nothing that GraphQL of 14.0 does not have, and finds a group that was renamed', async () => {
    const bench = await startBench();
    bench.addPair({ projects: projects(1) });
    const migration = await bench.migration('project_entities', ACME);
    const acme = bench.source.group('acme');
    if (acme !== undefined) acme.fullPath = 'renamed';

    await migration.run(handler);

    expect(await migration.failures()).toHaveLength(1);
    expect(bench.source.requests.map(({ path }) => path)).toEqual([`/api/v4/groups/${acme?.id}/projects`]);
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
