import type { GitLabLoad } from '../store/gitlab-loads.ts';

/**
 * How many entities of an import run at the same time: few at first, more while the GitLab is at ease, half as many when
 * it is not. Pure decisions; `load-watch.ts` observes, keeps them and shares them.
 */

/** As many as GitLab itself runs. */
const FIRST = 5;
/** While it was never too much the number doubles this often: from 5 to 20 in a second. */
const PROBE_EVERY_MS = 500;
/** After that one more at a time. */
const GROW_EVERY_MS = 10_000;
/** What is under way when the number is halved still shows for a while. */
const SHRINK_EVERY_MS = 5_000;
/** What stays as it is is written again, since what nobody has written for ten minutes is forgotten. */
const KEEP_EVERY_MS = 300_000;
/** Fewer requests say nothing. */
const FEWEST_REQUESTS = 10;
/** A group for which GitLab has an error of its own must not hold all the others up. */
const FEWEST_FAILURES = 2;
const FAILING_SHARE = 0.05;
/** Slow is so many times as slow as at ease, and slower than what is good for any GitLab. */
const SLOW = 3;
const EASE = 1.5;
const NEVER_SLOW_MS = 300;
const ALWAYS_EASY_MS = 200;
/** By how much what counts as calm follows a GitLab that has become slower for good. */
const DRIFT = 0.05;
/** Of one request's time, what a run needs per request: its own, spread over a few at a time, and its beginning. */
const REQUEST_SHARE = 1.5;
const OVERHEAD_MS = 30;
/** Places for entities that wait for something else, and hold no Lambda meanwhile. */
const SPARE = 4;
/** Nobody is held up longer than this before it begins. */
const LONGEST_DELAY_SECONDS = 300;

/** What was seen of a GitLab since the last decision. */
export interface Observed {
  requests: number;
  /** Responses 429. */
  throttled: number;
  /** Responses 5xx, and requests without a response. */
  failed: number;
  /** How long the quickest quarter took at most, in milliseconds: documents of 50 mutations are slow at any time. */
  quickMs: number;
  meanMs: number;
  /** How long a run took; 0 when none has ended. */
  runMs: number;
  /** Requests per minute that are allowed; 0 when none are said to be. */
  limit: number;
}

/** What is known of a GitLab at first. */
export function firstLoad(observed: Observed, now: number): GitLabLoad {
  const { quickMs, meanMs, runMs, limit } = observed;
  const times = { calmMs: quickMs, requestMs: meanMs, runMs, limit };
  return { entities: FIRST, isProbing: true, ...times, changedAt: now, shrunkAt: 0 };
}

/**
 * The load after what was seen; the same one when there is nothing to change or to write.
 *
 * @param ceiling the operator's `ENTITIES_IN_PARALLEL`
 */
export function nextLoad(load: GitLabLoad, observed: Observed, ceiling: number, now: number): GitLabLoad {
  const { requests, failed, throttled, quickMs, meanMs, limit } = observed;
  const isFailing = failed >= FEWEST_FAILURES && failed >= FAILING_SHARE * requests;
  const isSlow = requests >= FEWEST_REQUESTS && quickMs > Math.max(SLOW * load.calmMs, NEVER_SLOW_MS);
  if (throttled > 0 || isFailing || isSlow) {
    if (isSettling(load, now)) return load;
    const entities = Math.max(1, Math.floor(Math.min(load.entities, ceiling) / 2));
    return { ...load, entities, isProbing: false, limit, changedAt: now, shrunkAt: now };
  }
  if (requests < FEWEST_REQUESTS) return load;
  const isAging = now - load.changedAt >= KEEP_EVERY_MS;
  if (quickMs > Math.max(EASE * load.calmMs, ALWAYS_EASY_MS)) {
    return isAging ? { ...load, changedAt: now } : load;
  }
  const hasNews = isAging || limit !== load.limit;
  const isDue = now - load.changedAt >= (load.isProbing ? PROBE_EVERY_MS : GROW_EVERY_MS);
  if ((load.entities >= ceiling || !isDue) && !hasNews) return load;
  const more = load.isProbing ? 2 * load.entities : load.entities + 1;
  return {
    ...load,
    entities: isDue ? Math.max(load.entities, Math.min(more, ceiling)) : load.entities,
    calmMs: quickMs < load.calmMs ? quickMs : load.calmMs + DRIFT * (quickMs - load.calmMs),
    requestMs: meanMs,
    runMs: observed.runMs || load.runMs,
    limit,
    changedAt: now,
  };
}

/** Whether what is seen now is still the work of as many as there were before there were fewer. */
export function isSettling(load: GitLabLoad, now: number): boolean {
  return now - load.shrunkAt < SHRINK_EVERY_MS;
}

/** How many entities use a limit up: requests a second, times what a run needs for each. */
export function fedBy({ limit, requestMs }: GitLabLoad): number {
  return Math.ceil((limit / 60) * ((REQUEST_SHARE * requestMs + OVERHEAD_MS) / 1000));
}

/** How many may run at a GitLab now: what it takes at ease, and no more than its limit feeds. */
export function runningAt(load: GitLabLoad | undefined, ceiling: number): number {
  if (load === undefined) return Math.min(FIRST, ceiling);
  const most = Math.min(load.entities, ceiling);
  return load.limit > 0 ? Math.min(most, fedBy(load)) : most;
}

/**
 * How many children the Map may have at a time. A child that waits has a place too, so a limit alone never makes them
 * fewer than 5; those that the limit does not feed wait in its line.
 */
export function placesFor(loads: (GitLabLoad | undefined)[], ceiling: number): number {
  const limited = loads.filter(load => load !== undefined).filter(({ limit }) => limit > 0);
  return Math.min(ceiling, ...limited.map(load => Math.max(FIRST, SPARE * fedBy(load))));
}

/**
 * Seconds that an entity waits before its first run, since a Map lets `places` of them begin whatever the GitLab takes:
 * of 20 places 5 may run, so one in four begins at once, and the others after so many runs' time that on average 5 run.
 * None wait for a limit here: its line is more exact.
 */
export function startDelay(load: GitLabLoad | undefined, places: number, random = Math.random): number {
  const may = load?.entities ?? FIRST;
  if (may >= places || random() < may / places) return 0;
  // While the number doubles, most may begin a second later: a wait of the workflow would cost more than that.
  if (load === undefined || load.isProbing) return (PROBE_EVERY_MS / 1000) * (0.5 + 2 * random());
  const seconds = (load?.runMs || 1000) / 1000;
  return Math.min(seconds * (places / may) * (0.5 + random()), LONGEST_DELAY_SECONDS);
}
