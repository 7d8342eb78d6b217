import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import { awsClientSettings } from '../../lambdas/platform/aws-clients.ts';
import { LocalTable } from '../../lib/local/local-table.ts';
import { addPeople, addTree } from '../support/gitlab/source-tree.ts';
import { formsOf } from '../support/gitlab/token-forms.ts';
import { LocalProcess } from '../support/processes/process.ts';
import { ApiClient, TOKENS, until } from '../support/service/bulk-imports-client.ts';
import { startDestination, startSource, temporaryFolder } from '../support/service/service.ts';

const TABLE_NAME = 'gitlab-bulk-imports';
/** Tokens with letters that look otherwise in a URL. */
const SOURCE = 'sample+source/owner=token';
const DESTINATION = 'sample+dora/token=1';
const UNKNOWN = 'sample+unknown/token=1';

const FORMS = [SOURCE, TOKENS.sourceReadApi, DESTINATION, UNKNOWN].flatMap(formsOf);

interface Traces {
  /** What clients were answered, with headers. */
  answers: string;
  /** What the process printed, at its most talkative. */
  logs: string;
  /** All items of the table. */
  table: string;
  /** The executions of the state machine. */
  executions: string;
  /** Whatever else is in the data folder. */
  files: string;
}

/** What is left by a migration that was killed in the middle, and by the same when it is complete. */
let killed: Traces;
let complete: Traces;
beforeAll(async () => {
  const [source, destination, dataDir] = await Promise.all([
    startSource(),
    startDestination(),
    temporaryFolder(),
  ]);
  source.addToken(SOURCE, { username: 'sofia' });
  destination.addToken(DESTINATION, { username: 'dora' });
  addPeople(source);
  addTree(source, { levels: 2 });
  const first = await startProcess(dataDir, destination.url, source.url);
  let held = false;
  const gate = Promise.withResolvers<undefined>();
  destination.onRequest = ({ method, path, body }) => {
    if (method !== 'POST') return undefined;
    if (path.endsWith('/milestones'))
      return { kind: 'respond', status: 403, body: '{"message":"403 Forbidden"}' };
    if ((body as { path?: string }).path !== 'platform' || held) return undefined;
    held = true;
    return { kind: 'hold', until: gate.promise };
  };

  const json = first.api.request([{ destination_slug: 'copy' }], { access_token: SOURCE });
  const started = await first.api.call('POST', '/bulk_imports', { json, token: DESTINATION });
  const { id: importId } = started.body as { id: number };
  const answers = [
    started,
    ...(await Promise.all([
      first.api.call('GET', `/bulk_imports?private_token=${encodeURIComponent(DESTINATION)}`, {
        token: null,
      }),
      first.api.call('GET', '/bulk_imports', { token: UNKNOWN }),
      first.api.call('POST', `/bulk_imports?access_token=${encodeURIComponent(DESTINATION)}`, {
        token: null,
        json: {},
      }),
      first.api.call('POST', '/bulk_imports', {
        json: first.api.request([{}], { access_token: TOKENS.sourceReadApi }),
      }),
      first.api.call('POST', '/bulk_imports', {
        json: { configuration: { url: SOURCE, access_token: SOURCE }, entities: [] },
      }),
      first.api.call('POST', '/bulk_imports', {
        json: first.api.request([{}], { url: `https://${SOURCE}@old.example`, access_token: SOURCE }),
      }),
      first.api.call('POST', '/bulk_imports', { json: first.api.request([{}], { access_token: UNKNOWN }) }),
    ])),
  ];
  await until('the request to hold', () => held || undefined);
  await first.local.stop('SIGKILL');
  gate.resolve(undefined);
  killed = await tracesOf(dataDir, answers, [first.local]);

  const second = await startProcess(dataDir, destination.url, source.url);
  await second.api.untilEnded(importId);
  for (const path of [
    '',
    '/entities',
    `/${importId}`,
    `/${importId}/entities`,
    `/${importId}/entities/1/failures`,
    `/${importId}/entities/1/audit_events`,
  ]) {
    answers.push(await second.api.call('GET', `/bulk_imports${path}`, { token: DESTINATION }));
  }
  await second.local.stop('SIGTERM');
  complete = await tracesOf(dataDir, answers, [first.local, second.local]);
});

