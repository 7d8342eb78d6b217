import { afterAll, afterEach, vi } from 'vitest';
import { forgetTokens } from '../../../lambdas/api/request/token-checks.ts';
import { forgetKept } from '../../../lambdas/engine/kept-per-import.ts';
import { forgetLoads } from '../../../lambdas/engine/load-watch.ts';
import { forgetLimits } from '../../../lambdas/gitlab/rate-limiter.ts';
import { witnessRiskyWork } from '../../../lambdas/platform/risky-work.ts';
import { time } from '../../../lambdas/platform/time.ts';
import { forgetTotals } from '../../../lambdas/store/list-totals.ts';
import { answerInProcess } from '../../../lib/local/aws-in-process.ts';
import { runAfterFile, runAfterTest } from './hooks.ts';

/*
 * For files that share a process: what one has started is stopped, and what it has changed is as before for the next,
 * what the service remembers for the life of a process included.
 */

const before = { ...process.env };
const clock = { ...time };

// A client that a file makes is the client of all files after it.
answerInProcess();

// The first hooks to be registered are the last to run.
afterAll(() => {
  for (const forget of [forgetTokens, forgetTotals, forgetKept, forgetLimits, forgetLoads]) forget();
  witnessRiskyWork(undefined);
  vi.useRealTimers();
  vi.restoreAllMocks();
  Object.assign(time, clock);
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});
afterEach(runAfterTest);
afterAll(runAfterFile);
