import { describe, expect, it } from 'vitest';
import type { ArchiveTraffic } from '../../../lib/bench/projects/archive-traffic.ts';
import { type KillPoint, killPoints, requireLittleTwice } from '../../../lib/bench/projects/kills.ts';

const MEBIBYTE = 1024 * 1024;

describe('the kills of a benchmark', () => {
  it('are spread over the download, with the last in the upload', () => {
    expect(killPoints(3, 3_000)).toEqual([
      { while: 'downloading', bytes: 1_000 },
      { while: 'downloading', bytes: 2_000 },
      { while: 'uploading', bytes: 1_500 },
    ]);
  });

  it('are in the middle of the download when there is one, and none when there is none', () => {
    expect(killPoints(1, 3_000)).toEqual([{ while: 'downloading', bytes: 1_500 }]);
    expect(killPoints(0, 3_000)).toEqual([]);
  });
});

describe('what a killed service has downloaded twice', () => {
  const points: KillPoint[] = [
    { while: 'downloading', bytes: 1 },
    { while: 'uploading', bytes: 1 },
  ];
  const source = (mebibytes: number) => ({ sentBytes: mebibytes * MEBIBYTE }) as ArchiveTraffic;
  const destination = { archiveBytes: 100 * MEBIBYTE } as ArchiveTraffic;

  it('may be the parts that it was killed in', () => {
    expect(() => requireLittleTwice(points, source(132), destination)).not.toThrow();
  });

  it('is refused beyond them', () => {
    expect(() => requireLittleTwice(points, source(133), destination)).toThrow('of them twice');
  });
});
