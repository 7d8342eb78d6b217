/** The service in a process of its own, so that its CPU and its memory are measured and nobody else's. */

import '../demo/quiet-logs.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { LocalService } from '../local/service.ts';
import { Forked, forkedOptions, respond } from './forked.ts';
import { BENCH_GROUP, BENCH_TOKEN } from './load.ts';
import { countWork, type Work, workBetween } from './work-counter.ts';

interface Options {
  destinationUrl: string;
  dataDir: string;
}

/** What one import took, from its POST until its execution has ended. */
export interface Run {
  seconds: number;
  /** User and system time. */
  cpuMs: number;
  /** Share of the time in which the one thread was busy. */
  eventLoopUtilization: number;
  /** Since the start of the process. */
  peakRssMiB: number;
  /** States entered. */
  transitions: number;
  work: Work;
}

/** How often it is looked whether the execution has ended, in the process itself: the API would have to work for it. */
const POLL_MS = 50;

/** The benchmark's side of a service that runs elsewhere. */
export class ServiceProcess {
  readonly #process: Forked<unknown, { sourceUrl: string }, Run>;

  private constructor(forked: Forked<unknown, { sourceUrl: string }, Run>) {
    this.#process = forked;
  }

  static async start(options: Options): Promise<ServiceProcess> {
    return new ServiceProcess(await Forked.start(new URL(import.meta.url), options));
  }

  /** Has the source's top-level group migrated. @throws unless the import finishes without failures */
  migrate(sourceUrl: string): Promise<Run> {
    return this.#process.ask({ sourceUrl });
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

async function migrate(service: LocalService, workSoFar: () => Work, sourceUrl: string): Promise<Run> {
  const before = {
    work: workSoFar(),
    cpu: process.cpuUsage(),
    loop: performance.eventLoopUtilization(),
    time: performance.now(),
  };
  let transitions = 0;
  service.engine.observer = () => transitions++;
  const importId = await post(service, sourceUrl);
  await executionEnd(service, importId);
  const seconds = (performance.now() - before.time) / 1000;
  const cpu = process.cpuUsage(before.cpu);
  const run = {
    seconds,
    cpuMs: (cpu.user + cpu.system) / 1000,
    eventLoopUtilization: performance.eventLoopUtilization(before.loop).utilization,
    peakRssMiB: process.resourceUsage().maxRSS / 1024,
    transitions,
    work: workBetween(before.work, workSoFar()),
  };
  await requireSuccess(service, importId);
  return run;
}

const HEADERS = { 'private-token': BENCH_TOKEN, 'content-type': 'application/json' };

async function post(service: LocalService, sourceUrl: string): Promise<number> {
  const entity = {
    source_type: 'group_entity',
    source_full_path: BENCH_GROUP,
    destination_slug: BENCH_GROUP,
    destination_namespace: '',
  };
  const response = await fetch(`${service.url}/api/v4/bulk_imports`, {
    method: 'POST',
    headers: HEADERS,
    body: JSON.stringify({
      configuration: { url: sourceUrl, access_token: BENCH_TOKEN },
      entities: [entity],
    }),
  });
  const { id, ...body } = (await response.json()) as { id?: number };
  if (id === undefined) throw new Error(`The import was refused: ${JSON.stringify(body)}`);
  return id;
}

async function executionEnd(service: LocalService, importId: number): Promise<void> {
  while (service.engine.describe(`import-${importId}`)?.status === 'RUNNING') await pause(POLL_MS);
}

async function requireSuccess(service: LocalService, importId: number): Promise<void> {
  const response = await fetch(`${service.url}/api/v4/bulk_imports/${importId}`, { headers: HEADERS });
  const { status, has_failures } = (await response.json()) as { status: string; has_failures: boolean };
  if (status === 'finished' && !has_failures) return;
  throw new Error(`The import ended as '${status}'${has_failures ? ' with failures' : ''}.`);
}

const options = forkedOptions<Options>(import.meta.url);
if (options !== undefined) {
  const workSoFar = countWork();
  const service = await LocalService.start({ ...options, port: 0, allowPrivateNetworks: true });
  respond<{ sourceUrl: string }>({}, ({ sourceUrl }) => migrate(service, workSoFar, sourceUrl));
}
