import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../support/processes/commands.ts';
import { temporaryFolder } from '../../support/service/service.ts';

describe('npm run bench -- --projects', () => {
  it('writes the figures of a run as one flat object', async ({ signal }) => {
    const file = join(await temporaryFolder(), 'figures.json');

    const rates = ['--project-rate', '600', '--download-rate', '600'];
    const work = ['--projects', '2', '--job-seconds', '0', '--latency', '0', ...rates, '--json', file];
    const options = { signal, timeoutMs: 55_000 };
    const output = await runCommand(process.execPath, ['bin/bench.ts', ...work], options);

    const figures = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    expect(figures).toMatchObject({
      exportPollsPerProject: 2,
      importPollsPerProject: 1,
      tooManyRequests: 0,
      downloadedTwiceMiB: 0,
      peakRssSmallMiB: null,
    });
    expect(figures.peakRssMiB).toBeGreaterThan(0);
    expect(output).toContain('share of the allowed exports');
  });
});
