import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { outcomeOf } from './outcome.ts';
import { type GroupPlan, type Schedule, schedule } from './schedule.ts';
import { seedOfToday } from './seeds.ts';
import { live } from './world.ts';

const SCHEDULES = 25;
/** One for each core of a small machine. */
const BUSY = 2;

async function outcomesOf(schedules: Schedule[]): Promise<unknown[]> {
  const outcomes: unknown[] = [];
  for (const drawn of schedules) {
    const aftermath = await live(drawn);
    outcomes.push(outcomeOf(aftermath));
    await aftermath.stop();
  }
  return outcomes;
}

/** Archives go through real files, and how long those take is not ours to say: without projects, so. */
function withoutProjects(plan: GroupPlan): GroupPlan {
  return { ...plan, projects: 0, children: plan.children.map(withoutProjects) };
}

it(`a schedule has the same result again on a busy machine, to the last request: ${SCHEDULES} from seed ${seedOfToday()}`, async () => {
  const schedules = fc
    .sample(schedule, { numRuns: SCHEDULES, seed: seedOfToday() })
    .map(drawn => ({ ...drawn, tree: withoutProjects(drawn.tree) }));
  const outcomes = await outcomesOf(schedules);
  const busy = await Promise.all(
    Array.from({ length: BUSY }, async () => {
      const worker = new Worker('for (;;);', { eval: true });
      await once(worker, 'online');
      return worker;
    }),
  );
  try {
    const again = await outcomesOf(schedules);
    for (const [index, outcome] of outcomes.entries()) expect(again[index]).toEqual(outcome);
  } finally {
    await Promise.all(busy.map(worker => worker.terminate()));
  }
});