async function startProcess(dataDir: string, destinationUrl: string, sourceUrl: string) {
  const local = new LocalProcess({
    DESTINATION_GITLAB_URL: destinationUrl,
    PORT: '0',
    DATA_DIR: dataDir,
    ALLOW_PRIVATE_NETWORKS: 'true',
    POWERTOOLS_LOG_LEVEL: 'DEBUG',
  });
  return { local, api: new ApiClient(await local.listening(), sourceUrl) };
}

async function tracesOf(
  dataDir: string,
  answers: { headers: Headers; body: unknown }[],
  processes: LocalProcess[],
): Promise<Traces> {
  const files = await readdir(dataDir, { recursive: true, withFileTypes: true });
  const contents = await Promise.all(
    files
      .filter(file => file.isFile())
      .map(async ({ parentPath, name }) => ({
        folder: parentPath,
        text: await readFile(join(parentPath, name), 'latin1'),
      })),
  );
  const textsIn = (wanted: (folder: string) => boolean) =>
    contents.flatMap(({ folder, text }) => (wanted(folder) ? text : [])).join('\n');
  return {
    answers: answers.map(({ headers, body }) => JSON.stringify([[...headers], body])).join('\n'),
    logs: processes.map(({ stdout, stderr }) => stdout + stderr).join('\n'),
    executions: textsIn(folder => folder.endsWith('executions')),
    files: textsIn(folder => !folder.endsWith('executions')),
    table: await tableOf(dataDir),
  };
}

/** The table of a service that does not run, through DynamoDB's protocol. */
async function tableOf(dataDir: string): Promise<string> {
  const table = await LocalTable.open(TABLE_NAME, join(dataDir, 'table'));
  const client = new DynamoDBClient(awsClientSettings());
  const { Items, LastEvaluatedKey } = await client.send(new ScanCommand({ TableName: TABLE_NAME }));
  client.destroy();
  await table.close();
  expect(LastEvaluatedKey).toBeUndefined();
  return JSON.stringify(Items);
}

describe.each([
  ['killed in the middle', () => killed],
  ['complete', () => complete],
])('a migration that is %s', (_, traces) => {
  it.each(['answers', 'logs', 'table', 'executions', 'files'] as const)(
    'leaves no token in the %s',
    trace => {
      const text = traces()[trace];

      expect(FORMS.filter(form => text.includes(form))).toEqual([]);
    },
  );

  it('leaves a log of which each line is one line of JSON', () => {
    const lines = traces()
      .logs.split('\n')
      // What the start says to whoever started it.
      .filter(line => line !== '' && !/^(listening on |\d+ imports? )/.test(line));

    expect(lines.filter(line => !/^\{.*\}$/.test(line))).toEqual([]);
  });

  it('does leave traces in all of these places', () => {
    const { answers, logs, table, executions, files } = traces();

    expect(answers).toContain('401 Unauthorized');
    expect(logs).toContain('"message":"import_created"');
    expect(logs).toContain('"message":"record_failed"');
    expect(table).toContain('acme/platform');
    expect(executions).toContain('"importId\\":1');
    expect(files.length).toBeGreaterThan(1_000);
  });
});

it('the tokens are in the table, sealed, as long as the import runs, and not after it', () => {
  expect(killed.table).toContain('"SECRET"');
  expect(sealedIn(killed.table)).toHaveLength(1);
  expect(sealedIn(complete.table)).toEqual([]);
  expect(complete.table).toContain('"finished"');
});

/** The sealed tokens in a table as JSON: the item without what stands in place of erased ones. */
function sealedIn(table: string): unknown[] {
  const items = JSON.parse(table) as { sk?: { S?: string }; erased?: unknown }[];
  return items.filter(({ sk, erased }) => sk?.S === 'SECRET' && erased === undefined);
}
