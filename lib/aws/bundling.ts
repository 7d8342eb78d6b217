import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * How a function is bundled, as esbuild has it: shared by the deployment and by the bench that measures what a bundle
 * costs to load.
 */

/**
 * What the SDK imports only where it needs it, and a function never does: how credentials are found on a laptop, in a
 * container and on a machine of EC2 (a function's are in its environment). They are a quarter of a bundle. What is left
 * is one flat scope: whatever an import within the bundle shares with the rest would be wrapped into functions, which
 * are parsed twice.
 */
const NEVER_IMPORTED = [
  '@aws-sdk/credential-provider-http',
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@smithy/credential-provider-imds',
];

/** What only the client of S3 imports as it is loaded: 20 KB of each bundle that has it for nothing. */
const ONLY_WITH_S3 = ['@smithy/core/event-streams'];

/**
 * No ES module, and no `import()` either: both read every property of `node:http`, and some of these load all of
 * undici, which nothing here needs: 20 ms of CPU of each cold start. `require` reads those that are asked for.
 */
export const BUNDLING = {
  format: 'cjs' as const,
  supported: { 'dynamic-import': false },
  target: 'node24',
  minify: true,
  sourcemap: 'external' as const,
  // The SDK of the runtime is left alone: a bundled one loads in about half of the time and cannot change.
  external: NEVER_IMPORTED,
  mainFields: ['module', 'main'],
};

/** How the function of an entry is bundled. */
export function bundlingOf(entry: string): typeof BUNDLING {
  return importsS3(entry) ? BUNDLING : { ...BUNDLING, external: [...NEVER_IMPORTED, ...ONLY_WITH_S3] };
}

/** What a module imports; imports of types are none. */
const IMPORT = /\b(?:import|from)\s*\(?\s*'([^']+)'/g;
const TYPES = /\b(?:import|export) type [^;]*;/g;

/** Whether a module imports the client of S3, or another one of ours that does. */
function importsS3(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file)) return false;
  seen.add(file);
  const text = readFileSync(file, 'utf8').replaceAll(TYPES, '');
  return [...text.matchAll(IMPORT)].some(([, target = '']) =>
    target.startsWith('.') ? importsS3(join(dirname(file), target), seen) : target === '@aws-sdk/client-s3',
  );
}
