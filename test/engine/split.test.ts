import { expect, it } from 'vitest';
import type { Relation, StagedEntry } from '../../lambdas/engine/relation.ts';
import { runEntity } from '../../lambdas/engine/run-entity.ts';
import type { RunEvent } from '../../lambdas/engine/run-event.ts';
import { laneOfGroups } from '../support/service/lane-of-groups.ts';
import { ACME, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

const PAGE = 1_000;
const LAMBDA_MS = 900_000;

/** A relation with so many records, which it only counts. */
function counting(name: string, records: number, loaded: Set<string>) {
  return {
    name,
    pipelineClass: name,
    relation: name,
    stage: 1,
    parallel: 100,
    async read(_: unknown, cursor: string | null) {
      const from = Number(cursor ?? 0);
      const page = Array.from({ length: Math.min(PAGE, records - from) }, (_, index) => `${from + index}`);
      const next = from + PAGE < records ? `${from + PAGE}` : null;
      return { records: page, next, total: records };
    },
    existing: async () => undefined,
    nameOf: (record: string) => ({ key: record, title: record }),
    want: (record: string) => record,
    decide: () => 'create' as const,
    async create(record: string) {
      const key = `${name} ${record}`;
      if (loaded.has(key)) throw new Error(`${key} is moved twice.`);
      loaded.add(key);
      return 'imported' as const;
    },
  } satisfies Relation<string, string, undefined> & StagedEntry;
}

async function start(sizes: Record<string, number>) {
  const bench = await startBench();
  bench.addPair({});
  const migration = await bench.migration('labels', ACME);
  const loaded = new Set<string>();
  const relations = Object.entries(sizes).map(([name, records]) => counting(name, records, loaded));
  const { importId, entityId } = migration;
  const run = (event: Partial<RunEvent> = {}) =>
    runEntity(
      laneOfGroups(relations),
      { importId, entityId, attempt: 1, functionName: 'lane', ...event },
      Date.now() + LAMBDA_MS,
    );
  return { migration, run, loaded };
}

it('two relations with thousands of records are run apart, each record once', async () => {
  const { migration, run, loaded } = await start({ many: 5_000, more: 4_500, few: 10 });

  const first = await run();
  const apart = await Promise.all(first.relations.map(event => run(event)));
  const last = await run();

  expect([first.status, first.relations.map(({ only }) => only)]).toEqual(['split', ['many', 'more']]);
  expect(apart.map(({ status }) => status)).toEqual(['ended', 'ended']);
  expect(last.status).toBe('ended');
  expect(loaded.size).toBe(9_510);
  expect((await migration.entity()).stats).toMatchObject({
    many: { source: 5_000, imported: 5_000 },
    more: { source: 4_500, imported: 4_500 },
    few: { source: 10, imported: 10 },
  });
  expect((await migration.entity()).status).toBe('finished');
});

it('one that is alone with its thousands of records has the next run to itself', async () => {
  const { run, loaded } = await start({ many: 5_000, few: 10 });

  const statuses = [(await run()).status, (await run()).status];

  expect(statuses).toEqual(['continue', 'ended']);
  expect(loaded.size).toBe(5_010);
});

it('a run that was handed out by an older run of the entity does nothing', async () => {
  const { run, loaded } = await start({ many: 5_000, more: 4_500 });
  const first = await run();
  await run();
  const before = loaded.size;

  const late = await run(first.relations[0]);

  expect(late.status).toBe('ended');
  expect(loaded.size).toBe(before);
});

it('of two runs of the same relation only the later one saves', async () => {
  const { migration, run } = await start({ many: 5_000, more: 4_500 });
  const [many] = (await run()).relations;

  const [, later] = await Promise.all([run(many), run(many)]);

  expect(later?.status).toBe('ended');
  const { many: counts } = (await migration.entity()).stats;
  expect(counts?.imported).toBeLessThanOrEqual(5_000);
});
