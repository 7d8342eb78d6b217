import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { WorkClock } from '../../lib/local/work-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let clock: WorkClock;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  clock = new WorkClock();
});
afterEach(() => {
  clock.stop();
  vi.useRealTimers();
});

/** The hour goes on and the timers stand still, as those of a sleeping machine and of a stopped process do. */
const sleep = (ms: number) => vi.setSystemTime(Date.now() + ms);

it('counts the time in which the service could have worked, each once', () => {
  vi.advanceTimersByTime(8 * HOUR);
  expect(clock.take()).toBe(8 * HOUR);

  vi.advanceTimersByTime(90_000);
  expect(clock.take()).toBe(90_000);
  expect(clock.take()).toBe(0);
});

it('does not count a sleep, whoever notices it first', () => {
  vi.advanceTimersByTime(HOUR);
  sleep(25 * HOUR);
  // The look that is due comes before the next tick.
  expect(clock.take()).toBe(HOUR);

  vi.advanceTimersByTime(10 * MINUTE);
  sleep(64 * HOUR);
  vi.advanceTimersByTime(10 * MINUTE);
  expect(clock.take()).toBeGreaterThanOrEqual(18 * MINUTE);
  expect(clock.take()).toBe(0);
});

it('does not count backwards when the clock of the machine is put right', () => {
  vi.advanceTimersByTime(10 * MINUTE);
  sleep(-3 * HOUR);
  vi.advanceTimersByTime(10 * MINUTE);

  expect(clock.take()).toBeGreaterThanOrEqual(18 * MINUTE);
});
