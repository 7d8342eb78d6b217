import { describe, expect, it } from 'vitest';
import type { ArchiveTraffic, Asked } from '../../../lib/bench/projects/archive-traffic.ts';
import type { MeasuredProjects, ProjectsResult, Seen } from '../../../lib/bench/projects/bench.ts';
import { projectsFiguresOf } from '../../../lib/bench/projects/figures.ts';
import type { ProjectsOptions } from '../../../lib/bench/projects/options.ts';
import { formatProjects } from '../../../lib/bench/projects/report.ts';

const MEBIBYTE = 1024 * 1024;

const OPTIONS: ProjectsOptions = {
  ...{ projects: 10, groups: 5, latencyMs: 20, projectRate: 6, downloadRate: 1 },
  ...{ jobSeconds: 30, archiveMegabytes: 100, kills: 0 },
};

const asked = (taken: number, seconds: number, tooMany = 0): Asked => ({
  ...{ taken, tooMany },
  ...{ first: 1_000, last: 1_000 + 1_000 * seconds },
});

const NONE: ArchiveTraffic = {
  ...{ exports: asked(0, 0), downloads: asked(0, 0), imports: asked(0, 0) },
  ...{ exportLooks: 0, importLooks: 0, archiveBytes: 0, sentBytes: 0, receivedBytes: 0 },
};

const seen = (requests: number, tooManyRequests: number, archives: Partial<ArchiveTraffic>): Seen => ({
  ...{ requests, tooManyRequests, undeclared: [] },
  archives: { ...NONE, ...archives },
  contents: { groups: {} as Seen['contents']['groups'], projects: {} },
});

const measured = (peakRssMiB: number): MeasuredProjects => ({
  run: {
    ...{ seconds: 200, cpuMs: 500, eventLoopUtilization: 0.5, peakRssMiB, transitions: 30 },
    work: {
      ...{ invocations: 20, lambdaSeconds: 40, kmsRequests: 0 },
      ...{ writes: 0, reads: 0, writeUnits: 0, readUnits: 0 },
    },
  },
  seconds: 200,
  source: seen(150, 2, {
    ...{ exports: asked(10, 100), downloads: asked(10, 120), exportLooks: 40 },
    sentBytes: 116 * MEBIBYTE,
  }),
  destination: seen(70, 1, {
    ...{ imports: asked(10, 180), importLooks: 30 },
    ...{ archiveBytes: 100 * MEBIBYTE, receivedBytes: 150 * MEBIBYTE },
  }),
});

const RESULT: ProjectsResult = { measured: measured(240), small: measured(200), undeclared: [] };

describe('the figures of projects', () => {
  it('are per project', () => {
    expect(projectsFiguresOf(OPTIONS, RESULT)).toMatchObject({
      exportPollsPerProject: 4,
      importPollsPerProject: 3,
      sourceRequestsPerProject: 15,
      destinationRequestsPerProject: 7,
      cpuMsPerProject: 50,
      transitionsPerProject: 3,
      invocationsPerProject: 2,
      lambdaSecondsPerProject: 4,
    });
  });

  it('compare what was asked for with what was allowed from the first request to the last', () => {
    expect(projectsFiguresOf(OPTIONS, RESULT)).toMatchObject({
      exportShare: 0.9,
      importShare: 0.5,
      // Five groups may have ten in the two minutes.
      downloadShare: 0.9,
      tooManyRequests: 3,
    });
  });

  it('have no share of what was asked for once', () => {
    const { source, ...others } = RESULT.measured;
    const once = seen(1, 0, { ...source.archives, exports: asked(1, 0) });

    expect(
      projectsFiguresOf(OPTIONS, { ...RESULT, measured: { ...others, source: once } }).exportShare,
    ).toBeNull();
  });

  it('tell what went over the network more than once', () => {
    expect(projectsFiguresOf(OPTIONS, RESULT)).toMatchObject({
      archiveMiB: 100,
      downloadedTwiceMiB: 16,
      uploadedTwiceMiB: 50,
    });
  });
});

describe('the report of projects', () => {
  const reportOf = (options: ProjectsOptions, result: ProjectsResult) =>
    formatProjects(options, result, projectsFiguresOf(options, result));

  it('compares the memory with that for small archives', () => {
    expect(reportOf(OPTIONS, RESULT)).toMatch(
      /^peak RSS with 10 MiB +200 MiB \(archives of 100 MiB take 40 MiB more\)$/m,
    );
  });

  it('compares nothing where there was one run, and says whose memory it is after a kill', () => {
    const report = reportOf({ ...OPTIONS, kills: 2 }, { ...RESULT, small: null });

    expect(report).not.toContain('RSS with');
    expect(report).toMatch(/^peak RSS of the last process +240 MiB$/m);
  });
});
