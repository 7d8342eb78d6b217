/**
 * `npm run synth`: what would be deployed, without an account, Docker or a network, and the size of every function. A
 * bundle of more than 500 KB is an error: what a function loads, its callers wait for. Those for which
 * nobody waits may have more.
 */

import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';

const LARGEST_BYTES = 500_000;
/**
 * What has the relations, and S3's client (175 KB) where it moves projects: lanes, whose runs take seconds to minutes, and
 * what is called when runs have died. Nobody waits for them.
 */
const LARGEST_OF_LANES = 800_000;
const LANES = /^Workflow\/(GroupsLane|ProjectsLane|ArchivesLane|RecordCrash|FailEntity)$/;

const largestOf = (name: string): number => (LANES.test(name) ? LARGEST_OF_LANES : LARGEST_BYTES);
const ASSEMBLY = fileURLToPath(new URL('../cdk.out', import.meta.url));
const STACK = 'GitLabBulkImports-prod';

const resourceSchema = z.object({
  Type: z.string(),
  Metadata: z.optional(
    z.object({ 'aws:cdk:path': z.optional(z.string()), 'aws:asset:path': z.optional(z.string()) }),
  ),
});

synthesize();
process.exitCode = report(readSizes());

function synthesize(): void {
  const cdk = createRequire(import.meta.url).resolve('aws-cdk/bin/cdk');
  const example = ['--context', 'destinationUrl=https://gitlab.example.com', '--context', 'stage=prod'];
  const { status, error, stdout, stderr } = spawnSync(
    process.execPath,
    [cdk, 'synth', '--quiet', '--output', ASSEMBLY, ...example],
    // Whatever credentials there are: nothing is looked up.
    { encoding: 'utf8', env: { ...process.env, AWS_EC2_METADATA_DISABLED: 'true' } },
  );
  if (status === 0) return;
  process.stderr.write(error === undefined ? stdout + stderr : `${error.message}\n`);
  process.exit(1);
}

interface FunctionSize {
  name: string;
  bytes: number;
}

/** The bundle of every function, without its source map, which is read only when an error needs it. */
function readSizes(): FunctionSize[] {
  const text = readFileSync(join(ASSEMBLY, `${STACK}.template.json`), 'utf8');
  const { Resources } = z.object({ Resources: z.record(z.string(), resourceSchema) }).parse(JSON.parse(text));
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type === 'AWS::Lambda::Function')
    .map(([id, { Metadata }]) => {
      const asset = Metadata?.['aws:asset:path'];
      if (asset === undefined) throw new Error(`The function ${id} is not bundled.`);
      const path = Metadata?.['aws:cdk:path'] ?? id;
      return {
        name: path.replace(`${STACK}/`, '').replace(/\/Resource$/, ''),
        bytes: statSync(join(ASSEMBLY, asset, 'index.js')).size,
      };
    })
    .sort((one, other) => other.bytes - one.bytes);
}

/** Shows the sizes. @returns the exit code */
function report(sizes: FunctionSize[]): number {
  const width = Math.max(...sizes.map(({ name }) => name.length));
  const kilobytes = (bytes: number) => `${(bytes / 1000).toFixed(1).padStart(7)} KB`;
  for (const { name, bytes } of sizes) {
    const remark = bytes > largestOf(name) ? '  too large' : '';
    process.stdout.write(`${name.padEnd(width)} ${kilobytes(bytes)}${remark}\n`);
  }
  const tooLarge = sizes.filter(({ name, bytes }) => bytes > largestOf(name));
  process.stdout.write(
    tooLarge.length === 0
      ? `${sizes.length} functions, none over ${LARGEST_BYTES / 1000} KB, those for which nobody waits ${LARGEST_OF_LANES / 1000} KB. The template is in cdk.out.\n`
      : `${tooLarge.length} of ${sizes.length} functions are larger than they may be (${LARGEST_BYTES / 1000} KB; those for which nobody waits ${LARGEST_OF_LANES / 1000} KB).\n`,
  );
  return tooLarge.length === 0 ? 0 : 1;
}
