import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { awsClientSettings } from '../../lambdas/platform/aws-clients.ts';
import { keys } from '../../lambdas/store/keys.ts';
import { LocalTable } from '../../lib/local/local-table.ts';
import { readSettings, SettingsError } from '../../lib/local/settings.ts';
import { LocalProcess } from '../support/processes/process.ts';
import { callApi } from '../support/service/bulk-imports-client.ts';
import { startDestination, temporaryFolder } from '../support/service/service.ts';

const DESTINATION_GITLAB_URL = 'https://new.example';

describe('npm start', () => {
  it('runs this script', () => {
    const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

    expect(scripts.start).toBe('node bin/local.ts');
  });

  it('prints where it listens, answers there, keeps its key to itself and ends on a signal', async () => {
    const [destination, dataDir] = await Promise.all([startDestination(), temporaryFolder()]);
    const local = new LocalProcess({ DESTINATION_GITLAB_URL: destination.url, PORT: '0', DATA_DIR: dataDir });

    const url = await local.listening();
    const { status, body } = await callApi(url, 'GET', '/bulk_imports');
    const code = await local.stop('SIGTERM');

    expect(local.stdout.split('\n').filter(line => line.startsWith('listening on'))).toEqual([
      `listening on ${url}`,
    ]);
    expect([status, body]).toEqual([200, []]);
    expect(statSync(join(dataDir, 'token.key')).mode & 0o777).toBe(0o600);
    expect(code).toBe(0);
    await expect(callApi(url, 'GET', '/bulk_imports')).rejects.toThrow();
  });

  it('ends with one clear sentence when it does not know the destination', async () => {
    const local = new LocalProcess({ DATA_DIR: await temporaryFolder() });

    const code = await local.ended();

    expect(code).toBe(1);
    expect(local.stdout).toBe('');
    expect(local.stderr).toMatch(
      /^Set DESTINATION_GITLAB_URL to the base URL of the GitLab that receives the groups/,
    );
    expect(local.stderr).not.toMatch(/^\s+at /m);
  });
});

it('ends with one clear sentence when another version has made its table', async () => {
  const dataDir = await temporaryFolder();
  const table = await LocalTable.open('gitlab-bulk-imports', join(dataDir, 'table'));
  const client = DynamoDBDocumentClient.from(new DynamoDBClient(awsClientSettings()));
  const write = (Item: Record<string, unknown>) =>
    client.send(new PutCommand({ TableName: 'gitlab-bulk-imports', Item }));
  await write({ ...keys.openImport(1), v: 1, importId: 1, since: '2026-01-02T03:04:05.678Z' });
  await write({ ...keys.import(1), v: 1, id: 1 });
  await table.close();
  const local = new LocalProcess({ DESTINATION_GITLAB_URL, PORT: '0', DATA_DIR: dataDir });

  const code = await local.ended();

  expect(code).toBe(1);
  expect(local.stderr).toMatch(
    /^The table in DATA_DIR was made by another version .* Choose another DATA_DIR/,
  );
  expect(local.stderr).not.toMatch(/^\s+at /m);
});

