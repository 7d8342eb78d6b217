import { defineConfig, mergeConfig } from 'vitest/config';
import { base } from './vitest.config.ts';

/** Whole imports by the hundred, with faults and crashes drawn by chance. */
const merged = mergeConfig(base, defineConfig({ test: { testTimeout: 3_600_000 } }));

export default { ...merged, test: { ...merged.test, include: ['test/soak/**/*.soaktest.ts'] } };
