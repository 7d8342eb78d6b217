import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { Quota, QuotaSpentError } from '../../lambdas/gitlab/quota.ts';
import { time } from '../../lambdas/platform/time.ts';
import { RateLimit } from '../../lib/gitlab-simulator/rate-limit.ts';
import { useTableInMemory } from '../support/table-in-memory.ts';

// All of this is virtual time: minutes of requests take a moment.
const MINUTE_MS = 60_000;
const LATENCY_MS = 50;

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

const pass = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds));

/** A limiter that starts afresh with each minute, as GitLab's own does. */
class FixedWindow {
  readonly #limit: number;
  #minute = 0;
  #used = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  take(_user: string, now = Date.now()) {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) this.#used = 0;
    this.#minute = minute;
    this.#used += 1;
    const allowed = this.#used <= this.#limit;
    const resetAt = (minute + 1) * MINUTE_MS;
    const headers: Record<string, string> = {
      'RateLimit-Limit': String(this.#limit),
      'RateLimit-Remaining': String(Math.max(0, this.#limit - this.#used)),
      'RateLimit-Reset': String(resetAt / 1000),
      ...(!allowed && { 'Retry-After': String(Math.ceil((resetAt - now) / 1000)) }),
    };
    return { allowed, headers };
  }
}

type Limiter = Pick<RateLimit, 'take'>;

interface Traffic {
  allowed: number;
  refused: number;
}

/** One request of a run: its turn, the way there, the answer. */
async function request(quota: Quota, limiter: Limiter, traffic: Traffic): Promise<void> {
  await quota.take();
  await pass(LATENCY_MS / 2);
  const { allowed, headers } = limiter.take('importer');
  traffic[allowed ? 'allowed' : 'refused'] += 1;
  await pass(LATENCY_MS / 2);
  const lower = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  await quota.learn(allowed ? 200 : 429, lower);
}

const URL_OF = () => `https://limited-${number}.example`;
const FAR = Date.parse('2026-01-02T00:00:00Z');
const START = Date.parse('2026-01-01T00:00:25Z');
const inSeconds = (seconds: number) => String(START / 1000 + seconds);

const quotaOf = (deadline = FAR) => new Quota('destination', URL_OF(), new Secret('fake-token'), deadline);

/** Runs with four requests at a time, one after the other in each place, until the time is over. */
async function keepBusy(places: number, limiter: Limiter, minutes: number): Promise<Traffic> {
  const traffic = { allowed: 0, refused: 0 };
  const end = Date.now() + minutes * MINUTE_MS;
  const place = async () => {
    while (Date.now() < end) {
      const quota = quotaOf();
      const lane = async () => {
        for (let left = 20; left > 0 && Date.now() < end; left--) await request(quota, limiter, traffic);
      };
      try {
        await Promise.all(Array.from({ length: 4 }, lane));
      } catch (error) {
        if (!(error instanceof QuotaSpentError)) throw error;
        await pass(1000 * (error.waitSeconds + Math.random() * 20));
      }
    }
  };
  // The first run of an import, that of its group, is alone.
  const all = Promise.all(
    Array.from({ length: places }, async (_, index) => {
      if (index > 0) await pass(2000);
      await place();
    }),
  );
  await vi.advanceTimersByTimeAsync(minutes * MINUTE_MS + 15 * MINUTE_MS);
  await all;
  return traffic;
}

describe('a GitLab with a limit', () => {
  it.each([
    [60, 30, 'fixed'],
    [60, 30, 'sliding'],
    [600, 1, 'fixed'],
    [600, 30, 'fixed'],
    [600, 30, 'sliding'],
    [2000, 30, 'fixed'],
    [2000, 30, 'sliding'],
  ])(
    'allows %i requests per minute: %i runs use at least 95 percent of them and meet next to no 429 (%s window)',
    async (limit, runs, window) => {
      const limiter = window === 'fixed' ? new FixedWindow(limit) : new RateLimit(limit);
      const minutes = 3;

      const { allowed, refused } = await keepBusy(runs, limiter, minutes);

      expect(allowed / (limit * minutes)).toBeGreaterThanOrEqual(0.95);
      expect(refused).toBeLessThanOrEqual(5);
    },
  );

  it('is used in even steps also when somebody else uses the token, and refuses next to nothing', async () => {
    const limiter = new FixedWindow(600);
    const other = setInterval(() => limiter.take('importer'), 200);

    const { allowed, refused } = await keepBusy(10, limiter, 3).finally(() => clearInterval(other));

    expect(allowed).toBeGreaterThanOrEqual(0.4 * 600 * 3);
    expect(refused).toBeLessThanOrEqual(15);
  });
});

describe('a run', () => {
  const spent = { 'ratelimit-limit': '60', 'ratelimit-remaining': '0' };

  it('is not held back by a GitLab that names no limit', async () => {
    const quota = quotaOf();

    for (let sent = 0; sent < 1000; sent++) await quota.take();

    expect(time.pause).not.toHaveBeenCalled();
  });

  it('learns the limit from what another process has left in the table', async () => {
    const other = quotaOf();
    await other.learn(429, { ...spent, 'retry-after': '120' });
    vi.resetModules();
    const { Quota: QuotaOfAnotherProcess } = await import('../../lambdas/gitlab/quota.ts');

    const taken = new QuotaOfAnotherProcess('source', URL_OF(), new Secret('fake-token'), FAR).take();

    await expect(taken).rejects.toMatchObject({ reason: 'quota', waitSeconds: 120 });
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
    await quotaOf().learn(status, headers);

    await expect(quotaOf().take()).rejects.toMatchObject({ instance: 'destination', waitSeconds: seconds });
  });

  it('goes on after the 429 of a single endpoint, which says nothing of a limit', async () => {
    await quotaOf().learn(429, { 'retry-after': '60' });

    await expect(quotaOf().take()).resolves.toBeUndefined();
  });

  it('queues for as long as it lives once it has had its first turn', async () => {
    const [early, late] = [quotaOf(), quotaOf()];
    await early.learn(200, { ...spent, 'ratelimit-remaining': '60' });
    await early.take();
    await early.learn(429, { ...spent, 'retry-after': '30' });

    const queued = early.take();

    await expect(late.take()).rejects.toBeInstanceOf(QuotaSpentError);
    await vi.advanceTimersByTimeAsync(30_000);
    await expect(queued).resolves.toBeUndefined();
  });

  it('does not queue beyond its own end', async () => {
    const quota = quotaOf(Date.now() + 50_000);
    await quota.learn(200, { ...spent, 'ratelimit-remaining': '60' });
    await quota.take();
    await quota.learn(429, { ...spent, 'retry-after': '30' });

    await expect(quota.take()).rejects.toBeInstanceOf(QuotaSpentError);
  });

  it.each([
    ['zero', '0'],
    ['a way of saying that there is none', '9223372036854775807'],
    ['of four hundred digits', '9'.repeat(400)],
    ['no number', 'many'],
  ])('takes no notice of a limit that is %s', async (_, limit) => {
    const quota = quotaOf();

    await quota.learn(429, { ...spent, 'ratelimit-limit': limit, 'retry-after': '60' });

    await expect(quota.take()).resolves.toBeUndefined();
    expect(time.pause).not.toHaveBeenCalled();
  });

  it('forgets a limit that nobody has heard of for ten minutes', async () => {
    const quota = quotaOf();
    await quota.learn(429, { ...spent, 'retry-after': '3600' });
    await vi.advanceTimersByTimeAsync(59 * MINUTE_MS);
    await expect(quota.take()).rejects.toBeInstanceOf(QuotaSpentError);
    expect(time.pause).not.toHaveBeenCalled();

    await vi.advanceTimersByTimeAsync(12 * MINUTE_MS);

    await expect(quota.take()).resolves.toBeUndefined();
  });
});
