import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const listSchema = z.union([z.string().transform(value => [value]), z.array(z.string())]).optional();
const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      resolved: z.string().optional(),
      integrity: z.string().optional(),
      inBundle: z.boolean().optional(),
      os: listSchema,
      cpu: listSchema,
      bin: z.record(z.string(), z.string()).optional(),
    }),
  ),
});
const manifestSchema = z.object({
  allowScripts: z.record(z.string(), z.boolean()),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
});

const read = (file: string) => JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'));
const manifest = manifestSchema.parse(read('package.json'));
/** By path; without the project itself, and without what is part of another package's tarball. */
const packages = Object.entries(lockSchema.parse(read('package-lock.json')).packages).filter(
  ([path, { inBundle }]) => path !== '' && !inBundle,
);

describe('everything that npm ci fetches', () => {
  it('is held against an integrity value of the lock file', () => {
    const uncovered = packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));

    expect(packages.length).toBeGreaterThan(100);
    expect(uncovered.map(([path]) => path)).toEqual([]);
  });

  it('comes from whatever registry npm is set to: the lock file names none', () => {
    const elsewhere = packages.filter(([, { resolved }]) => resolved !== undefined);

    expect(elsewhere.map(([path]) => path)).toEqual([]);
  });

  it('is all that is fetched: no package may run an install script, which could fetch more', () => {
    expect(Object.values(manifest.allowScripts)).not.toContain(true);
  });
});

describe('the Node that comes with the project', () => {
  it.each([
    ['linux', 'x64'],
    ['linux', 'arm64'],
    ['darwin', 'x64'],
    ['darwin', 'arm64'],
    ['win32', 'x64'],
  ])('is a locked package of its own on %s %s, at an exact version', (os, cpu) => {
    const matching = packages.filter(
      ([, candidate]) => candidate.bin?.node && candidate.os?.includes(os) && candidate.cpu?.includes(cpu),
    );

    expect(matching).toHaveLength(1);
    const [[path, { version }] = ['', {}]] = matching;
    expect(Number(version?.split('.')[0])).toBeGreaterThanOrEqual(24);
    expect(manifest.optionalDependencies[path.replace('node_modules/', '')]).toBe(version);
  });
});