describe('the settings', () => {
  it('have defaults', () => {
    expect(readSettings({ DESTINATION_GITLAB_URL })).toEqual({
      destinationUrl: DESTINATION_GITLAB_URL,
      port: 3000,
      dataDir: '.local',
      allowPrivateNetworks: false,
      requireDirectTransfer: false,
    });
  });

  it('are read from the environment', () => {
    const settings = readSettings({
      DESTINATION_GITLAB_URL: 'http://127.0.0.1:8080/gitlab',
      PORT: '0',
      DATA_DIR: 'data',
      ALLOW_PRIVATE_NETWORKS: 'true',
      REQUIRE_DIRECT_TRANSFER: 'true',
      SOURCE_PORTS: '443, 8443',
      IMPORTS_PER_MINUTE: '60',
      ENTITIES_IN_PARALLEL: '2',
      PROJECTS_IN_PARALLEL: '7',
      PROJECT_EXPORTS_PER_MINUTE: '60',
      PROJECT_IMPORTS_PER_MINUTE: '30',
      PROJECT_DOWNLOADS_PER_MINUTE: '0',
      RESPONSE_MEGABYTES: '8',
      ENTITIES_PER_IMPORT: '100',
    });

    expect(settings).toEqual({
      destinationUrl: 'http://127.0.0.1:8080/gitlab',
      port: 0,
      dataDir: 'data',
      allowPrivateNetworks: true,
      requireDirectTransfer: true,
      sourcePorts: [443, 8443],
      importsPerMinute: 60,
      entitiesInParallel: 2,
      projectsInParallel: 7,
      projectExportsPerMinute: 60,
      projectImportsPerMinute: 30,
      projectDownloadsPerMinute: 0,
      budgets: { responseMegabytes: 8, entitiesPerImport: 100 },
    });
  });

  it.each([
    [{ DESTINATION_GITLAB_URL: '' }, 'Set DESTINATION_GITLAB_URL'],
    [
      { DESTINATION_GITLAB_URL: 'new.example' },
      "DESTINATION_GITLAB_URL must be an http or https URL, not 'new.example'.",
    ],
    [{ DESTINATION_GITLAB_URL: 'ftp://new.example' }, 'DESTINATION_GITLAB_URL must be an http or https URL'],
    [{ DESTINATION_GITLAB_URL, PORT: 'http' }, "PORT must be a whole number of at least 0, not 'http'."],
    [{ DESTINATION_GITLAB_URL, PORT: '-1' }, 'PORT must be a whole number'],
    [
      { DESTINATION_GITLAB_URL, IMPORTS_PER_MINUTE: '0' },
      "IMPORTS_PER_MINUTE must be a whole number of at least 1, not '0'.",
    ],
    [
      { DESTINATION_GITLAB_URL, SOURCE_PORTS: '443,https' },
      "SOURCE_PORTS must be ports from 1 to 65535 with commas between them, such as 443,8443, not '443,https'.",
    ],
    [{ DESTINATION_GITLAB_URL, SOURCE_PORTS: '0' }, 'SOURCE_PORTS must be ports from 1 to 65535'],
    [{ DESTINATION_GITLAB_URL, SOURCE_PORTS: '443;8443' }, 'SOURCE_PORTS must be ports'],
    [
      { DESTINATION_GITLAB_URL, HTTPS_PROXY: 'socks5://proxy.example' },
      'HTTPS_PROXY must be the http URL of a proxy',
    ],
    [
      { DESTINATION_GITLAB_URL, RESPONSE_MEGABYTES: '33' },
      "RESPONSE_MEGABYTES must be a whole number from 1 to 32, not '33'.",
    ],
    [{ DESTINATION_GITLAB_URL, RUN_MEGABYTES: '1e3' }, 'RUN_MEGABYTES must be a whole number'],
    [{ DESTINATION_GITLAB_URL, PAGES_PER_LIST: '0' }, 'PAGES_PER_LIST must be a whole number from 1'],
    [
      { DESTINATION_GITLAB_URL, PROJECTS_IN_PARALLEL: '501' },
      'PROJECTS_IN_PARALLEL must be a whole number from 1 to 500',
    ],
    [
      { DESTINATION_GITLAB_URL, PROJECT_EXPORTS_PER_MINUTE: '-1' },
      'PROJECT_EXPORTS_PER_MINUTE must be a whole number of at least 0',
    ],
    [{ DESTINATION_GITLAB_URL, ENTITIES_IN_PARALLEL: '1.5' }, 'ENTITIES_IN_PARALLEL must be a whole number'],
    [
      { DESTINATION_GITLAB_URL, ENTITIES_IN_PARALLEL: '41' },
      'ENTITIES_IN_PARALLEL must be a whole number from 1 to 40, because each group runs up to 6 pipelines',
    ],
  ])('%j are refused by the name of the variable', (env, message) => {
    expect(() => readSettings(env)).toThrow(SettingsError);
    expect(() => readSettings(env)).toThrow(message);
  });
});
