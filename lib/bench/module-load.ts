import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { BUNDLING, bundlingOf } from '../aws/bundling.ts';

/**
 * What the modules of a handler cost to load, which every cold start pays: CPU of a process that loads its bundle,
 * median and minimum of nine, next to a bundle with the commands of DynamoDB and nothing else. That one is bundled as
 * the handlers are (`bare`), and as an ES module with all that the SDK might import (`plain`), which is the yardstick:
 * what is done to the bundling itself would not be seen beside `bare`.
 *
 *     node lib/bench/module-load.ts [handler ...]       handlers as `api/endpoints/create-import`
 */

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const ROUNDS = 9;

/** What any function with a table loads. */
const BARE = `
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
export const handler = () => [DynamoDBClient, BatchGetCommand, DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand, QueryCommand, UpdateCommand];
`;

/** The credentials of laptops apart, which nobody bundles who has looked. */
const PLAIN = {
  ...BUNDLING,
  format: 'esm' as const,
  supported: {},
  external: BUNDLING.external.filter(name => /-(ini|process|sso|web-identity)$/.test(name)),
  banner: {
    js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
  },
};

const LOAD = `
const before = process.cpuUsage();
const report = () => {
  const { user, system } = process.cpuUsage(before);
  process.stdout.write(String((user + system) / 1000));
};
if (process.argv[2].endsWith('.mjs')) import(process.argv[2]).then(report);
else report(require(process.argv[2]));
`;

interface Bundle {
  name: string;
  file: string;
  bytes: number;
  milliseconds: number[];
}

function bundlingFor(name: string) {
  if (name === 'plain') return PLAIN;
  return name === 'bare' ? BUNDLING : bundlingOf(join(REPOSITORY, 'lambdas', `${name}.ts`));
}

async function bundle(folder: string, name: string): Promise<Bundle> {
  const file = join(folder, `${name.replaceAll('/', '-')}.${name === 'plain' ? 'mjs' : 'cjs'}`);
  const from =
    name === 'plain' || name === 'bare'
      ? { stdin: { contents: BARE, resolveDir: REPOSITORY } }
      : { entryPoints: [join(REPOSITORY, 'lambdas', `${name}.ts`)] };
  const { metafile } = await build({
    ...from,
    ...bundlingFor(name),
    bundle: true,
    platform: 'node',
    outfile: file,
    metafile: true,
    logLevel: 'error',
  });
  const [bytes = 0] = Object.entries(metafile.outputs)
    .filter(([path]) => !path.endsWith('.map'))
    .map(([, output]) => output.bytes);
  return { name, file, bytes, milliseconds: [] };
}

async function measure(names: string[]): Promise<Bundle[]> {
  const folder = await mkdtemp(join(tmpdir(), 'module-load-'));
  try {
    const script = join(folder, 'load.cjs');
    await writeFile(script, LOAD);
    const bundles = await Promise.all(['plain', 'bare', ...names].map(name => bundle(folder, name)));
    // In turns, so that whatever else the machine does hits all of them.
    for (let round = 0; round < ROUNDS; round++) {
      for (const { file, milliseconds } of bundles) {
        const { stdout } = await promisify(execFile)(process.execPath, [script, file]);
        milliseconds.push(Number(stdout));
      }
    }
    return bundles;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const names = process.argv.slice(2);
const bundles = await measure(names.length > 0 ? names : ['api/endpoints/create-import']);
const sorted = bundles.map(({ milliseconds }) => milliseconds.toSorted((a, b) => a - b));
const median = (index: number) => sorted[index]?.[Math.floor(ROUNDS / 2)] ?? 0;
const least = (index: number) => sorted[index]?.[0] ?? 0;
for (const [index, { name, bytes }] of bundles.entries()) {
  const columns = [
    name.padEnd(32),
    `${Math.round(bytes / 1024)} KB`.padStart(8),
    `${median(index).toFixed(1)} ms`.padStart(10),
    `${(median(index) / median(0)).toFixed(2)} x`.padStart(8),
    `min ${least(index).toFixed(1)} ms`.padStart(14),
    `${(least(index) / least(0)).toFixed(2)} x`.padStart(8),
  ];
  process.stdout.write(`${columns.join(' ')}\n`);
}
