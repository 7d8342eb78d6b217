import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { RateLimitedError, RateLimiter } from '../../lambdas/gitlab/rate-limiter.ts';
import { time } from '../../lambdas/platform/time.ts';
import { rateLimits } from '../../lambdas/store/rate-limits.ts';
import { pass } from '../support/gitlab/places-at-a-limit.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

// All of this is virtual time: minutes of requests take a moment.
const MINUTE_MS = 60_000;

useTableInMemory();

let number = 0;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  vi.setSystemTime(START);
  vi.spyOn(time, 'pause').mockImplementation(pass);
  number += 1;
});

afterEach(() => {
  vi.useRealTimers();
});

const URL_OF = () => `https://limited-${number}.example`;
const FAR = Date.parse('2026-01-02T00:00:00Z');
const START = Date.parse('2026-01-01T00:00:25Z');
const inSeconds = (seconds: number) => String(START / 1000 + seconds);

const optionsOf = (deadline = FAR) => ({
  store: rateLimits,
  instance: 'destination' as const,
  baseUrl: URL_OF(),
  token: new Secret('fake-token'),
  deadline,
});
const limiterOf = (deadline = FAR) => new RateLimiter(optionsOf(deadline));

/** What a GitLab says that allows so many requests per minute. */
const allowing = (limit: number) => ({
  'ratelimit-limit': String(limit),
  'ratelimit-remaining': String(limit),
});

/** A limiter that is at its even pace: what nobody has used lately is used up. */
async function busy(limit: number): Promise<RateLimiter> {
  const limiter = limiterOf();
  await limiter.observe(200, allowing(limit));
  for (let sent = 0; sent < limit / 10; sent++) {
    const taken = limiter.acquire();
    await vi.advanceTimersByTimeAsync(2);
    await taken;
  }
  await limiter.close();
  return limiterOf();
}

/** The moments at which so many requests at a time get their slots, in milliseconds from now. */
async function moments(limiter: RateLimiter, count: number): Promise<number[]> {
  const began = Date.now();
  const all = Promise.all(
    Array.from({ length: count }, async () => {
      await limiter.acquire();
      return Date.now() - began;
    }),
  );
  await vi.advanceTimersByTimeAsync(MINUTE_MS);
  return all;
}

describe('a run', () => {
  const spent = { 'ratelimit-limit': '60', 'ratelimit-remaining': '0' };

  it('is not held back by a GitLab that names no limit', async () => {
    const limiter = limiterOf();

    for (let sent = 0; sent < 1000; sent++) await limiter.acquire();

    expect(time.pause).not.toHaveBeenCalled();
  });

  it('learns the limit from what another process has left in the table', async () => {
    const other = limiterOf();
    await other.observe(429, { ...spent, 'retry-after': '120' });
    vi.resetModules();
    const ofAnotherProcess = await import('../../lambdas/gitlab/rate-limiter.ts');

    const taken = new ofAnotherProcess.RateLimiter(optionsOf()).acquire();

    await expect(taken).rejects.toMatchObject({ reason: 'rate limit', waitSeconds: 120 });
  });

  it.each([
    ['a 429 with Retry-After', 429, { ...spent, 'retry-after': '30' }, 30],
    ['an answer that leaves nothing', 200, { ...spent, 'ratelimit-reset': inSeconds(40) }, 40],
    [
      'one by a clock that is an hour ahead',
      200,
      { ...spent, 'ratelimit-reset': inSeconds(3640), date: new Date(START + 3_600_000).toUTCString() },
      40,
    ],
    ['one whose reset is a century away', 200, { ...spent, 'ratelimit-reset': '4920000000' }, 6 * 3600],
  ])('waits with all others after %s', async (_, status, headers, seconds) => {
    await limiterOf().observe(status, headers);

    await expect(limiterOf().acquire()).rejects.toMatchObject({
      instance: 'destination',
      waitSeconds: seconds,
    });
  });

  it('goes on after the 429 of a single endpoint, which says nothing of a limit', async () => {
    await limiterOf().observe(429, { 'retry-after': '60' });

    await expect(limiterOf().acquire()).resolves.toBeUndefined();
  });

  it('comes back later also in the middle of its work, and holds no Lambda meanwhile', async () => {
    const [run, other] = [limiterOf(), limiterOf()];
    await run.observe(200, allowing(60));
    await run.acquire();
    await other.observe(429, { ...spent, 'retry-after': '30' });

    await expect(run.acquire()).rejects.toMatchObject({ waitSeconds: 30 });
    expect(time.pause).not.toHaveBeenCalled();
  });

  it('gets no slot so late that it could not save any more', async () => {
    const limiter = limiterOf(Date.now() + 29_000);
    await limiter.observe(200, allowing(60));

    await expect(limiter.acquire()).rejects.toBeInstanceOf(RateLimitedError);
  });

  it('is told before it reads anything that it has to come back', async () => {
    await limiterOf().observe(429, { ...spent, 'retry-after': '30' });

    await expect(limiterOf().ready()).rejects.toMatchObject({ waitSeconds: 30 });
  });

  it.each([
    ['zero', '0'],
    ['a way of saying that there is none', '9223372036854775807'],
    ['of four hundred digits', '9'.repeat(400)],
    ['no number', 'many'],
  ])('takes no notice of a limit that is %s', async (_, limit) => {
    const limiter = limiterOf();

    await limiter.observe(429, { ...spent, 'ratelimit-limit': limit, 'retry-after': '60' });

    await expect(limiter.acquire()).resolves.toBeUndefined();
    expect(time.pause).not.toHaveBeenCalled();
  });

  it('forgets a limit that nobody has heard of for ten minutes', async () => {
    const limiter = limiterOf();
    await limiter.observe(429, { ...spent, 'retry-after': '3600' });
    await vi.advanceTimersByTimeAsync(59 * MINUTE_MS);
    await expect(limiter.acquire()).rejects.toBeInstanceOf(RateLimitedError);
    expect(time.pause).not.toHaveBeenCalled();

    await vi.advanceTimersByTimeAsync(12 * MINUTE_MS);

    await expect(limiter.acquire()).resolves.toBeUndefined();
  });
});

