import { fileURLToPath } from 'node:url';
import { defineConfig, mergeConfig } from 'vitest/config';

/**
 * Files that share the processes of the workers, so that what they import is loaded once and not by each of them, which
 * takes more time than their tests. They have neither a server of the table nor the whole service, whose clients live
 * as long as a process does; `test/support/clean-process.ts` takes back what else they change.
 */
const SHARED = [
  'test/api/{json-depth,nested-parameters,openapi,pagination,parameters,path-rules,presented-records}.test.ts',
  'test/{aws,gitlab-simulator,shared}/*.test.ts',
  'test/demo/!(demo).test.ts',
  // What a process remembers of limits is what these two are about.
  'test/gitlab/!(quota).test.ts',
  'test/pipelines/!(queueing).test.ts',
  'test/hostile/{connections,link-headers,log-lines,post-body.fuzz}.test.ts',
  'test/operations/!(progress-data).test.ts',
  'test/workflow/!(redriven-steps|replaced-execution).test.ts',
];

/** What holds for all tests, also those that `npm test` leaves out. */
export const base = defineConfig({
  test: {
    setupFiles: ['./test/support/undeclared-requests.ts', './test/support/clean-process.ts'],
    // Files wait for sockets and for processes of their own, so three at a time suit even two cores.
    maxWorkers: 3,
    // Far more than any needs, on a machine that does other things as well.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: ['default', './test/support/summary-reporter.ts'],
    env: {
      POWERTOOLS_LOG_LEVEL: 'SILENT',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      // For the services and demos that tests start as processes of their own: compile every file once, not each time.
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node', import.meta.url)),
    },
  },
});

export default mergeConfig(
  base,
  defineConfig({
    test: {
      projects: [
        { extends: true, test: { name: 'alone', include: ['test/**/*.test.ts'], exclude: SHARED } },
        { extends: true, test: { name: 'shared', include: SHARED, isolate: false } },
      ],
    },
  }),
);
