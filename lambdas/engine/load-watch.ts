import { findLoads, type GitLabLoad, saveLoad } from '../store/gitlab-loads.ts';
import { firstLoad, isSettling, nextLoad, type Observed } from './load-control.ts';

/** What others have decided is looked up this often. */
const READ_EVERY_MS = 10_000;
/** What was seen longer ago says nothing of now. */
const WINDOW_MS = 10_000;
/** So many durations are enough to know the quickest quarter. */
const MOST_DURATIONS = 1_000;

/** What this process sees of one GitLab, and what is known of it. */
class LoadWatch {
  load: GitLabLoad | undefined;
  readAt = Number.NEGATIVE_INFINITY;
  #since = Date.now();
  #durations: number[] = [];
  #sum = 0;
  #throttled = 0;
  #failed = 0;
  #requests = 0;

  observe(status: number | undefined, milliseconds: number): void {
    this.#requests += 1;
    this.#sum += milliseconds;
    if (status === 429) this.#throttled += 1;
    else if (status === undefined || status >= 500) this.#failed += 1;
    // An error says nothing of how long work takes.
    else this.#durations[this.#requests % MOST_DURATIONS] = milliseconds;
  }

  get isOld(): boolean {
    return Date.now() - this.#since >= WINDOW_MS;
  }

  /** What was seen since it was last forgotten. */
  seen(runMs: number, limit: number): Observed {
    // Sorted as numbers by the engine itself, ten times as fast as by a function: this is done at the end of every run.
    const durations = Float64Array.from(this.#durations.filter(duration => duration !== undefined)).sort();
    return {
      requests: this.#requests,
      throttled: this.#throttled,
      failed: this.#failed,
      quickMs: durations[Math.floor(durations.length / 4)] ?? 0,
      meanMs: this.#requests === 0 ? 0 : this.#sum / this.#requests,
      runMs,
      limit,
    };
  }

  forget(): void {
    this.#since = Date.now();
    this.#durations = [];
    this.#sum = this.#throttled = this.#failed = this.#requests = 0;
  }
}

/** By base URL, for the life of the process: an import has two GitLabs, and a process sees few. */
const watches = new Map<string, LoadWatch>();

/** Forgets all GitLabs; for tests, whose GitLabs come and go. */
export function forgetLoads(): void {
  watches.clear();
}

function watchOf(baseUrl: string): LoadWatch {
  const watch = watches.get(baseUrl) ?? new LoadWatch();
  watches.set(baseUrl, watch);
  return watch;
}

/** Takes note of how a request ended: its status, if there was a response, and how long it took. Writes nothing. */
export function observeRequest(baseUrl: string, status: number | undefined, milliseconds: number): void {
  watchOf(baseUrl).observe(status, milliseconds);
}

/** What is known of GitLabs, at most ten seconds old: one read for all of them, and none if it is newer. */
export async function loadsOf(baseUrls: string[]): Promise<(GitLabLoad | undefined)[]> {
  const all = baseUrls.map(watchOf);
  const now = Date.now();
  if (all.some(({ readAt }) => now - readAt > READ_EVERY_MS)) {
    const found = await findLoads(baseUrls);
    for (const [index, watch] of all.entries()) {
      watch.load = found[index];
      watch.readAt = now;
    }
  }
  return all.map(({ load }) => load);
}

/**
 * Draws the consequences of what this process has seen of a GitLab. One write if the number changes, else none. What
 * another process decides at the same time stands.
 */
export async function settleLoad(
  baseUrl: string,
  ceiling: number,
  { runMs = 0, limit = 0 }: { runMs?: number; limit?: number } = {},
): Promise<void> {
  const watch = watchOf(baseUrl);
  const seen = watch.seen(runMs, limit);
  if (seen.requests === 0) return;
  const [before] = await loadsOf([baseUrl]);
  const now = Date.now();
  const after = before === undefined ? firstLoad(seen, now) : nextLoad(before, seen, ceiling, now);
  if (after === before) {
    if (watch.isOld || isSettling(after, now)) watch.forget();
    return;
  }
  watch.forget();
  if (await saveLoad(baseUrl, after, before)) watch.load = after;
  else watch.readAt = Number.NEGATIVE_INFINITY;
}
