/** `npm run test:soak`: whole imports by the hundred, under faults and crashes drawn by chance and under each fault in turn. */

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const USAGE = `npm run test:soak -- [--runs N] [--seed S] [--path P]

  --runs N   schedules to draw (500)
  --seed S   which schedules: the same seed draws the same again. Without it, another one each time, by the date and
             time, which is printed
  --path P   begins at the schedule that failed, which is printed with its seed
`;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    seed: { type: 'string' },
    path: { type: 'string' },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  process.stdout.write(USAGE);
} else {
  const seed = values.seed ?? seedOf(new Date());
  for (const [name, text] of [
    ['--runs', values.runs],
    ['--seed', seed],
  ]) {
    if (!/^\d+$/.test(text ?? '')) throw new Error(`${name} must be a whole number, not '${text}'.`);
  }
  process.stdout.write(`Schedules of seed ${seed}; to repeat them: npm run test:soak -- --seed ${seed}\n`);
  const { status } = spawnSync('vitest', ['run', '--project', 'soak'], {
    stdio: 'inherit',
    env: {
      ...process.env,
      SOAK_RUNS: values.runs,
      SOAK_SEED: seed,
      ...(values.path !== undefined && { SOAK_PATH: values.path }),
    },
  });
  process.exitCode = status ?? 1;
}

/** Day, hour, minute and second, as in `31235959`: a seed has 31 bits, and nobody starts twice in a second. */
function seedOf(date: Date): string {
  return date.toISOString().replaceAll(/\D/g, '').slice(6, 14);
}
