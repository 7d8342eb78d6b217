import type { ProjectsResult } from './bench.ts';
import type { ProjectsFigures } from './figures.ts';
import { type ProjectsOptions, SMALL_MEGABYTES } from './options.ts';

/** What a run is about to do, in one line. */
export function projectsAnnouncement(options: ProjectsOptions): string {
  const { projects, groups, projectRate, downloadRate, jobSeconds, archiveMegabytes, kills } = options;
  const parts = [
    `${projects} projects in ${groups} groups`,
    `archives of ${archiveMegabytes} MiB and a project`,
    `jobs of ${jobSeconds} s`,
    `a minute ${projectRate} exports, ${projectRate} imports and ${downloadRate} downloads per group`,
    ...(kills > 0 ? [`the service killed ${kills} times`] : []),
  ];
  return `${parts.join(', ')}\n`;
}

/** The figures of a run as aligned lines of text. */
export function formatProjects(
  { kills, archiveMegabytes }: ProjectsOptions,
  { measured }: ProjectsResult,
  figures: ProjectsFigures,
): string {
  const { downloads, exports } = measured.source.archives;
  const { imports } = measured.destination.archives;
  const mebibytes = (size: number) => `${size.toFixed(1)} MiB`;
  const share = (part: number | null) => (part === null ? 'too few to tell' : `${(100 * part).toFixed(1)} %`);
  const lines: [string, string][] = [
    ['wall time', `${figures.wallSeconds.toFixed(1)} s`],
    ['exports, downloads, imports', `${exports.taken}, ${downloads.taken}, ${imports.taken}`],
    ['polls of the export per project', figures.exportPollsPerProject.toFixed(2)],
    ['polls of the import per project', figures.importPollsPerProject.toFixed(2)],
    ['source requests per project', figures.sourceRequestsPerProject.toFixed(2)],
    ['destination requests per project', figures.destinationRequestsPerProject.toFixed(2)],
    ['share of the allowed exports', share(figures.exportShare)],
    ['share of the allowed downloads', share(figures.downloadShare)],
    ['share of the allowed imports', share(figures.importShare)],
    ['responses 429', String(figures.tooManyRequests)],
    ['archives', mebibytes(figures.archiveMiB)],
    ['sent twice by the source', mebibytes(figures.downloadedTwiceMiB)],
    ['received twice by the destination', mebibytes(figures.uploadedTwiceMiB)],
    [kills > 0 ? 'peak RSS of the last process' : 'peak RSS', `${figures.peakRssMiB.toFixed(0)} MiB`],
    ...(figures.peakRssSmallMiB === null
      ? []
      : [
          [
            `peak RSS with ${SMALL_MEGABYTES} MiB`,
            `${figures.peakRssSmallMiB.toFixed(0)} MiB (archives of ${archiveMegabytes} MiB take ${(figures.peakRssMiB - figures.peakRssSmallMiB).toFixed(0)} MiB more)`,
          ] satisfies [string, string],
        ]),
    ['CPU of the service per project', `${figures.cpuMsPerProject.toFixed(0)} ms`],
    ['transitions per project', figures.transitionsPerProject.toFixed(2)],
    ['invocations per project', figures.invocationsPerProject.toFixed(2)],
    ['Lambda seconds per project', figures.lambdaSecondsPerProject.toFixed(2)],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  return lines.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}
