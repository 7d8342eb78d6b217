import { afterEach, describe, expect, it, vi } from 'vitest';
import { subgroupEntities } from '../../lambdas/pipelines/subgroup-entities.ts';
import { listEntities } from '../../lambdas/store/entity-lists.ts';
import {
  type Bench,
  FINISHED,
  handlerOf,
  type Migration,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(subgroupEntities);

useTableInMemory();
afterEach(() => vi.unstubAllEnvs());

const childrenOf = async ({ importId, entityId }: Migration) =>
  (await listEntities(importId)).filter(({ parentId }) => parentId === entityId);

/** Lets the source show these groups as the subgroups of every group. */
function showSubgroups(bench: Bench, groups: { id: number; path: string }[]): void {
  const body = groups.map(({ id, path }) => ({ id, path, name: path, full_path: `acme/${path}` }));
  bench.source.onRequest = ({ path }) =>
    path.endsWith('/subgroups')
      ? { kind: 'respond', status: 200, headers: { 'x-next-page': '' }, body: JSON.stringify(body) }
      : undefined;
}

/** A chain of groups of so many levels, each with its entity; the last one's. */
async function chain(bench: Bench, levels: number): Promise<Migration> {
  let parent: Migration | undefined;
  for (let level = 0; level < levels; level++) {
    const above = level === 0 ? undefined : `level-${level - 1}`;
    const path = `level-${level}`;
    bench.source.addGroup({ name: path, path });
    bench.addDestinationGroup({ name: path, path });
    parent = await bench.migration('subgroup_entities', {
      from: path,
      to: path,
      ...(above !== undefined && parent !== undefined && { parent }),
    });
  }
  return parent as Migration;
}

describe('a tree of groups that has no end', () => {
  it('ends at a group that is below itself', async () => {
    const bench = await startBench();
    const migration = await chain(bench, 3);
    const root = bench.source.group('level-0')?.id ?? 0;
    const own = bench.source.group('level-2')?.id ?? 0;
    showSubgroups(bench, [
      { id: root, path: 'root' },
      { id: own, path: 'own' },
      { id: 9_000, path: 'other' },
    ]);

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect((await childrenOf(migration)).map(({ sourceId }) => sourceId)).toEqual([9_000]);
    expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 1, failed: 2 });
    expect((await migration.failures()).map(({ exceptionMessage }) => exceptionMessage).sort()).toEqual(
      ['own', 'root'].map(
        path =>
          `The source shows 'acme/${path}' below itself, so that its tree of groups has no end. It was not migrated again. Check what answers at the source.`,
      ),
    );
  });

  it.each([
    [20, 1, 0],
    [21, 0, 1],
  ])('ends at the depth that GitLab has: below %i groups', async (levels, made, failed) => {
    const bench = await startBench();
    const last = await chain(bench, levels);
    showSubgroups(bench, [{ id: 9_000, path: 'deep' }]);

    await last.run(handler);

    expect(await childrenOf(last)).toHaveLength(made);
    expect(await last.failures()).toHaveLength(failed);
  });

  it('ends where the import has as many groups as it may have, with one failure', async () => {
    vi.stubEnv('ENTITIES_PER_IMPORT', '2');
    const bench = await startBench();
    const migration = await chain(bench, 1);
    showSubgroups(
      bench,
      [1, 2, 3, 4].map(number => ({ id: 9_000 + number, path: `team-${number}` })),
    );

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(await childrenOf(migration)).toHaveLength(2);
    expect((await migration.tracker()).counts).toMatchObject({ source: 4, imported: 2, failed: 2 });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        exceptionClass: 'BulkImports::BudgetExceededError',
        exceptionMessage:
          'The source GitLab, asked to list what the group holds, sent too much: the import has more than 2 groups and projects. If it is right, let the operator of this service raise ENTITIES_PER_IMPORT. 2 of 4 records were not read.',
      }),
    ]);
  });

  it('does not count a group twice that a run meets again', async () => {
    vi.stubEnv('ENTITIES_PER_IMPORT', '2');
    const bench = await startBench();
    const migration = await chain(bench, 1);
    showSubgroups(
      bench,
      [1, 2].map(number => ({ id: 9_000 + number, path: `team-${number}` })),
    );
    await migration.run(handler, 0);
    await migration.run(handler);

    expect(await childrenOf(migration)).toHaveLength(2);
    expect(await migration.failures()).toEqual([]);
  });
});
