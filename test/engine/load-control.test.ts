import { describe, expect, it } from 'vitest';
import {
  fedBy,
  firstLoad,
  nextLoad,
  type Observed,
  placesFor,
  runningAt,
  startDelay,
} from '../../lambdas/engine/load-control.ts';
import type { GitLabLoad } from '../../lambdas/store/gitlab-loads.ts';

const CEILING = 20;
const CALM: Observed = {
  requests: 50,
  throttled: 0,
  failed: 0,
  quickMs: 40,
  meanMs: 60,
  runMs: 800,
  limit: 0,
};

/** The numbers that follow each other when this is seen again and again, so many seconds apart. */
function numbers(load: GitLabLoad, seen: Partial<Observed>, seconds: number, times: number): number[] {
  const all: number[] = [];
  let [now, current] = [load.changedAt, load];
  for (let time = 0; time < times; time++) {
    now += 1000 * seconds;
    current = nextLoad(current, { ...CALM, ...seen }, CEILING, now);
    all.push(current.entities);
  }
  return all;
}

const first = firstLoad(CALM, 1_000_000);
const settled: GitLabLoad = { ...first, entities: CEILING, isProbing: false };

describe('a GitLab at ease', () => {
  it('has five entities at first, and soon as many as the operator allows', () => {
    expect(runningAt(undefined, CEILING)).toBe(5);
    expect(numbers(first, {}, 0.5, 4)).toEqual([10, 20, 20, 20]);
  });

  it('has more of them one at a time once there were too many', () => {
    const shrunk = nextLoad(settled, { ...CALM, throttled: 1 }, CEILING, 1_100_000);

    expect(numbers(shrunk, {}, 10, 4)).toEqual([11, 12, 13, 14]);
  });

  it('is not written down again when nothing changes, but before it is forgotten', () => {
    expect(nextLoad(settled, CALM, CEILING, 1_290_000)).toBe(settled);

    expect(nextLoad(settled, CALM, CEILING, 1_300_000)).toMatchObject({
      entities: CEILING,
      changedAt: 1_300_000,
    });
  });

  it('is no better known after a few requests', () => {
    expect(nextLoad(first, { ...CALM, requests: 9 }, CEILING, 2_000_000)).toBe(first);
  });
});

describe('a GitLab that has enough', () => {
  it.each([
    ['answers 429', { throttled: 1 }],
    ['answers 5xx', { failed: 5 }],
    ['is three times as slow as before', { quickMs: 310 }],
  ])('has half as many entities when it %s, again and again, and never none', (_, seen) => {
    const before = { ...settled, calmMs: 100 };

    expect(numbers(before, seen, 5, 6)).toEqual([10, 5, 2, 1, 1, 1]);
  });

  it('has half as many only once for what was under way together', () => {
    expect(numbers(settled, { throttled: 3 }, 1, 4)).toEqual([10, 10, 10, 10]);
  });

  it.each([
    ['one group among many fails', { failed: 2, requests: 100 }],
    ['a request of few has no response', { failed: 1, requests: 12 }],
    ['it is slower, but quick', { quickMs: 200 }],
  ])('is not thought to have when %s', (_, seen) => {
    expect(numbers(settled, seen, 10, 2)).toEqual([CEILING, CEILING]);
  });

  it('has no more of them while it is slower than at ease', () => {
    expect(numbers({ ...first, calmMs: 150 }, { quickMs: 260 }, 10, 3)).toEqual([5, 5, 5]);
  });
});

describe('a limit', () => {
  const limited = (limit: number, requestMs: number): GitLabLoad => ({ ...settled, limit, requestMs });

  it.each([
    [60, 50, 1],
    [600, 20, 1],
    [600, 100, 2],
    [2000, 50, 4],
    [2000, 195, 11],
    [6000, 300, CEILING],
  ])('of %i a minute feeds, at %i ms per request, %i entities and no more', (limit, requestMs, entities) => {
    expect(runningAt(limited(limit, requestMs), CEILING)).toBe(entities);
  });

  it('is written down as soon as it is known', () => {
    const now = first.changedAt + 1;

    expect(nextLoad(first, { ...CALM, limit: 600 }, CEILING, now)).toMatchObject({ limit: 600, entities: 5 });
  });

  it('keeps the places of the Map few, but some for entities that wait for something else', () => {
    expect(placesFor([undefined, limited(600, 20)], CEILING)).toBe(5);
    expect(placesFor([limited(2000, 50), undefined], CEILING)).toBe(4 * fedBy(limited(2000, 50)));
    expect(placesFor([limited(6000, 300), undefined], CEILING)).toBe(CEILING);
    expect(placesFor([settled, undefined], CEILING)).toBe(CEILING);
    expect(placesFor([limited(600, 20), undefined], 3)).toBe(3);
  });
});

describe('an entity that begins', () => {
  it('waits for nothing where all that have a place may run', () => {
    expect(startDelay(settled, CEILING)).toBe(0);
  });

  it.each([5, 2, 1])('waits so long that of 20 places about %i work at a time', may => {
    const load = { ...settled, entities: may, runMs: 3_000 };
    let waited = 0;
    const entities = 20_000;
    for (let entity = 0; entity < entities; entity++) waited += startDelay(load, CEILING);

    const atWork = (CEILING * 3) / (3 + waited / entities);
    expect(atWork).toBeGreaterThan(0.9 * may);
    expect(atWork).toBeLessThan(1.1 * may);
  });

  it('never waits longer than five minutes for that', () => {
    const load = { ...settled, entities: 1, runMs: 900_000 };

    expect(startDelay(load, CEILING, () => 0.99)).toBe(300);
  });
});
