import { defineConfig, mergeConfig } from 'vitest/config';
import { base } from './vitest.config.ts';

/** The tests that need a browser, apart from the others, so that `npm test` needs nothing but Node. */
const merged = mergeConfig(base, defineConfig({ test: { testTimeout: 60_000, hookTimeout: 60_000 } }));

export default { ...merged, test: { ...merged.test, include: ['test/browser/**/*.browsertest.ts'] } };
