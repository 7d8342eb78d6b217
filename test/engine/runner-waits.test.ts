import { afterEach, describe, expect, it, vi } from 'vitest';
import { presentEntity } from '../../lambdas/api/answers/presenters.ts';
import { cancelImport } from '../../lambdas/engine/end-import.ts';
import { badges as badgesRelation } from '../../lambdas/pipelines/badges.ts';
import { group as groupRelation } from '../../lambdas/pipelines/group.ts';
import { time } from '../../lambdas/platform/time.ts';
import type { Fault } from '../../lib/gitlab-simulator/sample-gitlab.ts';
import { requestsTo, setFault, throttled } from '../support/gitlab/gitlab-faults.ts';
import { singleLabels as labelsRelation } from '../support/gitlab/single-labels.ts';
import { ACME, FINISHED, handlerOf, type Migration, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const badges = handlerOf(badgesRelation);
const group = handlerOf(groupRelation);
const labels = handlerOf(labelsRelation);

useTableInMemory();

afterEach(() => {
  vi.useRealTimers();
});

const CREATE = { method: 'POST', path: '/labels' } as const;
const BAD_GATEWAY: Fault = { kind: 'respond', status: 502, body: '' };
const LIMIT: Fault = { kind: 'respond', status: 429, body: 'Retry later\n' };
const MINUTE_MS = 60_000;

async function startLabels(...titles: string[]) {
  const bench = await startBench();
  const target = bench.addPair({ labels: titles.map(title => ({ title })) });
  return { bench, target, migration: await bench.migration('labels', ACME) };
}

const titlesOf = ({ labels }: { labels: { title: string }[] }) => labels.map(({ title }) => title).sort();
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** What the API shows of the waits of an entity. */
const shownWaits = async (migration: Migration) => (await presentEntity(await migration.entity())).waiting;

describe('one request that meets trouble', () => {
  it.each<[string, Fault]>([
    ['a connection that breaks before a write', { kind: 'drop-before' }],
    ['a connection that breaks after a write', { kind: 'drop-after' }],
    ['a 502 before a write', BAD_GATEWAY],
    ['a limit that lasts a second', throttled(1)],
  ])('%s costs the run seconds, and nothing arrives twice', async (_, fault) => {
    const titles = Array.from({ length: 9 }, (_, index) => `label ${index}`);
    const { bench, target, migration } = await startLabels(...titles);
    setFault(bench.destination, { ...CREATE, nth: 6 }, fault);

    const result = await migration.run(labels);

    expect(result).toEqual(FINISHED);
    expect(sum(bench.pauses)).toBeGreaterThanOrEqual(1000);
    expect(sum(bench.pauses)).toBeLessThan(3000);
    expect(titlesOf(target)).toEqual(titles);
    expect(await migration.tracker()).toMatchObject({
      run: 1,
      counts: { source: 9, fetched: 9, imported: 9, skipped: 0, failed: 0 },
    });
    expect(await migration.failures()).toEqual([]);
  });

  it('is looked up before it is sent again: GitLab would make a second badge', async () => {
    const bench = await startBench();
    const badge = { linkUrl: 'https://l.example', imageUrl: 'https://i.example' };
    const target = bench.addPair({ badges: [badge] });
    const migration = await bench.migration('badges', ACME);
    setFault(bench.destination, { method: 'POST', path: '/badges', nth: 1 }, { kind: 'drop-after' });

    expect(await migration.run(badges)).toEqual(FINISHED);

    expect(target.badges).toHaveLength(1);
    expect(requestsTo(bench.destination, { method: 'POST', path: '/badges' })).toHaveLength(1);
  });

  it('is looked up where an entity says that it was about to be written', async () => {
    const bench = await startBench();
    bench.source.addGroup({ name: 'Acme', path: 'acme' });
    const migration = await bench.migration('group', { from: 'acme' });
    setFault(bench.destination, { method: 'POST', path: '/groups', nth: 1 }, { kind: 'drop-after' });

    expect(await migration.run(group)).toEqual(FINISHED);

    expect(bench.destination.groups().map(({ fullPath }) => fullPath)).toEqual(['acme']);
    expect((await migration.entity()).namespaceId).toBe(bench.destination.group('acme')?.id);
  });

  it('stops when the import was canceled meanwhile', async () => {
    const { bench, target, migration } = await startLabels('a');
    const record = await migration.record();
    bench.destination.onRequest = ({ method }) => {
      if (method !== 'POST') return undefined;
      void cancelImport(record, async () => undefined);
      return BAD_GATEWAY;
    };

    expect(await migration.run(labels)).toEqual(FINISHED);

    expect(requestsTo(bench.destination, CREATE)).toHaveLength(1);
    expect(target.labels).toEqual([]);
  });
});

describe('trouble that lasts', () => {
  it('is sat out twice at most, then the workflow waits, longer and longer', async () => {
    const { bench, migration } = await startLabels('a');
    setFault(bench.destination, CREATE, BAD_GATEWAY);

    const first = await migration.run(labels);
    const second = await migration.run(labels);

    expect(bench.pauses.map(ms => Math.floor(ms / 1000))).toEqual([1, 2]);
    expect([first.status, second.status]).toEqual(['wait', 'wait']);
    expect(first.waitSeconds).toBeGreaterThanOrEqual(4);
    expect(first.waitSeconds).toBeLessThanOrEqual(5);
    expect(second.waitSeconds).toBeGreaterThanOrEqual(8);
    expect(second.waitSeconds).toBeLessThanOrEqual(10);
  });

  it('is left to the workflow when the time of the run is short', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { bench, migration } = await startLabels('a');
    setFault(bench.destination, CREATE, BAD_GATEWAY);

    const result = await migration.run(labels, 30_900);

    expect(bench.pauses).toEqual([]);
    expect(result).toEqual({ status: 'wait', waitSeconds: 2 });
  });

  it('is waited for as long as it takes when it is a limit: 12 minutes of 429 without a time', async () => {
    const { bench, target, migration } = await startLabels('a', 'b', 'c', 'd', 'e');
    setFault(bench.destination, CREATE, LIMIT);
    let waitedSeconds = 0;
    while (waitedSeconds < 12 * 60) waitedSeconds += (await migration.run(labels)).waitSeconds;
    bench.destination.onRequest = undefined;

    expect(await migration.run(labels)).toEqual(FINISHED);

    expect(titlesOf(target)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(await migration.failures()).toEqual([]);
  });
});

describe('a run that is started before its time', () => {
  it('waits the rest, and does not ask again', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { bench, target, migration } = await startLabels('a');
    setFault(bench.destination, { ...CREATE, nth: 1 }, throttled(600));
    expect(await migration.run(labels)).toEqual({ status: 'wait', waitSeconds: 600 });
    const asked = bench.destination.requests.length + bench.source.requests.length;

    vi.setSystemTime(Date.now() + MINUTE_MS);
    const early = await migration.runEarly(labels);
    vi.setSystemTime(Date.now() + 1000 * early.waitSeconds);
    const requests = bench.destination.requests.length + bench.source.requests.length;
    const last = await migration.runEarly(labels);

    expect(early).toEqual({ status: 'wait', waitSeconds: 540 });
    expect(requests).toBe(asked);
    expect(last).toEqual(FINISHED);
    expect(titlesOf(target)).toEqual(['a']);
  });

  it('waits the rest also when it was killed while it sat out a short wait', async () => {
    const { bench, migration } = await startLabels('a');
    setFault(bench.destination, { ...CREATE, nth: 1 }, throttled(2));
    const asked = () => bench.destination.requests.length + bench.source.requests.length;
    const killed = Promise.withResolvers<undefined>();
    time.pause = () => {
      killed.resolve(undefined);
      return new Promise(() => undefined);
    };
    void migration.runEarly(labels);
    await killed.promise;
    const before = asked();

    const early = await migration.runEarly(labels);

    expect([early.status, asked()]).toEqual(['wait', before]);
    expect((await migration.tracker()).waited).toMatchObject({ limit: { times: 1 } });
  });

  it('has not waited: ten restarts are not ten waits', async () => {
    const { bench, migration } = await startLabels('a');
    setFault(bench.destination, CREATE, BAD_GATEWAY);
    await migration.run(labels);
    const { waited, waiting } = await migration.tracker();

    for (let restart = 0; restart < 10; restart++) await migration.runEarly(labels);

    expect(await migration.tracker()).toMatchObject({ waited, waiting });
  });

  it('has not tried while the machine was asleep', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { bench, target, migration } = await startLabels('a');
    setFault(bench.destination, CREATE, BAD_GATEWAY);
    await migration.run(labels);

    vi.setSystemTime(Date.now() + 25 * 60 * MINUTE_MS);
    const awake = await migration.runEarly(labels);
    bench.destination.onRequest = undefined;
    await migration.run(labels);

    expect(awake.status).toBe('wait');
    expect((await migration.tracker()).status).toBe('finished');
    expect(titlesOf(target)).toEqual(['a']);
  });
});

