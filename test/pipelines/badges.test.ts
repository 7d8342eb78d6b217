import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BadgeAttributes } from '../../lambdas/gitlab/api/badges.ts';
import { badges } from '../../lambdas/pipelines/badges.ts';
import type { SampleGroup } from '../../lib/gitlab-simulator/model.ts';
import { refused, requestsTo, setFault } from '../support/gitlab/gitlab-faults.ts';
import {
  ACME,
  type Bench,
  CORRELATION_ID,
  FINISHED,
  handlerOf,
  type Migration,
  startBench,
} from '../support/service/pipeline-bench.ts';
import { setTracker } from '../support/table/entity-records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const handler = handlerOf(badges);

const table = useTableInMemory();

const LINK = 'https://ci.example/%{project_path}';
const IMAGE = 'https://ci.example/%{project_path}/%{default_branch}.svg';

const numberedBadges = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ name: `badge ${index}`, linkUrl: LINK, imageUrl: IMAGE }));

describe('the badges pipeline', () => {
  it('moves badges with the placeholders of their URLs as they are', async () => {
    const bench = await startBench();
    const group = bench.addPair({
      badges: [
        { name: 'build', linkUrl: LINK, imageUrl: IMAGE },
        { linkUrl: 'https://example.com', imageUrl: 'https://example.com/x.svg' },
      ],
    });
    const migration = await bench.migration('badges', ACME);

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(group.badges).toEqual([
      { id: expect.any(Number), name: 'build', linkUrl: LINK, imageUrl: IMAGE },
      {
        id: expect.any(Number),
        name: null,
        linkUrl: 'https://example.com',
        imageUrl: 'https://example.com/x.svg',
      },
    ]);
    expect((await migration.tracker()).counts).toMatchObject({ source: 2, fetched: 2, imported: 2 });
    expect((await migration.entity()).stats).toMatchObject({
      badges: { source: 2, fetched: 2, imported: 2 },
    });
  });

  it('makes one badge of exact twins and keeps those that differ in one part', async () => {
    const bench = await startBench();
    const twin = { name: 'build', linkUrl: LINK, imageUrl: IMAGE };
    const group = bench.addPair({
      badges: [
        twin,
        twin,
        { ...twin, name: 'tests' },
        { ...twin, linkUrl: 'https://other.example' },
        { ...twin, imageUrl: 'https://other.example/x.svg' },
      ],
    });
    const migration = await bench.migration('badges', ACME);

    await migration.run(handler);

    expect(group.badges).toHaveLength(4);
    expect((await migration.tracker()).counts).toMatchObject({ source: 5, imported: 5, failed: 0 });
  });

  it('writes down the badge that the destination refuses and moves the others', async () => {
    const bench = await startBench();
    const group = bench.addPair({ badges: [...numberedBadges(2), { linkUrl: LINK, imageUrl: IMAGE }] });
    const image_url = ['is blocked: Only allowed schemes are http, https'];
    setFault(bench.destination, { method: 'POST', path: '/badges', nth: 3 }, refused(400, { image_url }));
    const migration = await bench.migration('badges', ACME);

    await migration.run(handler);

    expect(group.badges.map(({ name }) => name)).toEqual(['badge 0', 'badge 1']);
    expect((await migration.tracker()).counts).toEqual({
      source: 3,
      fetched: 3,
      imported: 2,
      skipped: 0,
      failed: 1,
      skips: {},
    });
    expect(await migration.failures()).toEqual([
      expect.objectContaining({
        relation: 'badges',
        step: 'loader',
        pipelineClass: 'BulkImports::Common::Pipelines::BadgesPipeline',
        exceptionClass: 'BulkImports::NetworkError',
        exceptionMessage: expect.stringContaining('create the badge: 400 image_url is blocked'),
        correlationId: CORRELATION_ID,
        // A badge without a name is told by its image.
        sourceTitle: IMAGE,
      }),
    ]);
  });

  it('notes twenty badges with one write before it sends them', async () => {
    const writesFor = async (count: number) => {
      const bench = await startBench();
      bench.addPair({ badges: numberedBadges(count) });
      const migration = await bench.migration('badges', ACME);
      const updates = vi.spyOn(table(), 'update');
      await migration.run(handler);
      const writes = updates.mock.calls.filter(call => JSON.stringify(call).includes('ENTITY#')).length;
      updates.mockRestore();
      return writes;
    };
    const none = await writesFor(0);

    expect(await writesFor(20)).toBe(none + 1);
    expect(await writesFor(41)).toBe(none + 3);
  });
});

