import { describe, expect, it } from 'vitest';
import type { WaitsFor } from '../../lambdas/domain/errors.ts';
import { underWay } from '../../lambdas/engine/jobs.ts';
import { afterWait, isWaitedFor, nextWait, ownSeconds, reasonOf } from '../../lambdas/engine/wait-policy.ts';
import { NetworkError, TemporaryError } from '../../lambdas/gitlab/errors.ts';
import type { Waited } from '../../lambdas/store/trackers.ts';

const HOUR = 3600;

function trouble(waitsFor: WaitsFor, retryAfter?: number): TemporaryError {
  return new TemporaryError('not now', {
    instance: 'destination',
    method: 'POST',
    waitsFor,
    ...(retryAfter !== undefined && { retryAfter }),
  });
}

/** Waits for trouble that does not pass, at most so often. */
function waitOften(error: TemporaryError, most: number): { waits: number[]; waited: Waited } {
  const waits: number[] = [];
  let waited: Waited = {};
  while (waits.length < most && isWaitedFor(error, waited)) {
    const wait = nextWait(error, waited);
    waits.push(wait.seconds);
    waited = afterWait(waited, error, wait, 0);
  }
  return { waits, waited };
}

const sum = (numbers: number[]) => numbers.reduce((total, number) => total + number, 0);

describe('the waits where a GitLab names no time', () => {
  it.each<[WaitsFor, number[]]>([
    ['limit', [30, 60, 120, 240, 480, 900, 900]],
    ['outage', [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]],
    ['job', [10, 10, 10, 20, 20, 20, 20, 20, 20, 30, 45, 67.5]],
  ])('for a %s get longer', (kind, expected) => {
    expect(expected.map((_, times) => ownSeconds(kind, times))).toEqual(expected);
    expect(ownSeconds(kind, 2000)).toBe(kind === 'limit' ? 900 : 300);
  });

  it.each(['limit', 'outage', 'job'] as const)('for a %s are spread, and never shorter', kind => {
    const waits = Array.from({ length: 200 }, () =>
      nextWait(trouble(kind), { [kind]: { times: 8, seconds: 0 } }),
    );
    const seconds = waits.map(wait => wait.seconds);

    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(ownSeconds(kind, 8));
    expect(Math.max(...seconds)).toBeLessThanOrEqual(Math.ceil(1.25 * ownSeconds(kind, 8)));
    expect(new Set(seconds).size).toBeGreaterThan(3);
  });

  it('are sat out by the run only when they are short', () => {
    const waits = [0, 1, 2].map(times => nextWait(trouble('outage'), { outage: { times, seconds: 0 } }));

    expect(waits.map(({ isShort }) => isShort)).toEqual([true, true, false]);
  });
});

describe('a time that a GitLab names', () => {
  it.each(['limit', 'outage'] as const)('is taken as it is the first time, for a %s', kind => {
    expect(nextWait(trouble(kind, 47), {})).toEqual({ seconds: 47, isShort: false });
    expect(nextWait(trouble(kind, 1), {})).toEqual({ seconds: 1, isShort: true });
  });

  it('is no longer believed when it was wrong three times in a row: a history is finite', () => {
    const { waits } = waitOften(trouble('limit', 1), 12);

    expect(Math.max(...waits.slice(0, 3))).toBeLessThan(2);
    expect(Math.min(...waits.slice(3))).toBeGreaterThanOrEqual(30);
    expect(Math.max(...waits)).toBeGreaterThanOrEqual(900);
  });

  it('is never cut short', () => {
    expect(Math.min(...waitOften(trouble('limit', 6 * HOUR), 10).waits)).toBe(6 * HOUR);
  });
});

describe('the end of patience', () => {
  it('comes after two hours of an outage', () => {
    const { waits } = waitOften(trouble('outage'), 1000);

    expect(sum(waits)).toBeGreaterThan(2 * HOUR - 60);
    expect(sum(waits)).toBeLessThan(2 * HOUR + 400);
  });

  it('counts what was tried between the waits', () => {
    const error = trouble('outage');
    const waited = afterWait({}, error, { seconds: 1, isShort: true }, 600);

    expect(waited).toEqual({ outage: { times: 1, seconds: 601 } });
  });

  it('does not come because the machine slept while something was tried', () => {
    const waited = afterWait({}, trouble('outage'), { seconds: 1, isShort: true }, 25 * HOUR);

    expect(waited).toEqual({ outage: { times: 1, seconds: 1 } });
  });

  it('does not come with one wait that a GitLab asked for', () => {
    expect(waitOften(trouble('outage', 5 * HOUR), 1000).waits).toHaveLength(5);
  });

  it.each(['limit', 'job'] as const)('never comes for a %s', kind => {
    expect(waitOften(trouble(kind), 1000).waits).toHaveLength(1000);
  });

  it('is not brought nearer by a limit', () => {
    const { waited } = waitOften(trouble('limit', 6 * HOUR), 100);

    expect(isWaitedFor(trouble('outage'), waited)).toBe(true);
  });

  it('is there at once for what does not pass', () => {
    const error = new NetworkError('no', { instance: 'source', method: 'GET', status: 403 });

    expect(isWaitedFor(error, {})).toBe(false);
  });
});

it.each([
  [429, 'Retry later', '429 Retry later'],
  [500, '500 Internal Server Error', '500 Internal Server Error'],
  [502, '', '502'],
  [200, 'it is not JSON', 'it is not JSON'],
  [undefined, 'ECONNRESET', 'ECONNRESET'],
])('says what is waited for: %s %s', (status, reason, words) => {
  const request = { instance: 'source' as const, method: 'GET', reason, waitsFor: 'outage' as const };
  const error = new TemporaryError('m', status === undefined ? request : { ...request, status });

  expect(reasonOf(error)).toBe(words);
});

it('outages of a job do not add up when it is seen at work in between', () => {
  const hour = { seconds: HOUR, isShort: false };
  const job = { instance: 'destination', doing: 'imports the project', hours: 26, advice: '' } as const;
  const before = afterWait({}, trouble('outage'), hour, 0);

  const since = new Date().toISOString();

  const seen = afterWait(before, underWay({ ...job, since }), hour, 0);
  const unseen = afterWait(before, underWay({ ...job, since, isUnseen: true }), hour, 0);

  expect(seen).toEqual({ job: { times: 1, seconds: HOUR } });
  expect(unseen).toEqual({ ...before, ...seen });
});
