/** `npm run test:soak`: whole imports by the hundred, under faults and crashes drawn by chance and under each fault in turn. */

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const USAGE = `npm run test:soak -- [--runs N] [--seed S] [--path P]

  --runs N   schedules to draw (500)
  --seed S   which schedules (1): the same seed draws the same again, another one draws others
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
  for (const [name, text] of [
    ['--runs', values.runs],
    ['--seed', values.seed ?? '0'],
  ]) {
    if (!/^\d+$/.test(text ?? '')) throw new Error(`${name} must be a whole number, not '${text}'.`);
  }
  const { status } = spawnSync('vitest', ['run', '--config', 'vitest.soak.config.ts'], {
    stdio: 'inherit',
    env: {
      ...process.env,
      SOAK_RUNS: values.runs,
      ...(values.seed !== undefined && { SOAK_SEED: values.seed }),
      ...(values.path !== undefined && { SOAK_PATH: values.path }),
    },
  });
  process.exitCode = status ?? 1;
}
