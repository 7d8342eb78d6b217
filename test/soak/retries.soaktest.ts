import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRetryable, left, retryToTheEnd, writesAgain } from './attempts.ts';
import {
  askAsOthers,
  type Circumstances,
  circumstances,
  ORDINARY,
  pass,
  retryInUpheaval,
} from './circumstances.ts';
import { KNOWN, KNOWN_AROUND } from './known-schedules.ts';
import { lowerMembers } from './peoples-changes.ts';
import { type Schedule, schedule } from './schedule.ts';
import { seedOfToday } from './seeds.ts';
import { live } from './world.ts';

const RUNS = Math.ceil(Number(process.env.SOAK_RUNS ?? 500) / 2);
const SEED = seedOfToday();
const { SOAK_PATH: PATH } = process.env;

describe('a retry keeps the promises of the import', () => {
  it(`after whatever has gone wrong: ${RUNS} schedules, drawn from seed ${SEED}`, async () => {
    await fc.assert(
      fc.asyncProperty(schedule, circumstances, async (drawn, around) => {
        const aftermath = await live({ ...drawn, isImpatient: around.isImpatient });
        try {
          if (aftermath.answer !== 201 || !isRetryable(aftermath)) return;
          if (around.isTroubled) {
            // Whatever the schedule has not come to so far can happen now.
            expect(await retryInUpheaval(aftermath, drawn, { ...around, isCalm: false })).toEqual([]);
            if (!isRetryable(aftermath)) return;
          }
          aftermath.calm();
          pass(aftermath, around);
          const raisedAgain = lowerMembers(aftermath);
          if (around.days > 0) expect(await askAsOthers(aftermath)).toEqual([]);
          if (around.upheaval !== undefined)
            expect(await retryInUpheaval(aftermath, drawn, { ...around, isCalm: true })).toEqual([]);
          expect(await retryToTheEnd(aftermath, drawn)).toEqual([]);
          expect(left(aftermath, drawn)).toEqual([]);
          expect(await writesAgain(aftermath, drawn)).toEqual([]);
          expect(raisedAgain()).toEqual([]);
        } finally {
          await aftermath.stop();
        }
      }),
      {
        numRuns: RUNS,
        seed: SEED,
        examples: [...KNOWN.map((known): [Schedule, Circumstances] => [known, ORDINARY]), ...KNOWN_AROUND],
        ...(PATH !== undefined && { path: PATH }),
      },
    );
  });
});