describe('a badge whose request had no response', () => {
  const MINUTE = 60_000;
  afterEach(() => {
    vi.useRealTimers();
  });

  /** Moves three badges; the request for the second is lost, and may take effect later. */
  async function withLateEffect() {
    vi.useFakeTimers({ toFake: ['Date'] });
    const bench = await startBench();
    const group = bench.addPair({ badges: numberedBadges(3) });
    setFault(bench.destination, { method: 'POST', path: '/badges', nth: 2 }, { kind: 'drop-before' });
    const migration = await bench.migration('badges', ACME);
    return { bench, group, migration, first: await migration.run(handler) };
  }

  const namesOf = ({ badges }: SampleGroup) => badges.map(({ name }) => name);
  const sentAs = ({ destination }: Bench, name: string) =>
    requestsTo(destination, { method: 'POST', path: '/badges' }).filter(
      ({ body }) => (body as BadgeAttributes).name === name,
    ).length;

  /** What the request does that was given up. */
  function takeEffect(group: SampleGroup, name: string): void {
    group.badges.push({ id: 900_000_000, name, linkUrl: LINK, imageUrl: IMAGE });
  }

  async function later({ migration }: { migration: Migration }) {
    vi.setSystemTime(Date.now() + 6 * MINUTE);
    return migration.run(handler);
  }

  it('is waited for as long as that may still take effect, and not sent again when it has', async () => {
    const late = await withLateEffect();
    const { group, migration, first, bench } = late;
    expect(first).toEqual({ status: 'wait', waitSeconds: expect.any(Number) });
    expect(first.waitSeconds).toBeGreaterThan(290);
    expect(first.waitSeconds).toBeLessThanOrEqual(300);
    takeEffect(group, 'badge 1');

    expect(await later(late)).toEqual(FINISHED);

    expect(namesOf(group)).toEqual(['badge 0', 'badge 1', 'badge 2']);
    expect(sentAs(bench, 'badge 1')).toBe(1);
    expect((await migration.tracker()).counts).toMatchObject({ source: 3, imported: 3, failed: 0 });
    expect(await migration.failures()).toEqual([]);
  });

  it('is sent again when it has had no effect', async () => {
    const late = await withLateEffect();
    expect(sentAs(late.bench, 'badge 1')).toBe(1);

    expect(await later(late)).toEqual(FINISHED);

    expect(namesOf(late.group)).toEqual(['badge 0', 'badge 1', 'badge 2']);
    expect(sentAs(late.bench, 'badge 1')).toBe(2);
  });

  it('is found when it takes effect after the run has looked, and before it would be sent', async () => {
    const late = await withLateEffect();
    const { bench, group } = late;
    let looks = 0;
    bench.destination.onRequest = ({ method, path }) => {
      if (method === 'GET' && path.endsWith('/badges') && ++looks === 2) takeEffect(group, 'badge 1');
      return undefined;
    };

    expect(await later(late)).toEqual(FINISHED);

    expect(looks).toBe(2);
    expect(namesOf(group)).toEqual(['badge 0', 'badge 1', 'badge 2']);
  });

  it('fails alone once the outage has lasted too long, and those behind it are sent', async () => {
    const { bench, group, migration } = await withLateEffect();
    const { done, counts, unanswered } = await migration.tracker();
    const waited = { outage: { times: 9, seconds: 8_000 } };
    await setTracker(await migration.entity(), 'badges', { done, counts, unanswered, waited });

    expect(await migration.run(handler)).toEqual(FINISHED);

    expect(namesOf(group)).toEqual(['badge 0', 'badge 2']);
    expect(sentAs(bench, 'badge 1')).toBe(1);
    expect(await migration.failures()).toMatchObject([
      {
        sourceTitle: 'badge 1',
        exceptionMessage: expect.stringMatching(/may still take effect\. Look for it there/),
      },
    ]);
  });

  it('is not looked for earlier, however often the service is restarted meanwhile', async () => {
    const { migration, bench } = await withLateEffect();
    const before = bench.destination.requests.length;

    for (let restart = 0; restart < 5; restart++) {
      vi.setSystemTime(Date.now() + 20_000);
      expect((await migration.runEarly(handler)).status).toBe('wait');
    }

    expect(bench.destination.requests).toHaveLength(before);
  });

  it('counts as sent when the run has died after it was noted', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const bench = await startBench();
    const group = bench.addPair({ badges: numberedBadges(3) });
    const migration = await bench.migration('badges', ACME);
    const { promise: never } = Promise.withResolvers<undefined>();
    setFault(bench.destination, { method: 'POST', path: '/badges', nth: 1 }, { kind: 'hold', until: never });
    void migration.run(handler).catch(() => undefined);
    await vi.waitUntil(() => requestsTo(bench.destination, { method: 'POST', path: '/badges' }).length === 1);

    expect((await migration.run(handler)).status).toBe('wait');
    // Of the three that were noted only the first was sent; nobody can know.
    takeEffect(group, 'badge 2');

    expect(await later({ migration })).toEqual(FINISHED);
    expect(namesOf(group)).toEqual(['badge 2', 'badge 0', 'badge 1']);
  });

  it('is known also after a crash while it was sent', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const bench = await startBench();
    const group = bench.addPair({ badges: numberedBadges(1) });
    const migration = await bench.migration('badges', ACME);
    const { promise: never } = Promise.withResolvers<undefined>();
    setFault(bench.destination, { method: 'POST', path: '/badges', nth: 1 }, { kind: 'hold', until: never });
    void migration.run(handler).catch(() => undefined);
    await vi.waitUntil(() => requestsTo(bench.destination, { method: 'POST', path: '/badges' }).length === 1);

    const second = await migration.run(handler);
    takeEffect(group, 'badge 0');
    const third = await later({ migration });

    expect([second.status, third]).toEqual(['wait', FINISHED]);
    expect(namesOf(group)).toEqual(['badge 0']);
  });
});
