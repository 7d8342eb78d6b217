/** The service in a process of its own, so that its CPU and its memory are measured and nobody else's. */

import '../demo/quiet-logs.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { ChosenRates } from '../../lambdas/platform/project-rates.ts';
import { LocalService, type LocalServiceOptions } from '../local/service.ts';
import { Forked, forkedOptions, respond } from './forked.ts';
import { BENCH_GROUP, BENCH_TOKEN } from './load.ts';
import { countWork, type Work, workBetween } from './work-counter.ts';

type Options = Pick<LocalServiceOptions, 'destinationUrl' | 'dataDir'> & ChosenRates;

/** What the process is asked: to begin an import of what is at a source, or to wait for the end of one. */
type Question = { begin: string } | { finish: number };

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
  readonly #process: Forked<unknown, Question, number | Run>;

  private constructor(forked: Forked<unknown, Question, number | Run>) {
    this.#process = forked;
  }

  /** Starts it; an import that another process has left in the folder goes on at once. */
  static async start(options: Options): Promise<ServiceProcess> {
    return new ServiceProcess(await Forked.start(new URL(import.meta.url), options));
  }

  /** Has the source's top-level group migrated. @throws unless the import finishes without failures */
  async migrate(sourceUrl: string): Promise<Run> {
    return this.finish(await this.begin(sourceUrl));
  }

  /** Begins the same. @returns the id of the import */
  begin(sourceUrl: string): Promise<number> {
    return this.#process.ask({ begin: sourceUrl }) as Promise<number>;
  }

  /** What an import takes, from when this process has to do with it. @throws unless it finishes without failures */
  finish(importId: number): Promise<Run> {
    return this.#process.ask({ finish: importId }) as Promise<Run>;
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  /** Ends it as a crash of the machine does. */
  kill(): Promise<void> {
    return this.#process.stop('SIGKILL');
  }
}

/** Measures what the service does from now on. @returns what it was until it is called */
function measure(service: LocalService, workSoFar: () => Work): () => Run {
  const before = {
    work: workSoFar(),
    cpu: process.cpuUsage(),
    loop: performance.eventLoopUtilization(),
    time: performance.now(),
  };
  let transitions = 0;
  service.engine.observer = () => transitions++;
  return () => {
    const seconds = (performance.now() - before.time) / 1000;
    const cpu = process.cpuUsage(before.cpu);
    return {
      seconds,
      cpuMs: (cpu.user + cpu.system) / 1000,
      eventLoopUtilization: performance.eventLoopUtilization(before.loop).utilization,
      peakRssMiB: process.resourceUsage().maxRSS / 1024,
      transitions,
      work: workBetween(before.work, workSoFar()),
    };
  };
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

/** Not of a record: it tells whose name will be on what is in projects. */
const NOTICE = 'BulkImports::AuthorsNotice';

const PAGE = 100;
const FAILURES_SHOWN = 3;

interface Failed {
  exception_class: string;
  exception_message: string;
}

async function requireSuccess(service: LocalService, importId: number): Promise<void> {
  const path = `/bulk_imports/${importId}`;
  const { status, has_failures } = await get<{ status: string; has_failures: boolean }>(service, path);
  const failures = has_failures ? await failuresOf(service, path) : [];
  if (status === 'finished' && failures.length === 0) return;
  const words = failures.slice(0, FAILURES_SHOWN).map(({ exception_message: message }) => message);
  throw new Error([`The import ended as '${status}' with ${failures.length} failures.`, ...words].join(' '));
}

/** What went wrong in an import, by all of its entities. */
async function failuresOf(service: LocalService, path: string): Promise<Failed[]> {
  const found: Failed[] = [];
  for (let page = 1; ; page++) {
    const entities = await get<{ failures: Failed[] }[]>(
      service,
      `${path}/entities?per_page=${PAGE}&page=${page}`,
    );
    found.push(...entities.flatMap(({ failures }) => failures));
    if (entities.length < PAGE) return found.filter(({ exception_class: name }) => name !== NOTICE);
  }
}

async function get<Body>(service: LocalService, path: string): Promise<Body> {
  const response = await fetch(`${service.url}/api/v4${path}`, { headers: HEADERS });
  return (await response.json()) as Body;
}

const options = forkedOptions<Options>(import.meta.url);
if (options !== undefined) {
  const workSoFar = countWork();
  const service = await LocalService.start({ ...options, port: 0, allowPrivateNetworks: true });
  let measured = measure(service, workSoFar);
  respond<Question>({}, async question => {
    if ('begin' in question) {
      measured = measure(service, workSoFar);
      return post(service, question.begin);
    }
    await executionEnd(service, question.finish);
    const run = measured();
    await requireSuccess(service, question.finish);
    return run;
  });
}
