import { describe, expect, it } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { recordFailure } from '../../lambdas/engine/record-failures.ts';
import { sourceClient } from '../../lambdas/gitlab/connections.ts';
import { group } from '../../lambdas/pipelines/group.ts';
import { recordLeftOutBelow } from '../../lambdas/pipelines/left-out.ts';
import { relationOf } from '../../lambdas/pipelines/stages.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { updateItem } from '../../lambdas/store/table-updates.ts';
import type { SampleProjectSeed } from '../../lib/gitlab-simulator/project-model.ts';
import { refused, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import {
  type Bench,
  FINISHED,
  handlerOf,
  type Migration,
  SOURCE_TOKEN,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';
import { withClock } from '../support/test-run/clock.ts';

const handler = handlerOf(group);

useTableInMemory();

const CREATE = { method: 'POST', path: '/groups' } as const;
const LIST = /\/descendant_groups$/;

/** A group of the source that cannot be created at the destination. */
async function refusedGroup(
  subgroups: number,
  projects: SampleProjectSeed[] = [],
): Promise<{ bench: Bench; migration: Migration }> {
  const bench = await startBench();
  bench.source.addGroup({ name: 'Acme', path: 'acme', projects });
  for (let index = 1; index <= subgroups; index++) {
    const parent = index === 2 ? 'acme/team-1' : 'acme';
    bench.source.addGroup({ name: `Team ${index}`, path: `team-${index}`, parent });
  }
  setFault(bench.destination, CREATE, refused(403, '403 Forbidden'));
  const migration = await bench.migration('group', { from: 'acme', destinationNamespace: '' });
  return { bench, migration };
}

const leftOut = async (migration: Migration) =>
  (await migration.failures()).filter(row => row.exceptionClass === 'BulkImports::ParentNotCreatedError');

describe('the subgroups of a group that cannot be created', () => {
  it('have one failure each, by name', async () => {
    const { migration } = await refusedGroup(3);

    await migration.run(handler);

    expect((await migration.entity()).status).toBe('failed');
    const rows = await leftOut(migration);
    expect(rows.map(({ sourceTitle }) => sourceTitle).sort()).toEqual(['Team 1', 'Team 2', 'Team 3']);
    expect(rows.find(({ sourceTitle }) => sourceTitle === 'Team 2')?.exceptionMessage).toMatch(
      /^'acme\/team-1\/team-2' was not migrated, since the group above it could not be created\./,
    );
    expect(await migration.failures()).toHaveLength(4);
  });

  it('have the same ones when a run was interrupted after it had written them', async () => {
    const { bench, migration } = await refusedGroup(3);
    const source = sourceClient(bench.source.url, new Secret(SOURCE_TOKEN));
    const [bulkImport, entity] = [await migration.record(), await migration.entity()];
    const context: Parameters<typeof recordLeftOutBelow>[0] = {
      bulkImport,
      noteOnEntity: () => {},
      entity,
      source,
      recordFailure: (step, name, error) =>
        recordFailure(relationOf('group_entity', 'group'), { bulkImport, entity }, step, name, error),
    };

    await recordLeftOutBelow(context, () => false);
    await migration.run(handler);

    expect(await leftOut(migration)).toHaveLength(3);
  });

  it('are named up to a thousand, and then counted', async () => {
    const { migration } = await refusedGroup(1_005);

    await migration.run(handler);

    const rows = await leftOut(migration);
    expect(rows).toHaveLength(1_001);
    const [rest] = rows.filter(({ sourceTitle }) => sourceTitle === 'and 5 more subgroups');
    expect(rest?.exceptionMessage).toMatch(/^5 more subgroups below this group were not migrated/);
  });

  it('are said to be unknown when they cannot be listed', async () => {
    const { bench, migration } = await refusedGroup(3);
    setFault(bench.source, { path: LIST }, refused(403, '403 Forbidden'));

    await migration.run(handler);

    expect((await migration.entity()).status).toBe('failed');
    expect(await leftOut(migration)).toEqual([
      expect.objectContaining({
        sourceTitle: 'subgroups',
        exceptionMessage: expect.stringMatching(/could not be listed either: .*403/),
      }),
    ]);
  });

  it('are waited for when the source is not to be had, and the group counts once', async () => {
    const { bench, migration } = await refusedGroup(3);
    setFault(bench.source, { path: LIST, nth: 1 }, throttled(60));

    expect(await migration.run(handler)).toMatchObject({ status: 'wait' });
    expect((await migration.entity()).status).toBe('started');
    expect(await leftOut(migration)).toEqual([]);
    expect(await withClock(61_000, () => migration.run(handler))).toEqual(FINISHED);

    expect((await leftOut(migration)).map(({ sourceTitle }) => sourceTitle).sort()).toEqual([
      'Team 1',
      'Team 2',
      'Team 3',
    ]);
    expect((await migration.entity()).status).toBe('failed');
    expect((await migration.tracker()).counts).toMatchObject({ source: 1, fetched: 1, failed: 1 });
    expect(await migration.failures()).toHaveLength(4);
  });

  it('are waited for also when the group failed before it was tried', async () => {
    const { bench } = await refusedGroup(1);
    const migration = await bench.migration('group', { from: 'acme', destinationNamespace: 'gone' });
    setFault(bench.source, { path: LIST, nth: 1 }, throttled(60));

    expect(await migration.run(handler)).toMatchObject({ status: 'wait' });
    expect(await withClock(61_000, () => migration.run(handler))).toEqual(FINISHED);

    expect((await leftOut(migration)).map(({ sourceTitle }) => sourceTitle)).toEqual(['Team 1']);
    expect((await migration.failures()).map(({ step }) => step).sort()).toEqual(['loader', 'loader']);
    expect((await migration.entity()).status).toBe('failed');
  });

  it('are accounted for when the parent at the destination is gone, too', async () => {
    const { bench } = await refusedGroup(1);
    const migration = await bench.migration('group', { from: 'acme', destinationNamespace: 'gone' });

    await migration.run(handler);

    expect((await leftOut(migration)).map(({ sourceTitle }) => sourceTitle)).toEqual(['Team 1']);
  });

  it('say what is wrong within 255 characters', async () => {
    const { bench, migration } = await refusedGroup(1);
    setFault(bench.source, { path: LIST }, refused(403, 'x'.repeat(500)));

    await migration.run(handler);

    for (const { exceptionMessage } of await migration.failures()) {
      expect(exceptionMessage.length).toBeLessThanOrEqual(255);
      expect(exceptionMessage).toMatch(/\.$/);
    }
  });
});

describe('the projects of a group that cannot be created', () => {
  const PROJECTS = [
    { name: 'Web', path: 'web' },
    { name: 'Old', path: 'old', markedForDeletionOn: '2026-11-01' },
  ];

  it('have one failure each, those of its subgroups too, without those that are to be deleted', async () => {
    const { bench, migration } = await refusedGroup(0, PROJECTS);
    bench.source.addGroup({
      name: 'Team',
      path: 'team',
      parent: 'acme',
      projects: [{ name: 'App', path: 'app' }],
    });

    await migration.run(handler);

    const rows = await leftOut(migration);
    expect(rows.map(({ sourceTitle }) => sourceTitle).sort()).toEqual(['App', 'Team', 'Web']);
    expect(rows.find(({ sourceTitle }) => sourceTitle === 'App')?.exceptionMessage).toMatch(
      /^'acme\/team\/app' was not migrated, since the group above it could not be created\./,
    );
  });

  it('are not spoken of when they were not to be migrated', async () => {
    const { migration } = await refusedGroup(0, PROJECTS);
    const { importId, entityId } = migration;
    await updateItem(keys.entity(importId, entityId), { set: { 'relations.project_entities': false } });

    await migration.run(handler);

    expect(await leftOut(migration)).toEqual([]);
  });
});