describe('a wait is shown by the entity', () => {
  it('from before the first page until something is done', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { bench, migration } = await startLabels('a');
    const before = (await migration.entity()).updatedAt;
    setFault(bench.source, { path: '/labels' }, throttled(600));
    vi.setSystemTime(Date.now() + 5);

    await migration.run(labels);

    const until = new Date(Date.now() + 600_000).toISOString();
    expect(await shownWaits(migration)).toEqual([
      { relation: 'labels', waits_for: 'limit', instance: 'source', until, reason: '429 Retry later' },
    ]);
    const { updatedAt, stats } = await migration.entity();
    expect(updatedAt > before).toBe(true);
    expect(stats).toEqual({});
    vi.setSystemTime(Date.parse(until));
    expect(await shownWaits(migration)).toEqual([]);
    bench.source.onRequest = undefined;
    await migration.run(labels);
    expect((await migration.entity()).waiting).toEqual({});
  });

  it('as one wait however often it is repeated', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { bench, migration } = await startLabels('a');
    setFault(bench.source, { path: '/labels' }, BAD_GATEWAY);
    await migration.run(labels);
    const { since } = (await migration.entity()).waiting.labels ?? {};
    vi.setSystemTime(Date.now() + MINUTE_MS);

    await migration.run(labels);

    expect((await migration.entity()).waiting.labels).toMatchObject({
      since,
      waitsFor: 'outage',
      reason: '502',
    });
  });

  it('until the pipeline has failed', async () => {
    const { bench, migration } = await startLabels('a');
    setFault(bench.source, { path: '/labels' }, BAD_GATEWAY);
    while ((await migration.run(labels)).status === 'wait');

    expect((await migration.tracker()).status).toBe('failed');
    expect((await migration.entity()).waiting).toEqual({});
  });
});
