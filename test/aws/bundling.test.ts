import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundlingOf } from '../../lib/aws/bundling.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundling-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** Calls a handler, as the runtime would, and says what it answered and which of Node's own modules were loaded. */
const CALL = `
require(process.argv[2]).handler(JSON.parse(process.argv[3]), {}).then(
  answer => JSON.stringify(answer),
  error => String(error),
).then(answer => process.stdout.write(JSON.stringify({ answer, loaded: process.moduleLoadList })));
`;

/** Nobody listens there, and who tries has done all that comes before. */
const NOBODY = 'http://127.0.0.1:1';

async function bundled(handler: string) {
  const entry = `lambdas/${handler}.ts`;
  const bundle = join(folder, `${handler.replaceAll('/', '-')}.cjs`);
  const { metafile } = await build({
    ...bundlingOf(entry),
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    outfile: bundle,
    logLevel: 'error',
    metafile: true,
  });
  const has = (part: string) => Object.keys(metafile.inputs).some(input => input.includes(part));
  return { bundle, hasS3: has('/client-s3/'), hasEventStreams: has('/event-streams/') };
}

async function call(handler: string, event: object) {
  const { bundle } = await bundled(handler);
  const script = join(folder, 'call.cjs');
  await writeFile(script, CALL);
  const env = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'nobody',
    AWS_SECRET_ACCESS_KEY: 'nothing',
    AWS_ENDPOINT_URL: NOBODY,
    TABLE_NAME: 'table',
    DESTINATION_GITLAB_URL: NOBODY,
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  };
  const { stdout } = await promisify(execFile)(process.execPath, [script, bundle, JSON.stringify(event)], {
    env,
  });
  return JSON.parse(stdout) as { answer: string; loaded: string[] };
}

const UNDICI = 'NativeModule internal/deps/undici/undici';

it('asks a GitLab from a bundle without loading a second HTTP client', async () => {
  const { answer, loaded } = await call('api/endpoints/create-import', {
    headers: { 'private-token': 'anything' },
    requestContext: { http: { method: 'POST' } },
  });

  expect(answer).toContain('503');
  expect(loaded).toContain('NativeModule _http_client');
  expect(loaded).not.toContain(UNDICI);
});

it('asks the table from a bundle without loading a second HTTP client', async () => {
  const { answer, loaded } = await call('workflow/start-import', { importId: 1, attempt: 1 });

  expect(answer).toContain('ECONNREFUSED');
  expect(loaded).toContain('NativeModule _http_client');
  expect(loaded).not.toContain(UNDICI);
});

it.each([
  ['lanes of groups', 'workflow/run-group', false],
  ['lanes of projects', 'workflow/run-project', true],
  ['links to archives', 'api/endpoints/get-archive', true],
  ['new imports', 'api/endpoints/create-import', false],
  ['ends of imports', 'workflow/finish-import', true],
  ['reconciliation', 'workflow/reconcile', true],
])(
  'bundles streams of events with the client of S3, which needs them, and not without it: %s',
  async (_, handler, hasS3) => {
    expect(await bundled(handler)).toMatchObject({ hasS3, hasEventStreams: hasS3 });
  },
);

it('loads a bundle with the client of S3', async () => {
  const { answer } = await call('api/endpoints/get-archive', {
    pathParameters: { token: 'anything' },
    requestContext: { http: { method: 'GET' } },
  });

  expect(answer).toContain('statusCode');
});
