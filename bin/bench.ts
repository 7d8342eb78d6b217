/** `npm run bench`: how fast the service is, on made-up GitLabs with a latency, next to a plain loop in the same run. */

import '../lib/demo/quiet-logs.ts';
import { parseArgs } from 'node:util';
import { type BenchOptions, bench } from '../lib/bench/bench.ts';
import { formatResult } from '../lib/bench/report.ts';

const USAGE = `npm run bench -- [--groups N] [--latency MS] [--rate-limit R]

  --groups N      subgroups of the source, about 30 records each (200)
  --latency MS    added to every request of both GitLabs (20)
  --rate-limit R  requests per minute that the destination allows (no limit)
`;

try {
  const options = readOptions();
  if (options === undefined) process.stdout.write(USAGE);
  else {
    process.stdout.write(
      `${options.groups} subgroups of 30 records, ${options.latencyMs} ms of latency per request, ${options.rateLimit === undefined ? 'no rate limit' : `${options.rateLimit} requests per minute at the destination`}\n`,
    );
    const result = await bench(options);
    process.stdout.write(formatResult(options, result));
    for (const problem of result.undeclared) {
      process.stderr.write(`Not as GitLab declares it: ${problem}\n`);
      process.exitCode = 1;
    }
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}

function readOptions(): BenchOptions | undefined {
  const { values } = parseArgs({
    options: {
      groups: { type: 'string', default: '200' },
      latency: { type: 'string', default: '20' },
      'rate-limit': { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const rateLimit = values['rate-limit'];
  return {
    groups: wholeNumber('--groups', values.groups, 1),
    latencyMs: wholeNumber('--latency', values.latency, 0),
    ...(rateLimit !== undefined && { rateLimit: wholeNumber('--rate-limit', rateLimit, 1) }),
  };
}

function wholeNumber(option: string, text: string, least: number): number {
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text);
  throw new Error(`${option} must be a whole number of at least ${least}, not '${text}'.`);
}
