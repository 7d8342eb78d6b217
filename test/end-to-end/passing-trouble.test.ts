import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Fault, SampleRequest } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { startService, type TestService } from '../support/service.ts';
import { addPeople, addTree, contentOf } from '../support/source-tree.ts';

/** The wait after trouble for which a GitLab names no time, and what it is made in these tests. */
const WAIT_MS = 30_000;
const SHORT_WAIT_MS = 100;

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
  vi.unstubAllGlobals();
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

/** Makes the wait of 30 s short, wherever it happens in this process. */
function shortenWaits(): void {
  const { setTimeout } = globalThis;
  const stub = (act: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) =>
    setTimeout(act, ms === WAIT_MS ? SHORT_WAIT_MS : ms, ...args);
  vi.stubGlobal('setTimeout', Object.assign(stub, setTimeout));
}

/** Writes that make something; of the labels only one, so that a test does not wait for each of them. */
function isCreation({ method, path, body }: SampleRequest): boolean {
  if (method !== 'POST' || !path.startsWith('/api/v4/groups')) return false;
  return !path.endsWith('/labels') || (body as { name: string }).name === 'label 005';
}

async function migrate(slug: string) {
  const importId = await service.api.start([{ destination_slug: slug, destination_namespace: '' }]);
  const record = await service.api.untilEnded(importId);
  return { record, entities: await service.api.getEntities(importId) };
}

async function expectTheWholeTree(slug: string): Promise<void> {
  const { record, entities } = await migrate(slug);

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
    const fault: Fault = {
      kind: 'respond',
      status: 429,
      headers: { 'retry-after': '1' },
      body: 'Retry later\n',
    };
    const isPlatform = ({ body }: SampleRequest) => (body as { path?: string }).path === 'platform';
    const writes = onceEach(
      request => isCreation(request) && (request.path.endsWith('/labels') || isPlatform(request)),
      fault,
    );
    const reads = onceEach(({ path }) => path.endsWith('/milestones'), fault);
    service.destination.onRequest = writes.hook;
    service.source.onRequest = reads.hook;

    await expectTheWholeTree('limited');
    expect([writes.met.size, reads.met.size]).toEqual([2, 2]);
  });

  it('when the connection is lost after writes took effect', async () => {
    shortenWaits();
    const { hook, met } = onceEach(isCreation, { kind: 'drop-after' });
    service.destination.onRequest = hook;

    await expectTheWholeTree('dropped-after');
    expect(met.size).toBeGreaterThan(9);
  });

  it('when the connection is lost before writes took effect', async () => {
    shortenWaits();
    const { hook, met } = onceEach(isCreation, { kind: 'drop-before' });
    service.destination.onRequest = hook;

    await expectTheWholeTree('dropped-before');
    expect(met.size).toBeGreaterThan(9);
  });
});

it('trouble that does not pass becomes a failure of the record after ten waits, and the rest arrives', async () => {
  shortenWaits();
  service.destination.onRequest = ({ method, path, body }) =>
    method === 'POST' && path.endsWith('/badges') && (body as { name?: string }).name === 'build'
      ? { kind: 'drop-before' }
      : undefined;

  const { record, entities } = await migrate('outage');

  expect(record).toMatchObject({ status: 'finished', has_failures: true });
  expect(entities[0]?.stats.badges).toMatchObject({ source: 2, fetched: 2, imported: 1 });
  expect(entities.flatMap(({ failures }) => failures)).toMatchObject([
    { relation: 'badges', source_title: 'build', exception_class: 'BulkImports::NetworkError' },
  ]);
  const attempts = service.destination.requests.filter(
    ({ path, body }) => path.endsWith('/badges') && (body as { name?: string } | undefined)?.name === 'build',
  );
  expect(attempts.at(-11)?.path).toBe(attempts.at(-1)?.path);
});
