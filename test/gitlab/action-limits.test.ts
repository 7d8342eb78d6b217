import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Secret } from '../../lambdas/domain/secret.ts';
import { ActionLimits } from '../../lambdas/gitlab/action-limits.ts';
import type { Action } from '../../lambdas/gitlab/calls.ts';
import { RateLimitedError } from '../../lambdas/gitlab/rate-limiter.ts';
import { time } from '../../lambdas/platform/time.ts';
import { rateLimits } from '../../lambdas/store/rate-limits.ts';
import { errorOf } from '../support/gitlab/gitlab-client.ts';
import { pass } from '../support/gitlab/places-at-a-limit.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

// All of this is virtual time.
useTableInMemory();
const { pause } = time;
/** Each test has a GitLab of its own, for the table remembers their limits. */
let number = 0;
beforeEach(() => {
  number += 1;
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
  vi.setSystemTime(Date.parse('2026-01-01T00:00:00Z'));
  time.pause = pass;
});
afterEach(() => {
  time.pause = pause;
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

const MINUTE_MS = 60_000;
const limits = () =>
  new ActionLimits({
    store: rateLimits,
    instance: 'source',
    baseUrl: `https://limited-${number}.example`,
    token: new Secret('fake-token'),
    deadline: Date.now() + 15 * MINUTE_MS,
  });

/** When each of so many projects, in processes of their own, may send its one request. */
async function turnsOf(projects: number, action: (index: number) => Action, minutes: number) {
  const turns: number[] = [];
  const start = Date.now();
  const one = async (index: number) => {
    for (;;) {
      try {
        await limits().acquire(action(index));
        turns.push(Date.now() - start);
        return;
      } catch (error) {
        if (!(error instanceof RateLimitedError)) throw error;
        await pass(1000 * (error.retryAfter ?? 1) + 300);
      }
    }
  };
  for (let index = 0; index < projects; index++) void one(index);
  await vi.advanceTimersByTimeAsync(minutes * MINUTE_MS);
  return turns.sort((one, other) => one - other);
}

const mostInAMinute = (turns: number[]) =>
  Math.max(...turns.map(from => turns.filter(at => at >= from && at < from + MINUTE_MS).length));

it.each([
  ['project_export', 6, 9],
  ['project_import', 6, 9],
  ['project_download:a', 1, 30],
] as const)(
  'shares %s evenly among 50 projects, at over 90 percent of %i a minute',
  async (action, most, minutes) => {
    const turns = await turnsOf(60, () => action, minutes);

    expect(turns.length / (most * minutes)).toBeGreaterThan(0.9);
    expect(mostInAMinute(turns)).toBeLessThanOrEqual(most);
  },
);

it.each([
  ['project_export', 6],
  ['project_download:a', 1],
] as const)('lets the first %s be a second and a half on its way', async (action, most) => {
  const turns = await turnsOf(most + 1, () => action, 2);

  expect((turns[most] ?? 0) - (turns[0] ?? 0)).toBeGreaterThan(MINUTE_MS + 1_500);
});

it('keeps actions and namespaces apart, and can be off', async () => {
  expect(await turnsOf(3, index => `project_download:${index}`, 0.1)).toEqual([0, 0, 0]);
  vi.stubEnv('PROJECT_EXPORTS_PER_MINUTE', '0');
  expect(await turnsOf(20, () => 'project_export', 0.1)).toHaveLength(20);
});

it.each([
  [{ 'retry-after': '90' }, 90],
  [{}, 60],
])('waits after a 429 with %j, and then goes at half the rate for an hour', async (headers, seconds) => {
  const error = await errorOf(limits().observe('project_export', 429, headers as Record<string, string>));
  expect(error).toMatchObject({ retryAfter: seconds, waitsFor: 'limit' });

  const turns = await turnsOf(60, () => 'project_export', seconds / 60 + 10);

  expect(turns[0]).toBeGreaterThanOrEqual(1000 * seconds);
  expect(turns.length / (3 * 10)).toBeGreaterThan(0.9);
  expect(mostInAMinute(turns)).toBeLessThanOrEqual(3);
  await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
  expect((await turnsOf(60, () => 'project_export', 5)).length / (6 * 5)).toBeGreaterThan(0.9);
});

it('goes at half the rate also when the refusal ends before the slot that comes next', async () => {
  const download = 'project_download:a';
  await limits().acquire(download);
  await errorOf(limits().observe(download, 429, { 'retry-after': '60' }));

  const turns = await turnsOf(30, () => download, 20);

  expect(turns.length).toBeGreaterThan(8);
  expect(turns.length).toBeLessThanOrEqual(10);
});
