import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isRetryable } from './attempts.ts';
import { broken } from './invariants.ts';
import { remap, remapping } from './remapping.ts';
import { schedule, wishes } from './schedule.ts';
import { seedOfToday } from './seeds.ts';
import { live } from './world.ts';

/** Half of them have two attempts, and those of an administrator rewrite archives. */
const RUNS = Math.ceil(Number(process.env.SOAK_RUNS ?? 500) / 2);
const SEED = seedOfToday();
const { SOAK_PATH: PATH } = process.env;

/** In every second schedule the import is then retried by another mapping. */
const again = fc.option(remapping, { nil: undefined, freq: 2 });

it(`an import leaves out what it is asked to, and maps whom it is told to, also when it is told otherwise later: ${RUNS} schedules of faults and crashes, drawn from seed ${SEED}`, async () => {
  await fc.assert(
    fc.asyncProperty(schedule, wishes, again, async (drawn, wished, remapped) => {
      const asked = { ...drawn, wishes: wished };
      const aftermath = await live(asked);
      try {
        expect(broken(aftermath, asked)).toEqual([]);
        if (remapped === undefined || aftermath.answer !== 201 || !isRetryable(aftermath)) return;
        aftermath.calm();
        expect(await remap(aftermath, asked, remapped)).toEqual([]);
      } finally {
        await aftermath.stop();
      }
    }),
    { numRuns: RUNS, seed: SEED, ...(PATH !== undefined && { path: PATH }) },
  );
});
