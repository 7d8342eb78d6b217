import { describe, expect, it, vi } from 'vitest';
import { StoreError } from '../../lambdas/domain/store-errors.ts';
import { cancelImport, closeImport } from '../../lambdas/engine/end-import.ts';
import type { Subgroup } from '../../lambdas/gitlab/api/groups.ts';
import { subgroupEntities } from '../../lambdas/pipelines/subgroup-entities.ts';
import { listEntities } from '../../lambdas/store/entity-lists.ts';
import { startRun } from '../../lambdas/store/entity-runs.ts';
import { getImport } from '../../lambdas/store/imports.ts';
import { setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import {
  ACME,
  type Bench,
  CORRELATION_ID,
  FINISHED,
  handlerOf,
  type Migration,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const table = useTableInMemory();

const handler = handlerOf(subgroupEntities);

function addSubgroups(bench: Bench, count: number): void {
  for (let index = 0; index < count; index++) {
    const number = String(index).padStart(3, '0');
    bench.source.addGroup({ name: `Team ${number}`, path: `team-${number}`, parent: 'acme' });
  }
}

/** How the relation makes entities of a page of subgroups. */
const { many } = subgroupEntities;
if (many === undefined) throw new Error('It makes them one by one.');

const childrenOf = async ({ importId, entityId }: Migration) =>
  (await listEntities(importId)).filter(({ parentId }) => parentId === entityId);

const pathsOf = async (migration: Migration) =>
  (await childrenOf(migration)).map(({ sourceFullPath }) => sourceFullPath);

describe('the subgroup_entities pipeline', () => {
  it('makes an entity of the next generation of each direct subgroup', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    const team = bench.source.addGroup({ name: 'The Team', path: 'team', parent: 'acme' });
    bench.source.addGroup({ name: 'Deep', path: 'deep', parent: 'acme/team' });
    bench.addDestinationGroup({ name: 'Home', path: 'home' });
    bench.addDestinationGroup({ name: 'Acme', path: 'acme_1', parent: 'home' });
    const migration = await bench.migration('subgroup_entities', { from: 'acme', to: 'home/acme_1' });

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(await childrenOf(migration)).toEqual([
      expect.objectContaining({
        status: 'created',
        userId: bench.importerId,
        sourceType: 'group_entity',
        sourceFullPath: 'acme/team',
        sourceId: team.id,
        destinationSlug: 'team',
        destinationNamespace: 'home/acme_1',
        parentId: migration.entityId,
        generation: 1,
        namespaceId: null,
        relations: {},
      }),
    ]);
    expect((await migration.tracker()).counts).toEqual({
      source: 1,
      fetched: 1,
      imported: 1,
      skipped: 0,
      failed: 0,
      skips: {},
    });
  });

  it('reads on after the 100 subgroups of a page, and numbers the entities in the order of the source', async () => {
    const bench = await startBench();
    bench.addPair({});
    addSubgroups(bench, 101);
    const migration = await bench.migration('subgroup_entities', ACME);

    await migration.run(handler);

    const children = await childrenOf(migration);
    expect(children).toHaveLength(101);
    expect(new Set(children.map(({ id }) => id)).size).toBe(101);
    expect(children.map(({ sourceId }) => sourceId)).toEqual(
      children.map(({ sourceId }) => sourceId).sort((a, b) => a - b),
    );
    expect((await migration.tracker()).counts).toMatchObject({ source: 101, fetched: 101, imported: 101 });
  });

  it('makes no second entity of a subgroup that a crashed run had met', async () => {
    const bench = await startBench();
    bench.addPair({});
    addSubgroups(bench, 3);
    const migration = await bench.migration('subgroup_entities', ACME);
    const crashing = handlerOf({
      ...subgroupEntities,
      many: {
        size: 100,
        async create(...parameters) {
          await many.create(...parameters);
          throw new StoreError('lost before its end was saved');
        },
      },
    });
    await expect(migration.run(crashing)).rejects.toThrow(StoreError);
    const before = await childrenOf(migration);

    await migration.run(handler);

    expect(await childrenOf(migration)).toEqual(before);
    expect(await pathsOf(migration)).toEqual(['acme/team-000', 'acme/team-001', 'acme/team-002']);
  });

  it('gives a subgroup the id that a crashed run has taken for it, and not made an entity with', async () => {
    const bench = await startBench();
    bench.addPair({});
    addSubgroups(bench, 2);
    const migration = await bench.migration('subgroup_entities', ACME);
    const refusing = vi.spyOn(table(), 'put').mockImplementation(() => {
      throw new StoreError('gone before any entity was made');
    });
    await expect(migration.run(handler)).rejects.toThrow(StoreError);
    refusing.mockRestore();
    const { ids } = (await migration.tracker()).state as { ids: Record<string, number> };

    await migration.run(handler);

    expect((await childrenOf(migration)).map(({ sourceId, id }) => [String(sourceId), id])).toEqual(
      Object.entries(ids),
    );
    expect((await migration.tracker()).state).toBeUndefined();
  });

  it('makes no entity when another run has taken over meanwhile', async () => {
    const bench = await startBench();
    bench.addPair({});
    addSubgroups(bench, 2);
    const migration = await bench.migration('subgroup_entities', ACME);
    const overtaken = handlerOf({
      ...subgroupEntities,
      async read(context, cursor) {
        const page = await subgroupEntities.read(context, cursor);
        await startRun(context.entity);
        return page;
      },
    });

    expect(await migration.run(overtaken)).toEqual(FINISHED);

    expect(await childrenOf(migration)).toEqual([]);
  });

  it('makes one entity of each subgroup that slides from a page to the next', async () => {
    const bench = await startBench();
    bench.addPair({});
    const named = (from: number, to: number): Subgroup[] =>
      Array.from({ length: to - from }, (_, index) => {
        const path = `team-${from + index}`;
        return { id: 9_000 + from + index, name: path, path, full_path: `acme/${path}` };
      });
    const migration = await bench.migration('subgroup_entities', ACME);
    const sliding = handlerOf({
      ...subgroupEntities,
      read: async (_, cursor) =>
        cursor === null
          ? { records: named(0, 100), next: '2', total: 180 }
          : { records: named(70, 150), next: null, total: 180 },
    });

    await migration.run(sliding);

    expect(await childrenOf(migration)).toHaveLength(150);
    expect((await migration.tracker()).counts).toMatchObject({ source: 180, imported: 180 });
  });

  it('costs a write per subgroup, and three per page for the ids of all', async () => {
    const writesFor = async (subgroups: number) => {
      const bench = await startBench();
      bench.addPair({});
      addSubgroups(bench, subgroups);
      const migration = await bench.migration('subgroup_entities', ACME);
      const writes = [vi.spyOn(table(), 'put'), vi.spyOn(table(), 'update')];
      await migration.run(handler);
      const count = writes.reduce((sum, { mock }) => sum + mock.calls.length, 0);
      for (const write of writes) write.mockRestore();
      return count;
    };
    const none = await writesFor(0);

    expect(await writesFor(50)).toBe(none + 50 + 3);
  });

  it('waits when it is throttled, and makes each entity once', async () => {
    const bench = await startBench();
    bench.addPair({});
    addSubgroups(bench, 3);
    setFault(bench.source, { path: '/subgroups', nth: 1 }, throttled(21));
    const migration = await bench.migration('subgroup_entities', ACME);

    const results = [await migration.run(handler), await migration.run(handler)];

    expect(results).toEqual([{ status: 'wait', waitSeconds: 21 }, FINISHED]);
    expect(await childrenOf(migration)).toHaveLength(3);
    expect((await migration.tracker()).counts).toEqual({
      source: 3,
      fetched: 3,
      imported: 3,
      skipped: 0,
      failed: 0,
      skips: {},
    });
  });

  it('writes down the subgroup that could not be noted and goes on with the others', async () => {
    const bench = await startBench();
    bench.addPair({});
    addSubgroups(bench, 3);
    const refusing = handlerOf({
      ...subgroupEntities,
      want(child, context) {
        if (child.path === 'team-001') throw new Error('no');
        return subgroupEntities.want(child, context);
      },
    });
    const migration = await bench.migration('subgroup_entities', ACME);

    await migration.run(refusing);

    expect(await pathsOf(migration)).toEqual(['acme/team-000', 'acme/team-002']);
    expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 2, failed: 1 });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'subgroup_entities',
        step: 'transformer',
        pipelineClass: 'BulkImports::Groups::Pipelines::SubgroupEntitiesPipeline',
        exceptionClass: 'Error',
        correlationId: CORRELATION_ID,
        sourceTitle: 'Team 001',
      }),
    ]);
  });

  it.each<{ end: string; status: string; act: (importId: number) => Promise<unknown> }>([
    {
      end: 'canceled',
      status: 'canceled',
      act: async importId => cancelImport(await getImport(importId), async () => undefined),
    },
    {
      end: 'ended because of another entity',
      status: 'failed',
      act: importId =>
        closeImport({ id: importId, attempt: 1 }, 'failed', { exceptionClass: 'Error', message: 'no token' }),
    },
  ])('leaves no entity open that it made while the import was $end', async ({ status, act }) => {
    const bench = await startBench();
    bench.addPair({});
    addSubgroups(bench, 2);
    const migration = await bench.migration('subgroup_entities', ACME);
    const endedMeanwhile = handlerOf({
      ...subgroupEntities,
      async read(context, cursor) {
        const page = await subgroupEntities.read(context, cursor);
        await act(migration.importId);
        return page;
      },
    });

    const result = await migration.run(endedMeanwhile);

    expect(result).toEqual(FINISHED);
    const statuses = (await listEntities(migration.importId)).map(entity => entity.status);
    expect(new Set(statuses)).toEqual(new Set([status]));
  });
});
