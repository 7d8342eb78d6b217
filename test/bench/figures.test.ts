import { describe, expect, it } from 'vitest';
import type { BenchResult } from '../../lib/bench/bench.ts';
import { figuresOf } from '../../lib/bench/figures.ts';
import type { Traffic } from '../../lib/bench/gitlab-process.ts';
import { type BenchOptions, readOptions } from '../../lib/bench/options.ts';
import { usdOf } from '../../lib/bench/prices.ts';
import { formatResult } from '../../lib/bench/report.ts';

const OPTIONS: BenchOptions = { contents: 'records', groups: 9, records: 30, latencyMs: 20, loop: true };

/** Ten groups, of which nine have 30 records each: 280 records with the groups. */
const CONTENTS = { groups: 10, labels: 180, milestones: 54, closedMilestones: 18, badges: 36 };

const traffic = (requests: number, tooManyRequests = 0): Traffic => ({
  ...{ requests, tooManyRequests, peakParallel: 1, userLookUps: 0, undeclared: [] },
  contents: { ...CONTENTS, boards: 0, boardLists: 0, members: 0 },
});

const WORK = {
  ...{ invocations: 20, lambdaSeconds: 30, kmsRequests: 40 },
  ...{ writes: 50, reads: 60, writeUnits: 70, readUnits: 80 },
};

const RESULT: BenchResult = {
  charged: {
    run: {
      ...{ seconds: 10, cpuMs: 500, eventLoopUtilization: 0.5, peakRssMiB: 100, transitions: 30 },
      work: WORK,
    },
    source: traffic(40),
    destination: traffic(140),
  },
  unchargedSeconds: 5,
  loop: { rootSeconds: 2, subgroupSeconds: 4, subgroups: 2, source: 33, destination: 97 },
  undeclared: [],
};

describe('the figures of the benchmark', () => {
  it('compare with what the loop would take for all groups', () => {
    const { ratio, ratioUncharged } = figuresOf(OPTIONS, RESULT);

    expect([ratio, ratioUncharged]).toEqual([(2 + 9 * 2) / 10, (2 + 9 * 2) / 5]);
  });

  it('are null for the loop where it did not run', () => {
    const { ratio, ratioUncharged } = figuresOf(OPTIONS, { ...RESULT, loop: null, unchargedSeconds: null });

    expect([ratio, ratioUncharged]).toEqual([null, null]);
  });

  it('are per group, the top-level one included, and a transition for the start of each is billed', () => {
    expect(figuresOf(OPTIONS, RESULT)).toMatchObject({
      cpuMsPerGroup: 50,
      transitionsPerGroup: 3 + 1,
      invocationsPerGroup: 2,
      tableWritesPerGroup: 5,
      tableReadsPerGroup: 6,
      sourceRequestsPerGroup: 4,
      destinationRequestsPerRecord: 140 / 280,
      lambdaSecondsPerGroup: 3,
    });
  });

  it('compare the requests that were taken with those that the limit allows in the time', () => {
    const charged = { ...RESULT.charged, destination: traffic(100, 5) };

    const figures = figuresOf({ ...OPTIONS, rateLimit: 600 }, { ...RESULT, charged });

    expect(figures).toMatchObject({ rateShare: 0.95, tooManyRequests: 5 });
  });

  it('price the units of the table and not its requests', () => {
    const usd = [
      (40 * 0.025) / 1_000,
      (20 * 0.2) / 1_000_000,
      30 * 0.5 * 0.0000133334,
      (70 * 0.625 + 80 * 0.125) / 1_000_000,
      (40 * 0.03) / 10_000,
    ].reduce((sum, part) => sum + part);

    expect(usdOf(40, WORK)).toBeCloseTo(usd, 10);
    expect(figuresOf(OPTIONS, RESULT).usdPer1000Groups).toBeCloseTo(100 * usd, 4);
  });
});

describe('the report of the benchmark', () => {
  const linesOf = (options: BenchOptions, result: BenchResult) =>
    formatResult(options, result, figuresOf(options, result))
      .split('\n')
      .map(line => line.replace(/ {2,}/, ': '));

  it('shows whether the service had the CPU that it wanted', () => {
    expect(linesOf(OPTIONS, RESULT)).toContain('CPU time by busy time: 0.10');
  });

  it('says nothing of the loop, a limit or look-ups where there are none', () => {
    const report = linesOf(OPTIONS, { ...RESULT, loop: null, unchargedSeconds: null }).join('\n');

    expect(report).not.toMatch(/loop per group|against|share of|look-ups/);
  });

  it('shows the loop, the share of a limit and the look-ups where there are any', () => {
    const report = linesOf({ ...OPTIONS, rateLimit: 6_000, contents: 'members' }, RESULT);

    expect(report).toEqual(
      expect.arrayContaining([
        'frozen loop per group: 2.00 s (2 groups measured)',
        'service against loop: 2.0 times as fast',
        'service against loop, uncharged: 4.0 times as fast',
        'share of the allowed rate: 14.0 %',
        'look-ups of users: 0',
      ]),
    );
  });
});

describe('the options of the benchmark', () => {
  it('have a load by which the figures are defined', () => {
    expect(readOptions([])).toEqual({ ...OPTIONS, groups: 200 });
  });

  it('leave the loop out behind a rate limit', () => {
    expect(readOptions(['--rate-limit', '2000'])).toMatchObject({ rateLimit: 2_000, loop: false });
  });

  it.each([
    [['--groups', '0'], '--groups must be a whole number of at least 1'],
    [['--records', 'many'], '--records must be a whole number of at least 0'],
    [['--contents', 'wikis'], '--contents must be one of records, full, members'],
  ])('refuse %j in a sentence', (args, sentence) => {
    expect(() => readOptions(args)).toThrow(sentence);
  });
});
