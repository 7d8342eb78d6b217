import type { BenchOptions, BenchResult } from './bench.ts';

/** The figures of a run as aligned lines of text. */
export function formatResult(options: BenchOptions, result: BenchResult): string {
  const { groups, records, seconds, source, destination, sequential } = result;
  const perRecord = (requests: number) => (requests / records).toFixed(2);
  const lines: [string, string][] = [
    ['groups, records', `${groups}, ${records}`],
    ['wall time', `${seconds.toFixed(1)} s`],
    ['records per second', (records / seconds).toFixed(0)],
    ['requests per record, source', perRecord(source.requests)],
    ['requests per record, destination', perRecord(destination.requests)],
    ['peak parallel requests, source', String(source.peakParallel)],
    ['peak parallel requests, destination', String(destination.peakParallel)],
    ['state transitions per entity', result.transitionsPerEntity.toFixed(1)],
    ['peak memory', `${result.peakMemoryMiB.toFixed(0)} MiB`],
  ];
  if (options.rateLimit === undefined) {
    const servicePerGroup = seconds / groups;
    const loopPerGroup = sequential.seconds / sequential.groups;
    lines.push(
      [
        'plain sequential loop',
        `${loopPerGroup.toFixed(2)} s per group (${sequential.groups} groups measured), the service ${servicePerGroup.toFixed(2)} s`,
      ],
      ['service against loop', `${(loopPerGroup / servicePerGroup).toFixed(1)} times as fast`],
    );
  } else {
    const minutes = seconds / 60;
    const rate = (destination.requests - destination.rateLimited) / minutes;
    lines.push(
      [
        'destination requests per minute',
        `${rate.toFixed(0)} (${((100 * rate) / options.rateLimit).toFixed(0)} % of the limit)`,
      ],
      ['answers 429', String(destination.rateLimited)],
    );
  }
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}
