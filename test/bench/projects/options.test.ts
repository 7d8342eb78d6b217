import { describe, expect, it } from 'vitest';
import { readOptions } from '../../../lib/bench/options.ts';

describe('the options of the benchmark of projects', () => {
  it("are GitLab's own limits, and groups enough for its limit of downloads", () => {
    expect(readOptions(['--projects', '50'])).toEqual({
      projects: 50,
      groups: 10,
      latencyMs: 20,
      projectRate: 6,
      downloadRate: 1,
      jobSeconds: 30,
      archiveMegabytes: 0,
      kills: 0,
    });
  });

  it('have no more groups than projects', () => {
    expect(readOptions(['--projects', '3'])).toMatchObject({ groups: 3 });
  });

  it.each([
    [['--projects', '0'], '--projects must be a whole number of at least 1'],
    [['--projects', '1', '--project-rate', 'fast'], '--project-rate must be a whole number of at least 1'],
    [['--projects', '1', '--records', '5'], '--records is not for --projects'],
    [['--projects', '1', '--no-loop'], '--no-loop is not for --projects'],
    [['--kills', '3'], '--kills needs --projects'],
    [['--projects', '2', '--kills', '3', '--archive-megabytes', '500'], '--kills needs --projects 1'],
    [['--projects', '1', '--kills', '3'], '--kills needs --projects 1 and --archive-megabytes 64 or more'],
  ])('refuse %j in a sentence', (args, sentence) => {
    expect(() => readOptions(args)).toThrow(sentence);
  });
});
