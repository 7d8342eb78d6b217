import type { Fault, SampleGitLab, SampleRequest } from '../gitlab-simulator/sample-gitlab.ts';

/** How long the destination turns everything away once it is said to be overloaded. */
const OVERLOAD_MS = 700;
const RETRY_AFTER = { 'retry-after': '1' };
const JSON_TYPE = { 'content-type': 'application/json' };

/**
 * The troubles that the destination is made to have during the demo: twice it is overloaded for a moment and answers
 * 429 to whatever comes, twice it creates something but answers 502, so that nobody knows whether it did, and once it
 * refuses something for good that it will take another time.
 */
export class StagedMishaps {
  /** Requests that were answered with 429. */
  turnedAway = 0;
  /** What was created although the answer said otherwise. */
  readonly lostAnswers: string[] = [];
  readonly #overloads = [
    // While labels are written, and while a whole level of groups is migrated at the same time.
    { isDue: (write: Write) => write.what === 'label' && write.nth >= 80, until: 0 },
    { isDue: (write: Write) => write.what === 'milestone' && write.nth === 4, until: 0 },
  ];
  readonly #losses = new Map([
    ['group', 5],
    ['badge', 2],
  ]);
  /** What was refused although nothing is wrong with it: a failure, which a retry repairs. */
  readonly refusals: string[] = [];
  readonly #refused = new Map([['milestone', 9]]);
  readonly #writes = new Map<string, number>();

  /** Lets the mishaps happen at this GitLab, until `end`. */
  stage(destination: SampleGitLab): () => void {
    destination.onRequest = request => this.#faultOf(request);
    return () => {
      destination.onRequest = undefined;
    };
  }

  /** Whether everything that was planned has happened. */
  get complete(): boolean {
    return (
      this.#overloads.every(overload => overload.until > 0) &&
      this.lostAnswers.length === this.#losses.size &&
      this.refusals.length === this.#refused.size
    );
  }

  #faultOf(request: SampleRequest): Fault | undefined {
    const now = Date.now();
    const write = this.#count(request);
    const due = write && this.#overloads.find(overload => overload.until === 0 && overload.isDue(write));
    if (due) due.until = now + OVERLOAD_MS;
    if (this.#overloads.some(({ until }) => now < until)) {
      this.turnedAway++;
      return { kind: 'respond', status: 429, headers: RETRY_AFTER, body: 'Retry later\n' };
    }
    if (write && write.nth >= (this.#losses.get(write.what) ?? Number.POSITIVE_INFINITY)) {
      this.#losses.set(write.what, Number.POSITIVE_INFINITY);
      this.lostAnswers.push(write.what);
      return { kind: 'respond-after', status: 502, headers: RETRY_AFTER, body: 'Bad Gateway\n' };
    }
    if (write && write.nth === this.#refused.get(write.what)) {
      this.refusals.push(write.what);
      return { kind: 'respond', status: 403, headers: JSON_TYPE, body: '{"message":"403 Forbidden"}' };
    }
    return undefined;
  }

  #count({ method, path, body }: SampleRequest): Write | undefined {
    // Labels are made by the document.
    const labels = path === '/api/graphql' ? JSON.stringify(body).split('labelCreate').length - 1 : 0;
    if (labels > 0) return this.#add('label', labels);
    const what =
      method === 'POST' && /^\/api\/v4\/groups(?:\/.+\/(label|milestone|badge)s)?$/.exec(path)?.[0]
        ? (path.split('/').at(-1) ?? '').replace(/s$/, '')
        : undefined;
    return what === undefined ? undefined : this.#add(what, 1);
  }

  #add(what: string, count: number): Write {
    const nth = (this.#writes.get(what) ?? 0) + count;
    this.#writes.set(what, nth);
    return { what, nth };
  }
}

/** A request that creates something, and how many of its kind there have been. */
interface Write {
  what: string;
  nth: number;
}
