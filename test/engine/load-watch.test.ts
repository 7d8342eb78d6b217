import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runningAt } from '../../lambdas/engine/load-control.ts';
import { loadsOf, observeRequest, settleLoad } from '../../lambdas/engine/load-watch.ts';
import { findLoads } from '../../lambdas/store/gitlab-loads.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

const tableOf = useTableInMemory();

// A GitLab of its own and virtual time for each test.
let number = 0;
let gitlab = '';
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
  vi.setSystemTime(Date.parse('2026-01-01T00:00:00Z'));
  number += 1;
  gitlab = `https://watched-${number}.example`;
});

afterEach(() => {
  vi.useRealTimers();
});

const CEILING = 20;
const later = (seconds: number) => vi.setSystemTime(Date.now() + 1000 * seconds);

/** A run of so many requests, each with this end. */
async function run(status: number | undefined, milliseconds: number, limit = 0): Promise<void> {
  for (let request = 0; request < 14; request++) observeRequest(gitlab, status, milliseconds);
  later(1);
  await settleLoad(gitlab, CEILING, { runMs: 1_000, limit });
}

const entities = async () => runningAt((await loadsOf([gitlab]))[0], CEILING);

/** Another process, which knows what is in the table. */
async function anotherProcess(): Promise<typeof import('../../lambdas/engine/load-watch.ts')> {
  vi.resetModules();
  return import('../../lambdas/engine/load-watch.ts');
}

describe('what a GitLab takes', () => {
  it('is five entities while nothing is known of it', async () => {
    expect(await entities()).toBe(5);
  });

  it('grows with calm runs up to what the operator allows', async () => {
    for (let runs = 0; runs < 4; runs++) await run(200, 40);

    expect(await entities()).toBe(CEILING);
  });

  it.each([
    ['answers 429', 429, 40],
    ['answers 503', 503, 40],
    ['does not answer', undefined, 40],
    ['becomes slow', 200, 900],
  ])('shrinks when it %s', async (_, status, milliseconds) => {
    for (let runs = 0; runs < 4; runs++) await run(200, 40);

    for (let runs = 0; runs < 15; runs++) await run(status, milliseconds);

    expect(await entities()).toBeLessThanOrEqual(3);
  });

  it('grows again when that is over', async () => {
    for (let runs = 0; runs < 4; runs++) await run(200, 40);
    await run(429, 40);
    expect(await entities()).toBe(10);

    for (let runs = 0; runs < 60; runs++) await run(200, 40);

    expect(await entities()).toBeGreaterThanOrEqual(14);
  });

  it('stays low at a small limit, however calm it is', async () => {
    for (let runs = 0; runs < 20; runs++) await run(200, 40, 60);

    expect(await entities()).toBe(1);
  });

  it('does not shrink for an error of each hour', async () => {
    for (let runs = 0; runs < 4; runs++) await run(200, 40);

    for (let hours = 0; hours < 5; hours++) {
      observeRequest(gitlab, 500, 40);
      await run(200, 40);
      later(60);
    }

    expect(await entities()).toBe(CEILING);
  });
});

it.each([2, 6, 12])(
  'a GitLab that has enough of %i entities is never made more than three times as slow',
  async enough => {
    const numbers: number[] = [];
    for (let seconds = 0; seconds < 600; seconds++) {
      // The first entity of an import, its group, is alone.
      const working = seconds === 0 ? 1 : await entities();
      numbers.push(working);
      // What is more than enough queues, and each request takes as much longer.
      await run(200, 150 * Math.max(1, working / enough));
    }

    const average = numbers.slice(60).reduce((sum, one) => sum + one, 0) / (numbers.length - 60);
    expect(average).toBeGreaterThan(0.7 * enough);
    expect(Math.max(...numbers.slice(60))).toBeLessThanOrEqual(3 * enough);
  },
);

describe('other processes', () => {
  it('know of it ten seconds later', async () => {
    const other = await anotherProcess();
    expect((await other.loadsOf([gitlab]))[0]).toBeUndefined();
    for (let runs = 0; runs < 4; runs++) await run(200, 40);

    later(10);

    expect((await other.loadsOf([gitlab]))[0]).toMatchObject({ entities: CEILING });
  });

  it('that see the same trouble do not each halve the number', async () => {
    for (let runs = 0; runs < 4; runs++) await run(200, 40);
    later(10);
    const others = [await anotherProcess(), await anotherProcess(), await anotherProcess()];
    for (const other of others) {
      await other.loadsOf([gitlab]);
      other.observeRequest(gitlab, 429, 40);
    }

    await Promise.all(others.map(other => other.settleLoad(gitlab, CEILING)));

    expect((await findLoads([gitlab]))[0]).toMatchObject({ entities: 10 });
  });

  it('do not undo what was decided since they looked', async () => {
    for (let runs = 0; runs < 4; runs++) await run(200, 40);
    const other = await anotherProcess();
    await other.loadsOf([gitlab]);
    await run(429, 40);
    later(5);
    await run(429, 40);
    other.observeRequest(gitlab, 429, 40);

    await other.settleLoad(gitlab, CEILING);

    expect((await findLoads([gitlab]))[0]).toMatchObject({ entities: 5 });
  });

  it('begin anew when nobody has written for ten minutes', async () => {
    for (let runs = 0; runs < 4; runs++) await run(200, 40);

    later(601);

    expect(await entities()).toBe(5);
  });
});

it('costs a write when the number changes, and a read in ten seconds', async () => {
  const table = tableOf();
  const [update, read] = [vi.spyOn(table, 'update'), vi.spyOn(table, 'getAll')];

  for (let runs = 0; runs < 100; runs++) await run(200, 40);

  expect(update.mock.calls.length).toBeLessThanOrEqual(4);
  expect(read.mock.calls.length).toBeLessThanOrEqual(12);
});

it('is one item for an import from a GitLab into itself', async () => {
  await run(200, 40);

  const [source, destination] = await findLoads([gitlab, `${gitlab}/`]);

  expect(source).toMatchObject({ entities: 5 });
  expect(destination).toEqual(source);
});
