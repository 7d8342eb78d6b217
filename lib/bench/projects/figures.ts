import type { Asked } from './archive-traffic.ts';
import type { MeasuredProjects, ProjectsResult } from './bench.ts';
import { MEBIBYTE, type ProjectsOptions } from './options.ts';

/** The figures of a run with projects; `null` for what it has not measured. Requests of groups count as well. */
export interface ProjectsFigures {
  wallSeconds: number;
  /** Requests for the status of an export, and of an import. */
  exportPollsPerProject: number;
  importPollsPerProject: number;
  sourceRequestsPerProject: number;
  destinationRequestsPerProject: number;
  /** Requests that were taken, by those that the limit allows between the first of them and the last. */
  exportShare: number | null;
  importShare: number | null;
  /** The same for downloads, which the groups of the source are allowed together. */
  downloadShare: number | null;
  /** Responses 429 of both GitLabs. */
  tooManyRequests: number;
  /** Sizes of all archives. */
  archiveMiB: number;
  /** What the source has sent, and the destination received, beyond that. */
  downloadedTwiceMiB: number;
  uploadedTwiceMiB: number;
  /** Of the service's process; with archives of 10 MiB for the second. */
  peakRssMiB: number;
  peakRssSmallMiB: number | null;
  cpuMsPerProject: number;
  transitionsPerProject: number;
  invocationsPerProject: number;
  lambdaSecondsPerProject: number;
}

export function projectsFiguresOf(options: ProjectsOptions, result: ProjectsResult): ProjectsFigures {
  const { projects, groups, projectRate, downloadRate } = options;
  const { run, seconds, source, destination } = result.measured;
  const { sentBytes } = source.archives;
  const { archiveBytes, receivedBytes } = destination.archives;
  return rounded({
    wallSeconds: seconds,
    exportPollsPerProject: source.archives.exportLooks / projects,
    importPollsPerProject: destination.archives.importLooks / projects,
    sourceRequestsPerProject: source.requests / projects,
    destinationRequestsPerProject: destination.requests / projects,
    exportShare: shareOf(source.archives.exports, projectRate),
    importShare: shareOf(destination.archives.imports, projectRate),
    downloadShare: shareOf(source.archives.downloads, downloadRate * Math.min(groups, projects)),
    tooManyRequests: refusedIn(result.measured),
    archiveMiB: archiveBytes / MEBIBYTE,
    downloadedTwiceMiB: Math.max(0, sentBytes - archiveBytes) / MEBIBYTE,
    uploadedTwiceMiB: Math.max(0, receivedBytes - archiveBytes) / MEBIBYTE,
    peakRssMiB: run.peakRssMiB,
    peakRssSmallMiB: result.small?.run.peakRssMiB ?? null,
    cpuMsPerProject: run.cpuMs / projects,
    transitionsPerProject: run.transitions / projects,
    invocationsPerProject: run.work.invocations / projects,
    lambdaSecondsPerProject: run.work.lambdaSeconds / projects,
  });
}

/** What was used of a limit: of each request but the last it is told by the next one what it took of the limit. */
function shareOf({ taken, first, last }: Asked, perMinute: number): number | null {
  if (taken < 2 || first === null || last === null || first === last) return null;
  return (taken - 1) / ((perMinute * (last - first)) / 60_000);
}

const refusedIn = ({ source, destination }: MeasuredProjects) =>
  source.tooManyRequests + destination.tooManyRequests;

/** No figure is known to more than four decimals. */
function rounded(figures: ProjectsFigures): ProjectsFigures {
  const entries = Object.entries(figures) as [string, number | null][];
  return Object.fromEntries(
    entries.map(([name, figure]) => [name, figure && Math.round(figure * 10_000) / 10_000]),
  ) as unknown as ProjectsFigures;
}
