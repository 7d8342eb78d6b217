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
