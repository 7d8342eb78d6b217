import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { type PlanEntity, type PlannedTree, plannedTree } from '../support/service/planned-trees.ts';
import { type ServiceInMemory, startServiceInMemory } from '../support/service/service-in-memory.ts';
import { verifyImport } from '../support/service/verifications.ts';
import { tree } from './schedule.ts';
import { seedOfToday } from './seeds.ts';

/** Each tree is planned twice, migrated and verified, which takes about a second. */
const RUNS = Math.ceil(Number(process.env.SOAK_RUNS ?? 500) / 5);
const SEED = seedOfToday();
const { SOAK_PATH: PATH } = process.env;

let service: ServiceInMemory;
beforeAll(async () => {
  service = await startServiceInMemory();
});

it(`an import does what its plan has said, and a verification finds nothing, whatever outage these wait for: ${RUNS} trees, drawn from seed ${SEED}`, async () => {
  await fc.assert(
    fc.asyncProperty(
      tree,
      fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 3 }),
      async (drawn, troubled) => {
        const world = await plannedTree(service, drawn);
        try {
          const { plan, entities } = await world.plan();
          trouble(world, troubled);
          const again = await world.plan();
          trouble(world, []);
          expect(world.writes()).toBe(0);
          expect(again.plan.changes).toEqual(plan.changes);
          expect(changesOf(again.entities)).toEqual(changesOf(entities));

          const { record, entities: migrated } = await world.migrate();
          const before = world.writes();
          expect(plan.has_blockers).toBe(false);
          expect(paths(entities)).toEqual(paths(migrated));
          // Of projects GitLab's own import decides, so that only a plan without them is exact.
          if (entities.every(({ entity_type: type }) => type === 'group')) {
            expect(record.has_failures).toBe(false);
            expect(plan.destination_writes).toBe(world.records());
          }

          trouble(world, troubled);
          const verified = await verifyImport(world, record.id);
          expect(world.writes()).toBe(before);
          expect(
            verified.failures.map(({ relation, exceptionMessage }) => [relation, exceptionMessage]),
          ).toEqual([]);
          expect(verified.record).toMatchObject({ accuracy: 1, different: 0, missing: 0, unverified: 0 });
        } finally {
          await world.stop();
        }
      },
    ),
    { numRuns: RUNS, seed: SEED, ...(PATH !== undefined && { path: PATH }) },
  );
});

const paths = (entities: { source_full_path: string; destination_full_path: string | null }[]) =>
  entities.map(({ source_full_path: from, destination_full_path: to }) => [from, to]).sort();

/** Lets these requests to each GitLab, from now on, meet an outage: what only looks waits for it, and sees the same. */
function trouble({ source, destination }: PlannedTree, numbers: readonly number[]): void {
  for (const gitlab of [source, destination]) {
    let count = 0;
    gitlab.onRequest = ({ path }) => {
      // Not of the checks of a POST, which waits for nothing.
      if (!/\/(groups|projects)\/\d+/.test(path)) return undefined;
      count += 1;
      return numbers.includes(count) ? { kind: 'respond', status: 503, body: 'Unavailable' } : undefined;
    };
  }
}

/** By path: siblings run side by side, and their children get ids as they come. */
const changesOf = (entities: PlanEntity[]) =>
  Object.fromEntries(entities.map(({ source_full_path: path, changes }) => [path, changes]));
