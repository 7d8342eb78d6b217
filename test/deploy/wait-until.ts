import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 100;

/**
 * Asks until there is an answer.
 *
 * @param what for the error, e.g. `the import to end`
 * @param ask answers with `undefined` for as long as it is not so yet
 * @throws Error when it takes too long
 */
export async function waitUntil<T>(
  what: string,
  ask: () => Promise<T | undefined> | T | undefined,
  { timeoutMs = 30_000, signal }: { timeoutMs?: number; signal: AbortSignal },
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > deadline) throw new Error(`Waited ${timeoutMs / 1000} seconds in vain for ${what}.`);
    await sleep(POLL_MS, undefined, { signal });
  }
}
