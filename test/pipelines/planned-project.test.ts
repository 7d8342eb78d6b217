import { describe, expect, it } from 'vitest';
import { plannedProject } from '../../lambdas/pipelines/planned-project.ts';
import { sumChanges } from '../../lambdas/store/changes.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import type { SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import { isWrite } from '../soak/fault-kinds.ts';
import { refused } from '../support/gitlab/gitlab-faults.ts';
import { type Bench, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { projectMigration, SHOP } from '../support/service/project-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

const handler = handlerOf(plannedProject, 'projects');
const NOTHING = sumChanges([]);

/** A plan of the project `acme/shop`, which goes into the group `acme` of the destination. */
async function plan(project: Partial<SampleProjectSeed> = {}, arrange: (bench: Bench) => void = () => {}) {
  const bench = await startBench();
  bench.source.addGroup({
    name: 'Acme',
    path: 'acme',
    projects: [{ name: 'Shop', path: 'shop', ...project }],
  });
  bench.addDestinationGroup({ name: 'Acme', path: 'acme' });
  arrange(bench);
  const migration = await projectMigration(bench, 'project', { kind: 'plan' });
  await updateItem(keys.entity(migration.importId, migration.entityId), {
    set: { projectId: null, destinationFullPath: null },
  });
  expect(await migration.run(handler)).toEqual(FINISHED);
  const { source, destination } = bench;
  expect([...source.requests, ...destination.requests].filter(isWrite)).toEqual([]);
  const failures = await migration.failures();
  return {
    entity: await migration.entity(),
    failures: failures.map(({ exceptionMessage }) => exceptionMessage),
  };
}

describe('the plan of a project', () => {
  it('counts what its archive would have, and orders none', async () => {
    const { entity, failures } = await plan({
      labels: [{ title: 'bug' }, { title: 'idea' }],
      milestones: [{ title: 'v1' }],
    });

    expect(failures).toEqual([]);
    expect(entity.changes).toMatchObject({
      project: { ...NOTHING, unknown: 1 },
      labels: { ...NOTHING, unknown: 2 },
      milestones: { ...NOTHING, unknown: 1 },
    });
    expect(entity).toMatchObject({ status: 'finished', destinationFullPath: SHOP.to, projectId: null });
  });

  it('counts what is in no archive beside it', async () => {
    const { entity } = await plan({ variables: ['A', 'B', 'C'], hooks: ['https://hook.example'] });

    expect(entity.notMigrated).toEqual({ variables: 3, hooks: 1 });
  });

  it('says how large its archive would roughly be, without artifacts and packages', async () => {
    const { entity } = await plan({
      branches: ['main'],
      snippets: [{ title: 'S', content: 'x'.repeat(10) }],
      wikiPages: [{ path: 'home.md', content: 'Welcome' }],
      lfsObjects: ['large'],
      leftOut: { packages: ['p'] },
    });

    // One commit of 1 KiB, and the texts.
    expect(entity.archiveBytes).toBe(1024 + 10 + 'Welcome'.length + 'large'.length);
  });

  it.each([
    ['a source that does not say it for the token', undefined, null],
    [
      'parts that the version does not know',
      { repository_size: 5, wiki_size: null, job_artifacts_size: 9 },
      5,
    ],
    ['what is no size', { repository_size: Number.MAX_SAFE_INTEGER, wiki_size: 9 }, null],
  ])('says of %s what is known', async (_, statistics, bytes) => {
    const { entity } = await plan({}, ({ source }) => {
      source.onRequest = ({ path, query }) =>
        query.get('statistics') === 'true'
          ? {
              kind: 'respond',
              status: 200,
              headers: { 'content-type': 'application/json' },
              body: JSON.stringify({
                ...{ id: Number(path.split('/').at(-1)), name: 'Shop', path: 'shop' },
                path_with_namespace: 'acme/shop',
                statistics,
              }),
            }
          : undefined;
    });

    expect(entity).toMatchObject({ status: 'finished', archiveBytes: bytes });
  });

  it('is blocked where the source exports no projects, and says what to do', async () => {
    const { entity, failures } = await plan({}, ({ source }) => {
      source.onRequest = ({ path }) =>
        path.endsWith('/export') ? refused(404, { error: '404 Not Found' }) : undefined;
    });

    expect(failures).toEqual([expect.stringContaining("Let an administrator switch on 'Project export'")]);
    expect(entity).toMatchObject({ status: 'failed', changes: { project: { ...NOTHING, blocked: 1 } } });
  });

  it('is blocked where something has its path', async () => {
    const { failures } = await plan({}, ({ destination }) =>
      destination.addGroup({ name: 'Shop', path: 'shop', parent: 'acme' }),
    );

    expect(failures).toEqual([expect.stringContaining('something else has this path')]);
  });
});
