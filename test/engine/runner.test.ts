import { afterEach, describe, expect, it, vi } from 'vitest';
import { cancelImport } from '../../lambdas/engine/end-import.ts';
import { startRun } from '../../lambdas/store/entity-runs.ts';
import { moveImport } from '../../lambdas/store/imports.ts';
import { eraseTokens, TokensErasedError } from '../../lambdas/store/sealed-tokens.ts';
import { requestsTo } from '../support/gitlab/gitlab-faults.ts';
import { singleLabels as labels } from '../support/gitlab/single-labels.ts';
import { ACME, FINISHED, handlerOf, startBench } from '../support/service/pipeline-bench.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

afterEach(() => {
  vi.useRealTimers();
});

const CONTINUE = { status: 'continue', waitSeconds: 0 };
const LAMBDA_MS = 900_000;

async function startLabels(count: number) {
  const bench = await startBench();
  const group = bench.addPair({
    labels: Array.from({ length: count }, (_, index) => ({
      title: `label-${String(index).padStart(3, '0')}`,
    })),
  });
  return { bench, group, migration: await bench.migration('labels', ACME) };
}

/** The labels pipeline with a `create` that only calls back, with how many records it has met. */
function countingLabels(onLoad: (loads: number, title: string) => unknown, parallel = 4) {
  let loads = 0;
  return handlerOf({
    ...labels,
    parallel,
    async create({ name }) {
      loads += 1;
      await onLoad(loads, name);
    },
  });
}

function passTime(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds);
}

describe('a run whose time is short', () => {
  it('begins nothing and asks to be called again', async () => {
    const { group, migration } = await startLabels(3);

    const result = await migration.run(handlerOf(labels), 29_000);

    expect(result).toEqual(CONTINUE);
    expect(group.labels).toEqual([]);
    expect(await migration.tracker()).toMatchObject({ status: 'started', run: 1, done: 0, waited: {} });
  });

  it('stops inside a page, and the next run goes on at the record where it stopped', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { migration } = await startLabels(130);
    const met: string[] = [];
    const handler = countingLabels((loads, title) => {
      met.push(title);
      if (loads === 50) passTime(LAMBDA_MS - 20_000);
    });

    const first = await migration.run(handler);
    const between = await migration.tracker();
    const second = await migration.run(handler);

    expect([first, second]).toEqual([CONTINUE, FINISHED]);
    expect(between).toMatchObject({
      cursor: null,
      done: 52,
      counts: { source: 130, fetched: 52, imported: 52 },
    });
    expect(met).toHaveLength(130);
    expect(new Set(met).size).toBe(130);
    expect(await migration.tracker()).toMatchObject({
      status: 'finished',
      run: 2,
      counts: { source: 130, fetched: 130, imported: 130, skipped: 0, failed: 0 },
    });
  });

  it('stops after a page, and the next run reads only the page after it', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { bench, migration } = await startLabels(130);
    const handler = countingLabels(loads => {
      if (loads === 100) passTime(LAMBDA_MS - 20_000);
    });

    const first = await migration.run(handler);
    const between = await migration.tracker();
    const second = await migration.run(handler);

    expect([first, second]).toEqual([CONTINUE, FINISHED]);
    expect(between).toMatchObject({ cursor: '2', done: 0, counts: { source: 130, fetched: 100 } });
    const pages = requestsTo(bench.source, { path: '/labels' }).map(({ query }) => query.get('page'));
    expect(pages).toEqual(['1', '2']);
    expect((await migration.tracker()).counts).toMatchObject({ source: 130, fetched: 130, imported: 130 });
  });
});

describe('progress', () => {
  it('can be watched while a slow page is worked on', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { migration } = await startLabels(20);
    let seen: unknown;
    const handler = countingLabels(async loads => {
      if (loads === 5) passTime(3_000);
      if (loads === 9) seen = [(await migration.tracker()).done, (await migration.entity()).stats];
    });

    await migration.run(handler);

    expect(seen).toMatchObject([8, { labels: { source: 20, fetched: 8, imported: 8 } }]);
  });

  it('of a run that was overtaken is not saved', async () => {
    const { bench, migration } = await startLabels(130);
    const handler = countingLabels(async loads => {
      if (loads === 3) await startRun(await migration.entity());
    });

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(await migration.tracker()).toMatchObject({
      status: 'created',
      run: 2,
      cursor: null,
      counts: { source: 0, fetched: 0 },
    });
    expect((await migration.entity()).stats).toEqual({});
    expect(requestsTo(bench.source, { path: '/labels' })).toHaveLength(1);
  });
});

describe('an import that has ended', () => {
  it('stops its pipelines within a page when it is canceled', async () => {
    const { bench, migration } = await startLabels(250);
    let loaded = 0;
    const handler = countingLabels(async loads => {
      loaded = loads;
      if (loads === 10) await cancelImport(await migration.record(), async () => undefined);
    });

    const result = await migration.run(handler);

    expect(result).toEqual(FINISHED);
    expect(loaded).toBe(100);
    expect(requestsTo(bench.source, { path: '/labels' })).toHaveLength(1);
    expect((await migration.tracker()).status).toBe('canceled');
    expect((await migration.entity()).status).toBe('canceled');
  });

  it('is noticed inside a page that is slow', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const { migration } = await startLabels(50);
    let loaded = 0;
    const handler = countingLabels(async loads => {
      loaded = loads;
      if (loads === 10) await cancelImport(await migration.record(), async () => undefined);
      passTime(1_000);
    });

    await migration.run(handler);

    expect(loaded).toBe(12);
  });

  it('begins no run any more', async () => {
    const { bench, migration } = await startLabels(3);
    const failed = await bench.migration('labels', ACME);
    await moveImport(await migration.record(), 'canceled');
    await moveImport(await failed.record(), 'failed');

    const results = [await migration.run(handlerOf(labels)), await failed.run(handlerOf(labels))];

    expect(results).toEqual([FINISHED, FINISHED]);
    expect([(await migration.entity()).run, (await failed.entity()).run]).toEqual([0, 0]);
    expect([...bench.source.requests, ...bench.destination.requests]).toEqual([]);
  });
});

it('ends an import that goes on when its tokens have expired, and says so', async () => {
  const { migration } = await startLabels(1);
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(Date.now() + 16 * 24 * 3_600_000);

  const result = await migration.run(handlerOf(labels));
  vi.useRealTimers();

  expect(result).toEqual(FINISHED);
  const failure = { exceptionClass: 'BulkImports::TokensExpiredError' };
  expect(await migration.record()).toMatchObject({ status: 'failed', failure });
  expect(await migration.failures()).toMatchObject([failure]);
});

it('crashes when the tokens of a running import are gone', async () => {
  const { migration } = await startLabels(1);
  await eraseTokens({ id: migration.importId, attempt: 1 });

  await expect(migration.run(handlerOf(labels))).rejects.toThrow(TokensErasedError);
});

it('refuses an event that does not say which entity', async () => {
  const lambda = { getRemainingTimeInMillis: () => LAMBDA_MS };

  await expect(handlerOf(labels)({ importId: 1, pipeline: 'labels' }, lambda)).rejects.toThrow(/entityId/);
});
