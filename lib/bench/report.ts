import type { BenchResult } from './bench.ts';
import type { Figures } from './figures.ts';
import type { BenchOptions } from './options.ts';
import type { Run } from './service-process.ts';

/** What a run is about to do, in one line. */
export function announcement({ groups, records, contents, latencyMs, rateLimit }: BenchOptions): string {
  const limit =
    rateLimit === undefined ? 'no rate limit' : `${rateLimit} requests per minute at the destination`;
  return `${groups} subgroups of ${records} records (${contents}), ${latencyMs} ms of latency per request and per mutation, ${limit}\n`;
}

/** The figures of a run as aligned lines of text. */
export function formatResult(options: BenchOptions, result: BenchResult, figures: Figures): string {
  const { run, source, destination } = result.charged;
  const { work } = run;
  const perGroup = (number: number) => (number / (options.groups + 1)).toFixed(2);
  const lines: [string, string][] = [
    ['wall time', `${figures.wallSeconds.toFixed(1)} s`],
    ...loopLines(result, figures),
    ['CPU of the service per group', `${figures.cpuMsPerGroup.toFixed(1)} ms`],
    ['event loop utilisation', run.eventLoopUtilization.toFixed(2)],
    ['CPU time by busy time', cpuShare(run).toFixed(2)],
    ['peak RSS', `${figures.peakRssMiB.toFixed(0)} MiB`],
    [
      'transitions per group',
      `${perGroup(run.transitions)}, billed ${figures.transitionsPerGroup.toFixed(2)}`,
    ],
    ['invocations per group', figures.invocationsPerGroup.toFixed(2)],
    ['Lambda seconds per group', figures.lambdaSecondsPerGroup.toFixed(2)],
    [
      'table writes per group',
      `${figures.tableWritesPerGroup.toFixed(2)} (${perGroup(work.writeUnits)} units, indexes included)`,
    ],
    ['table reads per group', `${figures.tableReadsPerGroup.toFixed(2)} (${perGroup(work.readUnits)} units)`],
    ['KMS requests per group', perGroup(work.kmsRequests)],
    ['USD per 1,000 groups, without logs', figures.usdPer1000Groups.toFixed(3)],
    ['source requests per group', figures.sourceRequestsPerGroup.toFixed(2)],
    ['destination requests per group', perGroup(destination.requests)],
    ['destination requests per record', figures.destinationRequestsPerRecord.toFixed(3)],
    ['most requests at once', `source ${source.peakParallel}, destination ${destination.peakParallel}`],
    ['responses 429', String(figures.tooManyRequests)],
  ];
  if (figures.rateShare !== null) {
    lines.push(['share of the allowed rate', `${(100 * figures.rateShare).toFixed(1)} %`]);
  }
  if (options.contents !== 'records') lines.push(['look-ups of users', String(destination.userLookUps)]);
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}

/** Below 1 when others had the CPU while the service wanted it: its wall time, and the ratios, are then too bad. */
function cpuShare({ cpuMs, seconds, eventLoopUtilization }: Run): number {
  return cpuMs / (1000 * seconds * eventLoopUtilization);
}

function loopLines({ loop, unchargedSeconds }: BenchResult, figures: Figures): [string, string][] {
  if (loop === null || figures.ratio === null || figures.ratioUncharged === null) return [];
  const perGroup = loop.subgroupSeconds / loop.subgroups;
  return [
    ['wall time, uncharged', `${(unchargedSeconds ?? 0).toFixed(1)} s`],
    ['frozen loop per group', `${perGroup.toFixed(2)} s (${loop.subgroups} groups measured)`],
    ['service against loop', `${figures.ratio.toFixed(1)} times as fast`],
    ['service against loop, uncharged', `${figures.ratioUncharged.toFixed(1)} times as fast`],
  ];
}
