import { afterAll, afterEach, vi } from 'vitest';
import { runAfterFile, runAfterTest } from './hooks.ts';

/* For files that share a process: what one has started is stopped, and what it has changed is as before for the next. */

const before = { ...process.env };

// The first hooks to be registered are the last to run.
afterAll(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
});
afterEach(runAfterTest);
afterAll(runAfterFile);
