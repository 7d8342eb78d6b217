import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { kindsOfUndeclared } from '../../gitlab-simulator/undeclared.ts';
import { GitLabProcess, type Traffic } from '../gitlab-process.ts';
import { type Run, ServiceProcess } from '../service-process.ts';
import type { ArchiveTraffic } from './archive-traffic.ts';
import { killPoints, migrateThroughKills, requireLittleTwice } from './kills.ts';
import type { ProjectContents } from './load.ts';
import { MEBIBYTE, type ProjectsOptions, SMALL_MEGABYTES } from './options.ts';

/** What one of the two GitLabs has seen of an import. */
export interface Seen extends Pick<Traffic, 'requests' | 'tooManyRequests' | 'undeclared'> {
  archives: ArchiveTraffic;
  contents: { groups: Traffic['contents']; projects: ProjectContents };
}

/** One import by the service, and what the two GitLabs have seen of it. */
export interface MeasuredProjects {
  /** Of the last process, where there were several. */
  run: Run;
  /** From the POST, or the start of the first process where there were several. */
  seconds: number;
  source: Seen;
  destination: Seen;
}

export interface ProjectsResult {
  measured: MeasuredProjects;
  /** The same with small archives, for the memory; `null` where the archives are small anyhow, or it was killed. */
  small: MeasuredProjects | null;
  /** What the GitLabs were asked that GitLab does not declare, each kind of request once. */
  undeclared: string[];
}

/** Migrates made-up projects through the service; and with small archives before, in a process of its own. */
export async function benchProjects(options: ProjectsOptions): Promise<ProjectsResult> {
  const { archiveMegabytes, kills } = options;
  const isCompared = archiveMegabytes > SMALL_MEGABYTES && kills === 0;
  const small = isCompared ? await migrated({ ...options, archiveMegabytes: SMALL_MEGABYTES }) : null;
  const measured = await migrated(options);
  const all = [measured, small].flatMap(run => [run?.source, run?.destination]);
  return { measured, small, undeclared: kindsOfUndeclared(all.flatMap(seen => seen?.undeclared ?? [])) };
}

async function migrated(options: ProjectsOptions): Promise<MeasuredProjects> {
  const { projects, groups, latencyMs, archiveMegabytes, kills } = options;
  const { projectRate: rate, downloadRate, jobSeconds } = options;
  const archives = {
    ...{ exportsPerMinute: rate, importsPerMinute: rate, downloadsPerMinute: downloadRate },
    ...{ paddingBytes: archiveMegabytes * MEBIBYTE, jobMs: 1000 * jobSeconds },
    // Time alone decides how far a job is.
    ...{ exportStates: ['finished'] as const, importStates: ['finished'] as const },
  };
  const points = killPoints(kills, archiveMegabytes * MEBIBYTE);
  const dataDir = await mkdtemp(join(tmpdir(), 'bulk-imports-bench-'));
  const load = { contents: 'records' as const, subgroups: 0, records: 0 };
  const started: GitLabProcess[] = [];
  const start = async (wanted: Parameters<typeof GitLabProcess.start>[0]) => {
    const gitlab = await GitLabProcess.start(wanted);
    started.push(gitlab);
    return gitlab;
  };
  try {
    const source = await start({ latencyMs, archives, load, projects: { projects, groups } });
    const destination = await start({ latencyMs, archives });
    const service = () =>
      ServiceProcess.start({
        ...{ destinationUrl: destination.url, dataDir },
        ...{ projectExportsPerMinute: rate, projectImportsPerMinute: rate },
        projectDownloadsPerMinute: downloadRate,
      });
    const before = performance.now();
    const run = await migrateThroughKills({ source, destination, start: service }, points);
    const seconds = kills === 0 ? run.seconds : (performance.now() - before) / 1000;
    const seen = { source: await seenBy(source), destination: await seenBy(destination) };
    requireSame(seen.source.contents, seen.destination.contents);
    if (kills > 0) requireLittleTwice(points, seen.source.archives, seen.destination.archives);
    await requireNothingLeft(join(dataDir, 'archives'));
    return { run, seconds, ...seen };
  } finally {
    await Promise.all(started.map(gitlab => gitlab.stop()));
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function seenBy(gitlab: GitLabProcess): Promise<Seen> {
  const { contents: groups, ...traffic } = await gitlab.traffic();
  const archives = await gitlab.archives();
  return { ...traffic, archives, contents: { groups, projects: await gitlab.projects() } };
}

/** @throws when the destination has not what the source has */
function requireSame(source: Seen['contents'], destination: Seen['contents']): void {
  if (isDeepStrictEqual(source, destination)) return;
  throw new Error(`The service has made ${JSON.stringify(destination)} of ${JSON.stringify(source)}.`);
}

/** @throws when a file is left in the folder of archives */
async function requireNothingLeft(folder: string): Promise<void> {
  const left = await readdir(folder, { recursive: true }).catch(() => []);
  if (left.length > 0) throw new Error(`The service has left ${left.join(', ')} in its folder of archives.`);
}
