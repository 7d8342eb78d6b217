import { onTestFinished, vi } from 'vitest';
import { time } from '../../../lambdas/platform/time.ts';

/** Runs with the clock so many milliseconds ahead. */
export async function withClock<T>(aheadMs: number, act: () => Promise<T>): Promise<T> {
  const now = Date.now;
  Date.now = () => now() + aheadMs;
  try {
    return await act();
  } finally {
    Date.now = now;
  }
}

/** Lets the time for a request be over when the test says so; the clock stands still until then. */
export function limitsByHand() {
  vi.useFakeTimers({ toFake: ['Date'] });
  const asked: number[] = [];
  let last = new AbortController();
  const limit = vi.spyOn(time, 'limit').mockImplementation(milliseconds => {
    asked.push(milliseconds);
    last = new AbortController();
    return last.signal;
  });
  onTestFinished(() => {
    limit.mockRestore();
    vi.useRealTimers();
  });
  const reach = () =>
    last.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
  return { asked, reach };
}
