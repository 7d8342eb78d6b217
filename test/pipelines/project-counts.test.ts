import { describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { GitLabClient } from '../../lambdas/gitlab/client.ts';
import { noteSourceCounts } from '../../lambdas/pipelines/counted-project.ts';
import { projectCounts } from '../../lambdas/pipelines/project-counts.ts';
import type { Entity } from '../../lambdas/store/entity.ts';
import { putFailure } from '../../lambdas/store/failures.ts';
import { getImport } from '../../lambdas/store/imports.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import type { SampleGroupSeed } from '../../lib/gitlab-simulator/model.ts';
import type { SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import { refused, requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import {
  type Bench,
  CORRELATION_ID,
  FINISHED,
  handlerOf,
  type Migration,
  SOURCE_TOKEN,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { addProjects, projectMigration } from '../support/service/project-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(projectCounts, 'projects');

useTableInMemory();

const FULL = {
  branches: ['main', 'next'],
  tags: ['v1'],
  labels: [{ title: 'bug' }, { title: 'wish' }],
  milestones: [{ title: '1.0' }],
  issues: [{ title: 'A' }, { title: 'B' }, { title: 'C' }],
  mergeRequests: [{ title: 'M', sourceBranch: 'next' }],
  releases: [{ tag: 'v1' }],
  pipelines: [{ ref: 'main' }, { ref: 'main' }],
  snippets: [{ title: 'S' }],
  protectedBranches: ['main'],
} satisfies Partial<SampleProjectSeed>;

interface Sides {
  here?: Partial<SampleProjectSeed>;
  there?: Partial<SampleProjectSeed>;
  groupThere?: Partial<SampleGroupSeed>;
  options?: Parameters<typeof startBench>[0];
  /** What is done before the source is counted. */
  before?: (bench: Bench) => void;
}

/** A project that was counted at the source, and imported. */
async function start({ here = FULL, there = here, groupThere = {}, options, before }: Sides = {}) {
  const bench = await startBench(options);
  const projects = addProjects(bench, { project: here }, { project: there, group: groupThere });
  const migration = await projectMigration(bench, 'project_counts');
  before?.(bench);
  await countSource(bench, migration);
  bench.source.onRequest = undefined;
  return { bench, migration, ...projects };
}

/** As `project_export` does it before it orders the archive. */
async function countSource({ source }: Bench, { importId, entityId, entity }: Migration): Promise<void> {
  const client = {
    instance: 'source',
    baseUrl: source.url,
    token: new Secret(SOURCE_TOKEN),
    policy: 'any',
  } as const;
  let counted: Entity['counted'] | undefined;
  await noteSourceCounts({
    bulkImport: await getImport(importId),
    source: new GitLabClient(client),
    entity: await entity(),
    noteOnEntity: note => {
      counted = note.counted;
    },
  });
  await updateItem(keys.entity(importId, entityId), { set: { counted } });
}

/** Runs it to its end: a shortfall is looked at twice. */
async function finish(migration: Migration) {
  let answer = await migration.run(handler);
  if (answer.status === 'wait') answer = await migration.run(handler);
  expect(answer).toEqual(FINISHED);
}

const rowsOf = async ({ failures }: Migration) =>
  (await failures()).map(({ exceptionClass, exceptionMessage }) => `${exceptionClass}: ${exceptionMessage}`);

/** A failure that the import has left of a record. */
const importFailed = ({ importId, entityId }: Migration, relation: string, key: string) =>
  putFailure({
    importId,
    entityId,
    key: `3#project_import#${key}`,
    relation,
    pipelineClass: 'BulkImports::Projects::Pipelines::IssuesPipeline',
    step: 'loader',
    exceptionClass: 'ActiveRecord::RecordInvalid',
    exceptionMessage: 'It was refused.',
    correlationId: CORRELATION_ID,
    sourceUrl: null,
    sourceTitle: 'A',
    createdAt: new Date().toISOString(),
  });

describe('a project of which all has arrived', () => {
  it('has no failure, and its counts are its stats', async () => {
    const { migration } = await start();

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(await migration.failures()).toEqual([]);
    const { stats } = await migration.entity();
    const { project_counts: _, nothing: __, ...counted } = stats;
    expect(
      Object.fromEntries(
        Object.entries(counted).map(([name, { source, imported }]) => [name, [source, imported]]),
      ),
    ).toEqual({
      issues: [3, 3],
      merge_requests: [1, 1],
      labels: [2, 2],
      milestones: [1, 1],
      releases: [1, 1],
      ci_pipelines: [2, 2],
      snippets: [1, 1],
      protected_branches: [1, 1],
      branches: [2, 2],
      tags: [1, 1],
    });
    expect(stats.issues).toMatchObject({ fetched: 3, failed: 0, skipped: 0 });
  });

  it('is asked for with few requests, all of which read', async () => {
    const { bench, migration } = await start();
    const before = bench.source.requests.length;

    await migration.run(handler);

    expect(bench.destination.requests).toHaveLength(8);
    expect(bench.source.requests.length - before).toBe(7);
  });

  it('may have more than the source: branches of forks, and a label of its own', async () => {
    const there = {
      ...FULL,
      branches: [...FULL.branches, 'fork'],
      labels: [...FULL.labels, { title: 'new' }],
    };
    const { migration } = await start({ there });

    await migration.run(handler);

    expect(await migration.failures()).toEqual([]);
    expect((await migration.entity()).stats.branches).toMatchObject({ source: 2, fetched: 2, imported: 2 });
  });

  it.each(['14.0.0-ee', '16.2.0', '18.10.0-ee'])('is compared at GitLab %s', async version => {
    const { migration } = await start({ options: { source: { version }, destination: { version } } });

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(await migration.failures()).toEqual([]);
  });

  it('may be empty, and be no project without counts', async () => {
    const { migration } = await start({ here: {} });

    await migration.run(handler);

    expect(await migration.failures()).toEqual([]);
    expect(Object.keys((await migration.entity()).stats)).toEqual(['project_counts']);
  });

  it('has lost nothing by what was added at the source after its archive was made', async () => {
    const { source, migration } = await start();
    source.snippets.push({ id: 9_999, title: 'Late', fileName: 'late.txt', content: '' });

    await migration.run(handler);

    expect(await migration.failures()).toEqual([]);
  });
});

describe('a shortfall', () => {
  it('is one failure for each relation, which says of how many records and what to do', async () => {
    const there = { ...FULL, issues: [{ title: 'A' }], snippets: [] };
    const { migration } = await start({ there });

    await finish(migration);

    const said = 'and GitLab gives no reason. Its administrator finds reasons in importer.log.';
    const failures = await migration.failures();
    expect(failures.sort((a, b) => a.relation.localeCompare(b.relation))).toMatchObject([
      {
        relation: 'issues',
        pipelineClass: 'BulkImports::Projects::Pipelines::IssuesPipeline',
        exceptionMessage: `2 of 3 issues are missing at the destination, in acme/shop, ${said} Retry when they are removed, or add them by hand.`,
        broughtBy: 'project_import',
        retryable: true,
      },
      {
        relation: 'snippets',
        pipelineClass: 'BulkImports::Projects::Pipelines::SnippetsPipeline',
        exceptionClass: 'BulkImports::RecordsMissingError',
        exceptionMessage: `1 of 1 snippets are missing at the destination, in acme/shop, ${said} Add them by hand, or delete the project and import it again.`,
        retryable: false,
        sourceTitle: 'snippets',
      },
    ]);
    expect((await migration.entity()).stats).toMatchObject({
      issues: { source: 3, fetched: 3, imported: 1, failed: 2 },
      project_counts: { failed: 2 },
    });
  });

  it('is looked at a second time before it is told, as replicas of a database lag behind', async () => {
    const { bench, migration, destination } = await start({ there: { ...FULL, issues: [{ title: 'A' }] } });

    expect((await migration.run(handler)).status).toBe('wait');
    expect(await migration.failures()).toEqual([]);
    destination.issues = bench.source.project('acme/shop')?.issues ?? [];
    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(await migration.failures()).toEqual([]);
    expect((await migration.entity()).stats.issues).toMatchObject({ imported: 3, failed: 0 });
  });

  it('is explained by the failures of the import, and has none of its own', async () => {
    const { migration } = await start({ there: { ...FULL, issues: [{ title: 'A' }] } });
    await importFailed(migration, 'issues', 'one');
    await importFailed(migration, 'issues', 'two');

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect((await migration.failures()).map(({ exceptionClass }) => exceptionClass)).toEqual([
      'ActiveRecord::RecordInvalid',
      'ActiveRecord::RecordInvalid',
    ]);
    expect((await migration.entity()).stats.issues).toMatchObject({ imported: 1, failed: 2 });
  });

  it('is told where the import explains only a part of it, or has failed in another relation', async () => {
    const { migration } = await start({ there: { ...FULL, issues: [], snippets: [] } });
    await importFailed(migration, 'issues', 'one');

    await finish(migration);

    const rows = await rowsOf(migration);
    expect(rows).toContainEqual(
      expect.stringContaining(
        '3 of 3 issues are missing at the destination, in acme/shop, and failures of the import name 1 of them',
      ),
    );
    expect(rows).toContainEqual(expect.stringContaining('1 of 1 snippets are missing'));
  });

  it('of labels and milestones is none where a group above has them', async () => {
    const there = { ...FULL, labels: [{ title: 'bug' }], milestones: [] };
    const groupThere = { labels: [{ title: 'wish' }], milestones: [{ title: '1.0' }] };
    const { migration } = await start({ there, groupThere });

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(await migration.failures()).toEqual([]);
    expect((await migration.entity()).stats).toMatchObject({
      labels: { source: 2, imported: 2, failed: 0 },
      milestones: { source: 1, imported: 1 },
    });
  });

  it('of labels is one where no group above has them', async () => {
    const there = { ...FULL, labels: [] };
    const { migration } = await start({ there, groupThere: { labels: [{ title: 'wish' }] } });

    await finish(migration);

    expect(await rowsOf(migration)).toEqual([
      expect.stringContaining('1 of 2 labels are missing at the destination, in acme/shop'),
    ]);
  });
});

describe('a repository that the source has', () => {
  const GONE = refused(404, '404 Repository Not Found');

  it('and the destination has not is a shortfall of all that was in it', async () => {
    const { bench, migration } = await start();
    setFault(bench.destination, { path: /\/repository\// }, GONE);

    await finish(migration);

    expect(await rowsOf(migration)).toEqual(
      expect.arrayContaining([
        expect.stringContaining('2 of 2 branches are missing'),
        expect.stringContaining('1 of 1 tags are missing'),
      ]),
    );
    expect((await migration.entity()).stats.branches).toMatchObject({ source: 2, imported: 0, failed: 2 });
  });

  it('is explained as a whole where the import has failed in it', async () => {
    const { bench, migration } = await start();
    setFault(bench.destination, { path: /\/repository\// }, GONE);
    await importFailed(migration, 'repository', 'one');

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(await migration.failures()).toHaveLength(1);
    expect((await migration.entity()).stats.branches).toMatchObject({ imported: 0, failed: 2 });
  });

  it('and does not show is not compared, however empty that of the destination is', async () => {
    const { migration } = await start({
      before: ({ source }) => setFault(source, { path: /\/repository\// }, GONE),
    });

    await migration.run(handler);

    expect(await rowsOf(migration)).toEqual([
      'BulkImports::NotComparedError: Whether all has arrived is not known of: branches, tags. The source does not count them for its token, or not so many. Compare them by hand.',
    ]);
  });
});

describe('what cannot be counted', () => {
  it('at the source is named once, and all else is compared', async () => {
    const { migration } = await start({
      there: { ...FULL, snippets: [] },
      before: ({ source }) =>
        setFault(source, { path: /\/(milestones|boards)$/ }, refused(403, '403 Forbidden')),
    });

    await finish(migration);

    const rows = await rowsOf(migration);
    expect(rows).toHaveLength(2);
    expect(rows).toContainEqual(
      'BulkImports::NotComparedError: Whether all has arrived is not known of: milestones, boards. The source does not count them for its token, or not so many. Compare them by hand.',
    );
    expect((await migration.entity()).stats.milestones).toBeUndefined();
  });

  it('at the destination is named once, and has no stats, which would say what arrived', async () => {
    const { bench, migration } = await start();
    setFault(bench.destination, { path: /\/snippets$/ }, refused(403, '403 Forbidden'));

    await migration.run(handler);

    expect(await rowsOf(migration)).toEqual([
      'BulkImports::NotComparedError: Whether all has arrived is not known of: snippets. The destination does not count them for its token, or not so many. Compare them by hand.',
    ]);
    expect((await migration.entity()).stats.snippets).toBeUndefined();
  });

  it('because there is too much of it is not guessed', async () => {
    const { migration } = await start({
      options: { source: { countedRecords: 1 } },
      there: { ...FULL, branches: [] },
    });

    await migration.run(handler);

    expect(await rowsOf(migration)).toEqual([
      'BulkImports::NotComparedError: Whether all has arrived is not known of: labels, branches. The source does not count them for its token, or not so many. Compare them by hand.',
    ]);
  });

  it('since it is switched off at both is no matter', async () => {
    const settings = { snippetsAccessLevel: 'disabled', issuesAccessLevel: 'disabled' } as const;
    const { migration } = await start({ here: { ...FULL, settings } });

    await migration.run(handler);

    expect(await migration.failures()).toEqual([]);
    expect((await migration.entity()).stats.issues).toBeUndefined();
  });

  it('since it is switched off at the destination only is not compared', async () => {
    const settings = { issuesAccessLevel: 'disabled' } as const;
    const { migration } = await start({ there: { ...FULL, settings } });

    await migration.run(handler);

    expect(await rowsOf(migration)).toEqual([
      expect.stringContaining('is not known of: issues. The destination'),
    ]);
  });

  it('by GraphQL is counted by lists', async () => {
    const { bench, migration } = await start();
    setFault(
      bench.destination,
      { path: '/api/graphql' },
      {
        kind: 'respond',
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ errors: [{ message: "Field 'pipelines' doesn't exist on type 'Project'" }] }),
      },
    );

    await migration.run(handler);

    expect(await migration.failures()).toEqual([]);
    expect((await migration.entity()).stats.ci_pipelines).toMatchObject({ source: 2, imported: 2 });
  });

  it('since the project is gone fails as a whole', async () => {
    const { bench, migration, destination } = await start();
    setFault(
      bench.destination,
      { path: new RegExp(`/projects/${destination.id}/`) },
      refused(404, '404 Project Not Found'),
    );

    await migration.run(handler);

    expect(await rowsOf(migration)).toEqual([expect.stringContaining('404 Project Not Found')]);
    expect((await migration.tracker()).status).toBe('failed');
  });
});

describe('what no archive has', () => {
  const OUT = {
    variables: ['A', 'B'],
    hooks: ['https://hooks.example/1'],
    leftOut: { environments: ['production'], packages: ['lib'] },
  };

  it('is said once, by its kinds', async () => {
    const { migration } = await start({ here: { ...FULL, ...OUT }, there: FULL });

    await migration.run(handler);

    expect(await migration.failures()).toMatchObject([
      {
        relation: 'project_counts',
        exceptionClass: 'BulkImports::NotInArchiveError',
        exceptionMessage:
          'No archive of GitLab has these, so that they stay at the source: CI variables (2), webhooks (1), environments (1), packages (1). Set up at the destination by hand what is still needed.',
        sourceTitle: 'archive',
      },
    ]);
  });

  it('is not said of what another relation moves', async () => {
    const { migration } = await start({ here: { ...FULL, ...OUT }, there: FULL });
    await updateItem(keys.entity(migration.importId, migration.entityId), {
      set: { relations: { ci_variables: true, hooks: true, environments: false } },
    });

    await migration.run(handler);

    expect(await rowsOf(migration)).toEqual([
      expect.stringContaining('stay at the source: environments (1), packages (1).'),
    ]);
  });

  it('is not said of what the source does not show', async () => {
    const { bench, migration } = await start({ here: { ...FULL, hooks: OUT.hooks }, there: FULL });
    setFault(bench.source, { path: /\/hooks$/ }, refused(403, '403 Forbidden'));

    await migration.run(handler);

    expect(await migration.failures()).toEqual([]);
  });
});

describe('a run that dies', () => {
  it('is repeated without a second failure, and without another count', async () => {
    const here = { ...FULL, hooks: ['https://hooks.example/1'] };
    const { migration } = await start({ here, there: { ...FULL, issues: [], milestones: [] } });
    await finish(migration);
    const before = { failures: await migration.failures(), stats: (await migration.entity()).stats };
    await forget(migration);

    await finish(migration);

    expect(await migration.failures()).toEqual(before.failures);
    expect((await migration.entity()).stats).toEqual(before.stats);
  });

  it('goes on after trouble at the source with the kinds that it has not asked for', async () => {
    const { bench, migration } = await start({
      here: { ...FULL, hooks: ['https://hooks.example/1'] },
      there: FULL,
    });
    setFault(bench.source, { path: /\/hooks$/ }, { kind: 'respond', status: 503 });

    expect((await migration.run(handler)).status).toBe('wait');
    bench.source.onRequest = undefined;
    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(await rowsOf(migration)).toEqual([expect.stringContaining('webhooks (1)')]);
  });

  it('waits for a destination in trouble, and tells nothing before', async () => {
    const { bench, migration } = await start();
    setFault(bench.destination, { path: /\/labels$/ }, { kind: 'respond', status: 503 });

    expect((await migration.run(handler)).status).toBe('wait');
    expect(await migration.failures()).toEqual([]);

    bench.destination.onRequest = undefined;
    expect(await migration.run(handler)).toEqual(FINISHED);
    expect(requestsTo(bench.destination, { method: 'POST', path: /projects/ })).toEqual([]);
  });
});

/** As a run leaves it that dies before it has saved how far it came. */
async function forget({ importId, entityId }: Migration): Promise<void> {
  await updateItem(keys.entity(importId, entityId), { set: { status: 'started', trackers: {} } });
}
