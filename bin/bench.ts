/** `npm run bench`: how fast the service is, on made-up GitLabs with a latency, next to a frozen loop in the same run. */

import { writeFile } from 'node:fs/promises';
import { bench } from '../lib/bench/bench.ts';
import { figuresOf } from '../lib/bench/figures.ts';
import { readOptions, USAGE } from '../lib/bench/options.ts';
import { announcement, formatResult } from '../lib/bench/report.ts';

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(USAGE);
  else {
    process.stdout.write(announcement(options));
    const result = await bench(options);
    const figures = figuresOf(options, result);
    process.stdout.write(formatResult(options, result, figures));
    if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(figures, null, 2)}\n`);
    for (const problem of result.undeclared) {
      process.stderr.write(`Not as GitLab declares it: ${problem}\n`);
      process.exitCode = 1;
    }
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
