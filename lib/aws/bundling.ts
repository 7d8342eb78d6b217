/**
 * How a function is bundled, as esbuild has it: shared by the deployment and by the bench that measures what a bundle
 * costs to load.
 */

/**
 * How the SDK finds credentials on a laptop: a quarter of a bundle (120 KB). It imports them only when the environment
 * has no credentials, which a function's always has.
 */
const CREDENTIALS_OF_OTHERS = ['ini', 'process', 'sso', 'web-identity'].map(
  source => `@aws-sdk/credential-provider-${source}`,
);

export const BUNDLING = {
  format: 'esm' as const,
  target: 'node24',
  minify: true,
  sourcemap: 'external' as const,
  // The SDK of the runtime is left alone: a bundled one loads in about half of the time and cannot change.
  external: CREDENTIALS_OF_OTHERS,
  mainFields: ['module', 'main'],
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
};
