import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../lambdas/domain/secret.ts';
import { findByFullPath } from '../../lambdas/gitlab/api/group-query.ts';
import { sourceClient } from '../../lambdas/gitlab/connections.ts';
import { kindsOfUndeclared } from '../gitlab-simulator/undeclared.ts';
import { LocalService } from '../local/service.ts';
import {
  BENCH_GROUP,
  BENCH_TOKEN,
  GitLabProcess,
  RECORDS_PER_GROUP,
  type Traffic,
} from './gitlab-process.ts';
import { migrateSequentially } from './sequential.ts';

export interface BenchOptions {
  groups: number;
  latencyMs: number;
  /** Requests per minute that the destination allows; unlimited without it. */
  rateLimit?: number;
}

export interface BenchResult {
  groups: number;
  records: number;
  seconds: number;
  source: Traffic;
  destination: Traffic;
  /** States entered per entity, those of the import itself included. */
  transitionsPerEntity: number;
  /** The same calls one after the other, for a part of the groups. */
  sequential: { groups: number; seconds: number };
  /** What the GitLabs were asked that GitLab does not declare, each kind of request once. */
  undeclared: string[];
  /** Peak resident memory of the service's process, MiB. */
  peakMemoryMiB: number;
}

/** The sequential loop migrates a tenth of the groups: its time grows with their number, and it is slow. */
const SEQUENTIAL_SHARE = 10;
const POLL_MS = 250;

/** Migrates a made-up source through the service, then a part of it by a plain loop, in one run. */
export async function bench(options: BenchOptions): Promise<BenchResult> {
  const { groups, latencyMs, rateLimit } = options;
  const part = Math.max(5, Math.round(groups / SEQUENTIAL_SHARE));
  const dataDir = await mkdtemp(join(tmpdir(), 'bulk-imports-bench-'));
  const [source, small, destination] = await Promise.all([
    GitLabProcess.start({ subgroups: groups, latencyMs }),
    GitLabProcess.start({ subgroups: part, latencyMs }),
    GitLabProcess.start({
      subgroups: 0,
      latencyMs,
      ...(rateLimit !== undefined && { rateLimitPerMinute: rateLimit }),
    }),
  ]);
  const service = await LocalService.start({
    destinationUrl: destination.url,
    port: 0,
    dataDir,
    allowPrivateNetworks: true,
  });
  try {
    let transitions = 0;
    service.engine.observer = () => transitions++;
    const seconds = await migrateByService(service, source.url);
    const peakMemoryMiB = process.resourceUsage().maxRSS / 1024;
    const traffic = { source: await source.traffic(), destination: await destination.traffic() };
    const sequential = rateLimit === undefined ? await sequentially(small.url) : { groups: 0, seconds: 0 };
    return {
      groups: groups + 1,
      records: groups * RECORDS_PER_GROUP + groups + 1,
      seconds,
      ...traffic,
      transitionsPerEntity: transitions / (groups + 1),
      sequential,
      undeclared: await undeclaredBy([source, small, destination]),
      peakMemoryMiB,
    };
  } catch (error) {
    // A request that GitLab refuses may well be why it came to nothing.
    const undeclared = await undeclaredBy([source, small, destination]);
    throw new Error([(error as Error).message, ...undeclared].join('\n'), { cause: error });
  } finally {
    await service.stop();
    for (const gitlab of [source, small, destination]) gitlab.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function undeclaredBy(gitlabs: readonly GitLabProcess[]): Promise<string[]> {
  const traffic = await Promise.all(gitlabs.map(gitlab => gitlab.traffic()));
  return kindsOfUndeclared(traffic.flatMap(({ undeclared }) => undeclared));
}

async function migrateByService(service: LocalService, sourceUrl: string): Promise<number> {
  const headers = { 'private-token': BENCH_TOKEN, 'content-type': 'application/json' };
  const start = performance.now();
  const created = await fetch(`${service.url}/api/v4/bulk_imports`, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      configuration: { url: sourceUrl, access_token: BENCH_TOKEN },
      entities: [
        {
          source_type: 'group_entity',
          source_full_path: BENCH_GROUP,
          destination_slug: BENCH_GROUP,
          destination_namespace: '',
        },
      ],
    }),
  });
  const { id, ...body } = (await created.json()) as { id?: number };
  if (id === undefined) throw new Error(`The import was refused: ${JSON.stringify(body)}`);
  for (;;) {
    const answer = await fetch(`${service.url}/api/v4/bulk_imports/${id}`, { headers });
    const { status, has_failures } = (await answer.json()) as { status: string; has_failures: boolean };
    if (status !== 'created' && status !== 'started') {
      if (status !== 'finished' || has_failures) {
        throw new Error(`The import ended as '${status}'${has_failures ? ' with failures' : ''}.`);
      }
      return (performance.now() - start) / 1000;
    }
    await new Promise(resolve => setTimeout(resolve, POLL_MS));
  }
}

async function sequentially(sourceUrl: string): Promise<BenchResult['sequential']> {
  const root = await findByFullPath(sourceClient(sourceUrl, new Secret(BENCH_TOKEN)), BENCH_GROUP);
  if (root === undefined) throw new Error('The source of the sequential loop has no group.');
  return migrateSequentially({
    sourceUrl,
    token: BENCH_TOKEN,
    root: { path: BENCH_GROUP, id: root.id, slug: 'sequential' },
  });
}
