import { vi } from 'vitest';
import { Secret } from '../../../lambdas/domain/secret.ts';
import type { RateLimiter } from '../../../lambdas/gitlab/rate-limiter.ts';
import { rateLimits } from '../../../lambdas/store/rate-limits.ts';

const MINUTE_MS = 60_000;

/** Lets virtual time pass. */
export const pass = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds));

/** A limit that starts afresh with each minute, as GitLab's own does. */
export class FixedWindow {
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

export interface Limit {
  take(user: string): { allowed: boolean; headers: Record<string, string> };
}

/** Entities that are migrated at a destination with a limit; the source has none. */
export interface Work {
  /** Entities that the workflow runs at the same time. */
  places: number;
  /** Requests of an entity: 14 at the destination for 30 records. */
  requests: number;
  /** Requests of an entity at a time. */
  lanes: number;
  latencyMs: number;
  /** What each visit begins with: start of the function, tokens, and three reads of the source. */
  readsMs: number;
  /** Between two functions. */
  transitionMs: number;
  minutes: number;
  /** Whether each place has a process of its own, as Lambdas have. */
  apart: boolean;
}

export const WORK: Omit<Work, 'places' | 'minutes'> = {
  requests: 14,
  lanes: 4,
  latencyMs: 50,
  readsMs: 200,
  transitionMs: 100,
  apart: true,
};

/** What came of it. */
export interface Outcome {
  allowed: number;
  refused: number;
  entities: number;
  visits: number;
  waits: number;
  /** What the functions took together, waits inside of them included. */
  lambdaSeconds: number;
}

type Module = typeof import('../../../lambdas/gitlab/rate-limiter.ts');

async function moduleOfItsOwn(): Promise<Module> {
  vi.resetModules();
  const { time } = await import('../../../lambdas/platform/time.ts');
  time.pause = pass;
  return import('../../../lambdas/gitlab/rate-limiter.ts');
}

/** Works for so many minutes of virtual time, as the workflow would. */
export async function work(what: Work, limit: Limit, baseUrl: string): Promise<Outcome> {
  const outcome = { allowed: 0, refused: 0, entities: 0, visits: 0, waits: 0, lambdaSeconds: 0 };
  const end = Date.now() + what.minutes * MINUTE_MS;
  // Before virtual time passes: a module takes real time.
  const modules: Module[] = [];
  while (modules.length < (what.apart ? what.places : 1)) modules.push(await moduleOfItsOwn());

  const request = async (limiter: RateLimiter) => {
    await limiter.acquire();
    await pass(what.latencyMs / 2);
    const { allowed, headers } = limit.take('importer');
    if (Date.now() < end) outcome[allowed ? 'allowed' : 'refused'] += 1;
    await pass(what.latencyMs / 2);
    const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
    await limiter.observe(allowed ? 200 : 429, Object.fromEntries(lower));
    return allowed;
  };

  /** One run of an entity. Returns what is left of its requests, and for how long it waits. */
  const visit = async (module: Module, left: number) => {
    const limiter = new module.RateLimiter({
      store: rateLimits,
      instance: 'destination',
      baseUrl,
      token: new Secret('fake-token'),
      deadline: Date.now() + 15 * MINUTE_MS,
    });
    const began = Date.now();
    outcome.visits += 1;
    let [open, wait] = [left, 0];
    const lane = async () => {
      while (open > 0 && wait === 0) {
        open -= 1;
        try {
          if (!(await request(limiter))) open += 1;
        } catch (error) {
          if (!(error instanceof module.RateLimitedError)) throw error;
          open += 1;
          wait = error.waitSeconds;
        }
      }
    };
    try {
      await limiter.ready();
      await pass(what.readsMs);
      await Promise.all(Array.from({ length: what.lanes }, lane));
    } catch (error) {
      if (!(error instanceof module.RateLimitedError)) throw error;
      wait = error.waitSeconds;
    }
    await limiter.close();
    if (Date.now() < end) outcome.lambdaSeconds += (Date.now() - began) / 1000;
    return { open, wait };
  };

  const place = async (module: Module) => {
    while (Date.now() < end) {
      for (let left = what.requests; left > 0 && Date.now() < end; ) {
        await pass(what.transitionMs);
        const { open, wait } = await visit(module, left);
        left = open;
        if (wait > 0) {
          outcome.waits += 1;
          await pass(1000 * wait + what.transitionMs);
        }
      }
      if (Date.now() < end) outcome.entities += 1;
    }
  };
  // The first entity of an import, its group, is alone.
  const all = Promise.all(
    Array.from({ length: what.places }, async (_, index) => {
      if (index > 0) await pass(2000);
      await place(modules[index % modules.length] as Module);
    }),
  );
  await vi.advanceTimersByTimeAsync(what.minutes * MINUTE_MS + 15 * MINUTE_MS);
  await all;
  return outcome;
}
