import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { broken } from './invariants.ts';
import { KNOWN } from './known-schedules.ts';
import { type Schedule, schedule } from './schedule.ts';
import { seedOfToday } from './seeds.ts';
import { live } from './world.ts';

const RUNS = Number(process.env.SOAK_RUNS ?? 500);
const SEED = seedOfToday();
const { SOAK_PATH: PATH } = process.env;

describe('an import keeps its promises', () => {
  it(`whatever goes wrong: ${RUNS} schedules of faults and crashes, drawn from seed ${SEED}`, async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async drawn => {
        const aftermath = await live(drawn);
        try {
          expect(broken(aftermath, drawn)).toEqual([]);
        } finally {
          await aftermath.stop();
        }
      }),
      {
        numRuns: RUNS,
        seed: SEED,
        examples: KNOWN.map((known): [Schedule] => [known]),
        ...(PATH !== undefined && { path: PATH }),
      },
    );
  });
});
