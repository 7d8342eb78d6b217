import { defineConfig, mergeConfig } from 'vitest/config';
import { base } from './vitest.config.ts';

/** The tests with API clients of other languages, apart from the others, so that `npm test` needs nothing but Node. */
const merged = mergeConfig(base, defineConfig({ test: { testTimeout: 60_000, hookTimeout: 400_000 } }));

export default { ...merged, test: { ...merged.test, include: ['test/clients/**/*.clienttest.ts'] } };
