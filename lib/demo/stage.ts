import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalService } from '../local/service.ts';
import { type SampleInstance, sampleDestination, sampleSource } from './sample-source.ts';
import type { Urls } from './texts.ts';

/** Everything that the demo starts: two sample GitLabs and the service, which keeps its data in a temporary folder. */
export class Stage {
  readonly source: SampleInstance;
  readonly destination: SampleInstance;
  readonly urls: Urls;
  readonly #stop: () => Promise<void>;

  private constructor(
    source: SampleInstance,
    destination: SampleInstance,
    urls: Urls,
    stop: () => Promise<void>,
  ) {
    this.source = source;
    this.destination = destination;
    this.urls = urls;
    this.#stop = stop;
  }

  /** Starts all three on ports that are free. When one cannot be started, the others are stopped again. */
  static async start(): Promise<Stage> {
    const undo: (() => Promise<unknown>)[] = [];
    const stop = () => undoAll(undo.splice(0));
    try {
      const source = sampleSource();
      const destination = sampleDestination();
      for (const { gitlab } of [source, destination]) {
        await gitlab.start();
        undo.push(() => gitlab.stop());
      }
      const dataDir = await mkdtemp(join(tmpdir(), 'gitlab-bulk-imports-demo-'));
      // Also when the process ends by an exception that nobody caught.
      const removeAtExit = () => rmSync(dataDir, { recursive: true, force: true });
      process.once('exit', removeAtExit);
      undo.push(async () => {
        await rm(dataDir, { recursive: true, force: true });
        process.off('exit', removeAtExit);
      });
      const service = await LocalService.start({
        destinationUrl: destination.gitlab.url,
        port: 0,
        dataDir,
        allowPrivateNetworks: true,
        // These GitLabs have no such limits.
        projectExportsPerMinute: 0,
        projectImportsPerMinute: 0,
        projectDownloadsPerMinute: 0,
      });
      undo.push(() => service.stop());
      const urls = { source: source.gitlab.url, destination: destination.gitlab.url, service: service.url };
      return new Stage(source, destination, urls, stop);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  /** Stops everything and removes the data. */
  stop(): Promise<void> {
    return this.#stop();
  }
}

/** Takes the steps in reverse order. One that fails does not keep the others from being taken. */
async function undoAll(steps: (() => Promise<unknown>)[]): Promise<void> {
  const errors: unknown[] = [];
  for (const step of steps.reverse()) await step().catch(error => errors.push(error));
  if (errors.length > 0) throw errors[0];
}
