import type { BenchResult } from './bench.ts';
import type { BenchOptions } from './options.ts';
import { usdOf } from './prices.ts';

/** The figures of a run; `null` for what it has not measured. Groups are all of them, the top-level one included. */
export interface Figures {
  /** How many times as long the loop takes as the service does, whose every mutation takes the latency of a request. */
  ratio: number | null;
  /** The same with documents that take the latency once. */
  ratioUncharged: number | null;
  wallSeconds: number;
  /** Of the service's process. */
  cpuMsPerGroup: number;
  /** As billed: states entered, and one for the start of each group's execution. */
  transitionsPerGroup: number;
  invocationsPerGroup: number;
  tableWritesPerGroup: number;
  tableReadsPerGroup: number;
  sourceRequestsPerGroup: number;
  /** The groups themselves count as records. */
  destinationRequestsPerRecord: number;
  lambdaSecondsPerGroup: number;
  /** Requests that the destination took, of those that its limit allows in the time of the run. */
  rateShare: number | null;
  /** Responses 429 of the destination. */
  tooManyRequests: number;
  /** At list prices by the counts, without logs. */
  usdPer1000Groups: number;
  peakRssMiB: number;
}

export function figuresOf(options: BenchOptions, result: BenchResult): Figures {
  const { run, source, destination } = result.charged;
  const groups = options.groups + 1;
  const { groups: _, closedMilestones, ...contents } = source.contents;
  const records = groups + Object.values(contents).reduce((sum, count) => sum + count, 0);
  // Each group has one execution of its own, whose start is billed as a transition.
  const transitions = run.transitions + groups;
  const loopSeconds = secondsOfLoop(options, result);
  const taken = destination.requests - destination.tooManyRequests;
  const { rateLimit } = options;
  return rounded({
    ratio: loopSeconds && loopSeconds / run.seconds,
    ratioUncharged: loopSeconds && result.unchargedSeconds && loopSeconds / result.unchargedSeconds,
    wallSeconds: run.seconds,
    cpuMsPerGroup: run.cpuMs / groups,
    transitionsPerGroup: transitions / groups,
    invocationsPerGroup: run.work.invocations / groups,
    tableWritesPerGroup: run.work.writes / groups,
    tableReadsPerGroup: run.work.reads / groups,
    sourceRequestsPerGroup: source.requests / groups,
    destinationRequestsPerRecord: destination.requests / records,
    lambdaSecondsPerGroup: run.work.lambdaSeconds / groups,
    rateShare: rateLimit === undefined ? null : taken / ((rateLimit * run.seconds) / 60),
    tooManyRequests: destination.tooManyRequests,
    usdPer1000Groups: (1_000 * usdOf(transitions, run.work)) / groups,
    peakRssMiB: run.peakRssMiB,
  });
}

/** No figure is known to more than four decimals. */
function rounded(figures: Figures): Figures {
  const entries = Object.entries(figures) as [string, number | null][];
  return Object.fromEntries(
    entries.map(([name, figure]) => [name, figure && Math.round(figure * 10_000) / 10_000]),
  ) as unknown as Figures;
}

/** What the loop would take for all groups, by those that it has migrated. */
function secondsOfLoop({ groups }: BenchOptions, { loop }: BenchResult): number | null {
  return loop && loop.rootSeconds + (groups * loop.subgroupSeconds) / loop.subgroups;
}
