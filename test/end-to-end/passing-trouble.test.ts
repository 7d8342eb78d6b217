import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { time } from '../../lambdas/platform/time.ts';
import type { Fault, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { isLabelWrite, makesLabel } from '../support/gitlab/label-writes.ts';
import { addPeople, addTree, contentOf } from '../support/gitlab/source-tree.ts';
import { startService, type TestService } from '../support/service/service.ts';

/** Pauses inside of a run are made no longer than this. */
const LONGEST_PAUSE_MS = 20;
const { pause } = time;
const HOUR_SECONDS = 3600;

let service: TestService;
beforeAll(async () => {
  service = await startService({ withoutAcme: true });
  addPeople(service.source);
  addPeople(service.destination);
  addTree(service.source, { levels: 2 });
});
afterEach(() => {
  service.source.onRequest = undefined;
  service.destination.onRequest = undefined;
  time.pause = pause;
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** Lets each request that a rule applies to meet a fault the first time that it is sent; counts them. */
function onceEach(applies: (request: SampleRequest) => boolean, fault: Fault) {
  const met = new Set<string>();
  const hook = (request: SampleRequest): Fault | undefined => {
    const key = `${request.method} ${request.path} ${JSON.stringify(request.body)}`;
    if (!applies(request) || met.has(key)) return undefined;
    met.add(key);
    return fault;
  };
  return { hook, met };
}

/** Lets pauses inside of runs take no time. */
function shortenPauses(): void {
  time.pause = ms => pause(Math.min(ms, LONGEST_PAUSE_MS));
}

/** Lets the waits of the workflow take no time, except by the clock. @returns them, in seconds */
function skipWaits(): number[] {
  const waits: number[] = [];
  const { setTimeout } = globalThis;
  const stub = (act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
    // The interpreter's other timers are time limits, which it sets from elsewhere.
    if (!/\bsleep \(.*aws-local-stepfunctions/.test(new Error().stack ?? ''))
      return setTimeout(act, ms, ...args);
    waits.push(ms / 1000);
    vi.setSystemTime(Date.now() + ms);
    return setTimeout(act, 0, ...args);
  };
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.stubGlobal('setTimeout', Object.assign(stub, setTimeout));
  return waits;
}

/** Writes that make something. */
function isCreation(request: SampleRequest): boolean {
  if (isLabelWrite(request)) return true;
  return request.method === 'POST' && request.path.startsWith('/api/v4/groups');
}

async function start(slug: string): Promise<number> {
  return service.api.start([{ destination_slug: slug, destination_namespace: '' }]);
}

async function outcomeOf(importId: number) {
  const record = await service.api.untilEnded(importId);
  return { record, entities: await service.api.getEntities(importId) };
}

async function expectTheWholeTree(slug: string): Promise<void> {
  const { record, entities } = await outcomeOf(await start(slug));

  expect(record).toMatchObject({ status: 'finished', has_failures: false });
  expect(entities.map(({ status }) => status)).toEqual(Array(2).fill('finished'));
  expect(entities[0]?.stats).toMatchObject({
    labels: { source: 12, fetched: 12, imported: 12 },
    milestones: { source: 2, fetched: 2, imported: 2 },
    badges: { source: 2, fetched: 2, imported: 2 },
    boards: { source: 1, fetched: 1, imported: 1 },
    subgroup_entities: { source: 1, fetched: 1, imported: 1 },
  });
  const arrived = contentOf(service.destination, slug);
  expect(arrived).toEqual({ ...contentOf(service.source, 'acme'), '/': arrived['/'] });
  expect(arrived['/']).toEqual({ ...(contentOf(service.source, 'acme')['/'] as object), name: nameOf(slug) });
}

/** Top-level groups have different names, so that every migration after the first gets a number. */
const nameOf = (slug: string) => service.destination.group(slug)?.name;

describe('a migration arrives whole, nothing in it twice, and with exact counts', () => {
  it('when both GitLabs limit the rate, and name a time to wait', async () => {
    shortenPauses();
    const fault: Fault = {
      kind: 'respond',
      status: 429,
      headers: { 'retry-after': '1' },
      body: 'Retry later\n',
    };
    const isPlatform = ({ body }: SampleRequest) => (body as { path?: string }).path === 'platform';
    const writes = onceEach(
      request => isCreation(request) && (makesLabel('label 005')(request) || isPlatform(request)),
      fault,
    );
    const reads = onceEach(({ path }) => path.endsWith('/badges'), fault);
    service.destination.onRequest = writes.hook;
    service.source.onRequest = reads.hook;

    await expectTheWholeTree('limited');
    expect([writes.met.size, reads.met.size]).toEqual([2, 2]);
  });

  it('when the connection is lost after writes took effect', async () => {
    shortenPauses();
    const { hook, met } = onceEach(isCreation, { kind: 'drop-after' });
    service.destination.onRequest = hook;

    await expectTheWholeTree('dropped-after');
    expect(met.size).toBeGreaterThan(7);
  });

  it('when the connection is lost before writes took effect', async () => {
    shortenPauses();
    // A badge that may still be made is waited for five minutes, which is a test of its own.
    const isFoundAgain = (request: Parameters<typeof isCreation>[0]) =>
      isCreation(request) && !request.path.endsWith('/badges');
    const { hook, met } = onceEach(isFoundAgain, { kind: 'drop-before' });
    service.destination.onRequest = hook;

    await expectTheWholeTree('dropped-before');
    expect(met.size).toBeGreaterThan(5);
  });
});

it('an outage that does not pass becomes a failure of the record after two hours, and the rest arrives', async () => {
  shortenPauses();
  service.destination.onRequest = ({ method, path, body }) =>
    method === 'POST' && path.endsWith('/badges') && (body as { name?: string }).name === 'build'
      ? { kind: 'drop-before' }
      : undefined;

  const importId = await start('outage');
  const waits = skipWaits();
  // Not asked of the API, whose requests have no hours.
  const isOver = () => service.local.engine.describe(`import-${importId}`)?.status !== 'RUNNING';
  while (!isOver()) await pause(LONGEST_PAUSE_MS);
  const { record, entities } = await outcomeOf(importId);

  expect(record).toMatchObject({ status: 'finished', has_failures: true });
  expect(entities[0]?.stats.badges).toMatchObject({ source: 2, fetched: 2, imported: 1 });
  expect(entities.flatMap(({ failures }) => failures)).toMatchObject([
    { relation: 'badges', source_title: 'build', exception_class: 'BulkImports::NetworkError' },
  ]);
  const seconds = waits.reduce((sum, wait) => sum + wait, 0);
  expect(seconds).toBeGreaterThan(2 * HOUR_SECONDS - 60);
  expect(seconds).toBeLessThan(2 * HOUR_SECONDS + 400);
});
