import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { kindsOfUndeclared } from '../gitlab-simulator/undeclared.ts';
import { type LoopResult, migrateByFrozenLoop } from './frozen-loop.ts';
import { GitLabProcess, type Traffic } from './gitlab-process.ts';
import { BENCH_GROUP, BENCH_TOKEN, type Load } from './load.ts';
import type { BenchOptions } from './options.ts';
import { type Run, ServiceProcess } from './service-process.ts';

/** One import by the service, and what the two GitLabs have seen of it. */
export interface Measured {
  run: Run;
  source: Traffic;
  destination: Traffic;
}

export interface BenchResult {
  /** With the latency charged per mutation: the run that all figures are of but one. */
  charged: Measured;
  /** Seconds of the same import with the latency per request only; `null` where it did not run. */
  unchargedSeconds: number | null;
  /** `null` where it did not run. */
  loop: LoopResult | null;
  /** What the GitLabs were asked that GitLab does not declare, each kind of request once. */
  undeclared: string[];
}

/** The loop migrates a tenth of the groups: its time grows with their number, and it is slow. */
const LOOP_SHARE = 10;
const LEAST_LOOP_GROUPS = 5;

/**
 * Migrates a made-up source through the service, and a part of it by the frozen loop, in one run. The service runs
 * twice, each time in a new process and to a new destination: with the latency per mutation and per request.
 */
export async function bench(options: BenchOptions): Promise<BenchResult> {
  const { groups, records, contents, latencyMs, rateLimit } = options;
  const load: Load = { contents, subgroups: groups, records };
  const undeclared: string[] = [];
  const source = await GitLabProcess.start({ latencyMs, load });
  try {
    const migrate = (latencyPerMutation: boolean) =>
      withDestination({ latencyMs, latencyPerMutation, rateLimitPerMinute: rateLimit }, async destination => {
        const run = await byService(source.url, destination.url);
        const traffic = { source: await source.traffic(), destination: await destination.traffic() };
        undeclared.push(...traffic.source.undeclared, ...traffic.destination.undeclared);
        requireSame(traffic.source, traffic.destination, 'service');
        return { run, ...traffic };
      });
    const charged = await migrate(true);
    if (!options.loop) return { charged, unchargedSeconds: null, loop: null, undeclared: kinds(undeclared) };
    const loop = await byLoop(options, undeclared);
    // Where there is no latency nothing is charged.
    const uncharged = latencyMs === 0 ? charged : await migrate(false);
    return { charged, unchargedSeconds: uncharged.run.seconds, loop, undeclared: kinds(undeclared) };
  } catch (error) {
    // A request that GitLab refuses may well be why it came to nothing.
    throw new Error([(error as Error).message, ...kinds(undeclared)].join('\n'), { cause: error });
  } finally {
    await source.stop();
  }
}

const kinds = kindsOfUndeclared;

async function withDestination<Result>(
  {
    rateLimitPerMinute,
    ...options
  }: {
    latencyMs: number;
    latencyPerMutation: boolean;
    rateLimitPerMinute?: number | undefined;
  },
  use: (destination: GitLabProcess) => Promise<Result>,
): Promise<Result> {
  const destination = await GitLabProcess.start({
    ...options,
    ...(rateLimitPerMinute !== undefined && { rateLimitPerMinute }),
  });
  try {
    return await use(destination);
  } finally {
    await destination.stop();
  }
}

async function byService(sourceUrl: string, destinationUrl: string): Promise<Run> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bulk-imports-bench-'));
  const service = await ServiceProcess.start({ destinationUrl, dataDir });
  try {
    return await service.migrate(sourceUrl);
  } finally {
    await service.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function byLoop(options: BenchOptions, undeclared: string[]): Promise<LoopResult> {
  const { groups, records, contents, latencyMs } = options;
  const subgroups = Math.min(groups, Math.max(LEAST_LOOP_GROUPS, Math.round(groups / LOOP_SHARE)));
  const source = await GitLabProcess.start({ latencyMs, load: { contents, subgroups, records } });
  try {
    return await withDestination({ latencyMs, latencyPerMutation: true }, async destination => {
      const result = await migrateByFrozenLoop({
        ...{ sourceUrl: source.url, destinationUrl: destination.url },
        ...{ token: BENCH_TOKEN, rootPath: BENCH_GROUP },
      });
      const [there, here] = [await source.traffic(), await destination.traffic()];
      undeclared.push(...there.undeclared, ...here.undeclared);
      requireSame(there, here, 'loop');
      return result;
    });
  } finally {
    await source.stop();
  }
}

/** Who leaves something out is fast. @throws when the destination has not what the source has */
function requireSame(source: Traffic, destination: Traffic, who: string): void {
  if (isDeepStrictEqual(source.contents, destination.contents)) return;
  const [wanted, found] = [source, destination].map(({ contents }) => JSON.stringify(contents));
  throw new Error(`The ${who} has made ${found} of ${wanted}.`);
}
