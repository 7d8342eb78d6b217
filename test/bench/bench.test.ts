import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../support/processes/commands.ts';
import { temporaryFolder } from '../support/service/service.ts';

describe('npm run bench', () => {
  it('writes the figures of a run of the service and the loop as one flat object', async ({ signal }) => {
    const file = join(await temporaryFolder(), 'figures.json');

    const work = ['--groups', '3', '--records', '3', '--latency', '0', '--json', file];
    const options = { signal, timeoutMs: 50_000 };
    const output = await runCommand(process.execPath, ['bin/bench.ts', ...work], options);

    const figures = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    expect(figures).toEqual({
      ratio: expect.any(Number),
      ratioUncharged: expect.any(Number),
      wallSeconds: expect.any(Number),
      cpuMsPerGroup: expect.any(Number),
      transitionsPerGroup: expect.any(Number),
      invocationsPerGroup: expect.any(Number),
      tableWritesPerGroup: expect.any(Number),
      tableReadsPerGroup: expect.any(Number),
      sourceRequestsPerGroup: expect.any(Number),
      destinationRequestsPerRecord: expect.any(Number),
      lambdaSecondsPerGroup: expect.any(Number),
      rateShare: null,
      tooManyRequests: 0,
      usdPer1000Groups: expect.any(Number),
      peakRssMiB: expect.any(Number),
    });
    for (const [name, figure] of Object.entries(figures)) {
      if (name !== 'rateShare' && name !== 'tooManyRequests') expect(figure, name).toBeGreaterThan(0);
    }
    expect(output).toContain('service against loop');
  });
});
