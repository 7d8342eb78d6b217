import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * Files that get processes of their own, because they load modules of the service anew and so leave two of each behind.
 * All others share the processes of the workers, so that what they import is loaded once and not by each of them, which
 * takes as long as their tests: 25 s instead of 50 for `test/api`. `test/support/clean-process.ts` takes back what a
 * file has changed.
 */
export const ALONE = [
  'test/engine/load-watch.test.ts',
  'test/gitlab/{action-limits,rate-limit-shared,rate-limiter}.test.ts',
];

export default defineConfig({
  test: {
    setupFiles: [
      './test/support/test-run/undeclared-requests.ts',
      './test/support/test-run/clean-process.ts',
    ],
    // Files wait for sockets, for processes of their own and for jobs of sample GitLabs (the demo for half a minute), so
    // four at a time suit even two cores.
    maxWorkers: 4,
    // Far more than any needs, on a machine that does other things as well.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/test-run/summary-reporter.ts'],
    env: {
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      // For the services and demos that tests start as processes of their own: compile every file once, not each time.
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node', import.meta.url)),
    },
    // `npm test` is the first two and needs nothing but Node; each of the others has a script of its own.
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE } },
      {
        extends: true,
        test: { name: 'shared', include: ['test/**/*.test.ts'], exclude: ALONE, isolate: false },
      },
      { extends: true, test: { name: 'browser', include: ['test/browser/**/*.browsertest.ts'] } },
      {
        extends: true,
        // A hook installs the clients, the first time from the network.
        test: { name: 'clients', include: ['test/clients/**/*.clienttest.ts'], hookTimeout: 400_000 },
      },
      {
        extends: true,
        // Whole imports by the hundred, with faults and crashes drawn by chance.
        test: { name: 'soak', include: ['test/soak/**/*.soaktest.ts'], testTimeout: 3_600_000 },
      },
    ],
  },
});