describe('slots', () => {
  const writes = vi.spyOn(rateLimits, 'acquire');
  beforeEach(() => {
    writes.mockClear();
  });

  it('come in blocks: of ten at 600 per minute, however many requests wait for them', async () => {
    const limiter = await busy(600);
    writes.mockClear();

    await moments(limiter, 20);

    expect(writes).toHaveBeenCalledTimes(2);
  });

  it('come singly at 60 per minute, so that nobody is held up by those of another', async () => {
    const limiter = await busy(60);
    writes.mockClear();

    await moments(limiter, 4);

    expect(writes).toHaveBeenCalledTimes(4);
  });

  it('are evenly apart', async () => {
    const at = await moments(await busy(600), 30);

    const apart = at.slice(1).map((moment, index) => moment - (at[index] ?? 0));
    expect(Math.min(...apart)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...apart)).toBeLessThanOrEqual(106);
  });

  it('keep their distance when they are used late', async () => {
    const limiter = await busy(600);
    await moments(limiter, 2);

    const at = await moments(limiter, 5);

    expect(at.map(moment => Math.round(moment / 104))).toEqual([0, 1, 2, 3, 4]);
  });

  it('that a run does not use are there for the next one', async () => {
    const first = await busy(600);
    const taken = first.acquire();
    await vi.advanceTimersByTimeAsync(200);
    await taken;
    await first.close();

    const [at] = await moments(limiterOf(), 1);

    expect(at).toBeLessThanOrEqual(110);
  });

  it("are nobody else's while a run may still use them", async () => {
    const first = await busy(600);
    const taken = first.acquire();
    await vi.advanceTimersByTimeAsync(200);
    await taken;

    const [at] = await moments(limiterOf(), 1);

    expect(at).toBeGreaterThan(700);
  });

  it('cost nothing to close where there is no limit', async () => {
    const giveBack = vi.spyOn(rateLimits, 'giveBack');
    const limiter = limiterOf();
    await limiter.acquire();

    await limiter.close();

    expect(giveBack).not.toHaveBeenCalled();
  });
});

describe('runs that have to come back', () => {
  it('come one after the other, each when those before it have had time for a group', async () => {
    await limiterOf().observe(429, { ...allowing(600), 'retry-after': '30' });
    const waits: number[] = [];
    for (let run = 0; run < 30; run++) {
      await limiterOf()
        .acquire()
        .catch(error => waits.push(error.waitSeconds));
    }

    // Behind the 30 seconds in which nothing is allowed, 14 slots of 103 ms after each other.
    expect(waits).toHaveLength(30);
    expect(Math.min(...waits)).toBe(30);
    expect(Math.max(...waits)).toBe(30 + Math.ceil((29 * 14 * 103.1) / 1000));
  });

  it('have one place in the line, however many of their requests wait', async () => {
    await limiterOf().observe(429, { ...allowing(600), 'retry-after': '30' });
    const acquire = vi.spyOn(rateLimits, 'acquire');
    acquire.mockClear();
    const limiter = limiterOf();

    const all = await Promise.allSettled(Array.from({ length: 8 }, () => limiter.acquire()));
    await expect(limiter.acquire()).rejects.toBeInstanceOf(RateLimitedError);

    expect(all.every(({ status }) => status === 'rejected')).toBe(true);
    expect(acquire).toHaveBeenCalledTimes(1);
  });
});
