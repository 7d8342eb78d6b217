import fc from 'fast-check';
import { expect, it } from 'vitest';
import { broken } from './invariants.ts';
import { schedule } from './schedule.ts';
import { seedOfToday } from './seeds.ts';
import { live } from './world.ts';

const RUNS = Number(process.env.SOAK_RUNS ?? 500);
const SEED = seedOfToday();
const { SOAK_PATH: PATH } = process.env;

it(`a plan writes nothing and adds up: ${RUNS} schedules of faults and crashes, drawn from seed ${SEED}`, async () => {
  await fc.assert(
    fc.asyncProperty(schedule, async drawn => {
      const planned = { ...drawn, isPlan: true };
      const aftermath = await live(planned);
      try {
        expect(broken(aftermath, planned)).toEqual([]);
      } finally {
        await aftermath.stop();
      }
    }),
    { numRuns: RUNS, seed: SEED, ...(PATH !== undefined && { path: PATH }) },
  );
});
