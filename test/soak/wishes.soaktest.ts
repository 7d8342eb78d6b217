import fc from 'fast-check';
import { expect, it } from 'vitest';
import { broken } from './invariants.ts';
import { schedule, wishes } from './schedule.ts';
import { seedOfToday } from './seeds.ts';
import { live } from './world.ts';

const RUNS = Number(process.env.SOAK_RUNS ?? 500);
const SEED = seedOfToday();
const { SOAK_PATH: PATH } = process.env;

it(`an import leaves out what it is asked to, and maps whom it is told to: ${RUNS} schedules of faults and crashes, drawn from seed ${SEED}`, async () => {
  await fc.assert(
    fc.asyncProperty(schedule, wishes, async (drawn, wished) => {
      const asked = { ...drawn, wishes: wished };
      const aftermath = await live(asked);
      try {
        expect(broken(aftermath, asked)).toEqual([]);
      } finally {
        await aftermath.stop();
      }
    }),
    { numRuns: RUNS, seed: SEED, ...(PATH !== undefined && { path: PATH }) },
  );
});
