import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { time } from '../../lambdas/platform/time.ts';
import { RateLimit } from '../../lib/gitlab-simulator/rate-limit.ts';
import { FixedWindow, pass, WORK, work } from '../support/gitlab/places-at-a-limit.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

// All of this is virtual time: minutes of requests take a moment.
useTableInMemory();

let number = 0;
const url = () => `https://limited-${number}.example`;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  vi.setSystemTime(Date.parse('2026-01-01T00:00:25Z'));
  time.pause = pass;
  number += 1;
});

const { pause } = time;
afterEach(() => {
  time.pause = pause;
  vi.useRealTimers();
});

const limitOf = (window: string, limit: number) =>
  window === 'fixed' ? new FixedWindow(limit) : new RateLimit(limit);

describe('a GitLab that allows so many requests per minute', () => {
  it.each([
    [60, 20, 'fixed', true],
    [600, 1, 'fixed', true],
    [600, 20, 'fixed', true],
    [600, 20, 'sliding', true],
    [600, 40, 'sliding', false],
    [2000, 5, 'sliding', true],
    [2000, 20, 'fixed', true],
    [2000, 20, 'sliding', false],
  ])(
    '%i, is used by %i entities at 95 percent or more, and meets next to no 429 (%s window, processes apart: %s)',
    async (limit, places, window, apart) => {
      const minutes = 3;

      const done = await work({ ...WORK, places, minutes, apart }, limitOf(window, limit), url());

      expect(done.allowed / (limit * minutes)).toBeGreaterThanOrEqual(0.95);
      expect(done.refused).toBeLessThanOrEqual(5);
    },
  );

  it.each([3, 30])('2000, is used as well by entities that take %i requests', async requests => {
    const options = { ...WORK, requests, places: 20, minutes: 3, apart: true };

    const done = await work(options, new RateLimit(2000), url());

    expect(done.allowed / (2000 * 3)).toBeGreaterThanOrEqual(0.95);
    expect(done.refused).toBeLessThanOrEqual(5);
  });

  it.each([5, 20, 40])(
    '600, holds three seconds of Lambdas per group or less, of %i at a time',
    async places => {
      const done = await work({ ...WORK, places, minutes: 3, apart: true }, new FixedWindow(600), url());

      expect(done.lambdaSeconds / done.entities).toBeLessThanOrEqual(3);
      // Three transitions each: with two of them 1,000 groups cost 0.15 USD more.
      expect(done.waits / done.entities).toBeLessThanOrEqual(2);
    },
  );

  it('600, is used in even steps also when somebody else uses the token', async () => {
    const limit = new FixedWindow(600);
    const other = setInterval(() => limit.take('importer'), 200);

    const done = await work({ ...WORK, places: 10, minutes: 3, apart: true }, limit, url()).finally(() =>
      clearInterval(other),
    );

    expect(done.allowed).toBeGreaterThanOrEqual(0.4 * 600 * 3);
    expect(done.refused).toBeLessThanOrEqual(15);
  });
});
