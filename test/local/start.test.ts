import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { putOpenImport } from '../../lambdas/store/open-imports.ts';
import { LocalService } from '../../lib/local/service.ts';
import { StartError } from '../../lib/local/start-error.ts';
import { callApi, until } from '../support/service/bulk-imports-client.ts';
import { temporaryFolder } from '../support/service/service.ts';
import { storeEntity, storeImport } from '../support/table/stored-records.ts';

/** Nobody listens there. */
const DESTINATION = 'http://127.0.0.1:9';

let dataDir: string;
beforeEach(async () => {
  dataDir = join(await temporaryFolder(), 'data');
});

const running = new Set<LocalService>();
afterEach(async () => {
  for (const service of running) await service.stop();
  running.clear();
});

async function start(port = 0): Promise<LocalService> {
  const options = { destinationUrl: DESTINATION, port, dataDir, allowPrivateNetworks: true };
  const service = await LocalService.start(options);
  running.add(service);
  return service;
}

async function stop(service: LocalService): Promise<void> {
  running.delete(service);
  await service.stop();
}

/** The sentence with which a start ends. */
const refusal = (port?: number): Promise<string> =>
  start(port).then(
    () => 'started',
    (error: Error) => (error instanceof StartError ? error.message : `${error.stack}`),
  );

/** Leaves an import in the table that has begun, and its execution on disk. */
async function leaveImport(): Promise<number> {
  const service = await start();
  const record = await storeImport(1, { status: 'started' });
  await putOpenImport(record.id);
  await storeEntity(record);
  await service.engine.start(`import-${record.id}`, JSON.stringify({ importId: record.id }));
  await stop(service);
  return record.id;
}

const executionFile = (importId: number) => join(dataDir, 'executions', `import-${importId}.json`);

it('opens one port, that of its API', async () => {
  const servers = () => process.getActiveResourcesInfo().filter(name => name === 'TCPServerWrap').length;
  const before = servers();

  await start();

  expect(servers() - before).toBe(1);
});

describe('a start that fails ends at once with one sentence, and keeps nothing', () => {
  it('when its port is in use', async () => {
    const other = createServer();
    await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;

    expect(await refusal(port)).toBe(
      `Port ${port} is in use by another program. Set PORT to another one; 0 takes any that is free.`,
    );

    other.close();
    expect(await refusal()).toBe('started');
  });

  it('when another service runs with its folder', async () => {
    const first = await start();

    expect(await refusal()).toBe(
      `Another service is running with this DATA_DIR: ${join(dataDir, 'table')} is in use. Stop it, or choose another DATA_DIR.`,
    );
    expect((await callApi(first.url, 'GET', '/bulk_imports', { token: null })).status).toBe(401);

    await stop(first);
    expect(await refusal()).toBe('started');
  });

  it('when its table is damaged', async () => {
    await leaveImport();
    const copy = `${dataDir}.copy`;
    await cp(dataDir, copy, { recursive: true });
    await writeFile(join(dataDir, 'table', 'CURRENT'), 'nothing\n');

    expect(await refusal()).toMatch(
      /^The table in .*table (is damaged|cannot be opened) \(.*\)\. .* (Restore DATA_DIR from a copy|start again)/,
    );

    await rm(dataDir, { recursive: true });
    await cp(copy, dataDir, { recursive: true });
    expect(await refusal()).toBe('started');
  });

  it('when its table is gone beside the executions of earlier imports', async () => {
    const importId = await leaveImport();
    await rm(join(dataDir, 'table'), { recursive: true });

    const sentence = new RegExp(
      `^The table in .*table is not the one .*: import ${importId} is not in it\\. Restore`,
    );
    expect(await refusal()).toMatch(sentence);
    // Nor does a second try take the table that the first one has made.
    expect(await refusal()).toMatch(sentence);

    await rm(join(dataDir, 'executions'), { recursive: true });
    expect(await refusal()).toBe('started');
  });

  it.each([
    ['empty', (key: string) => writeFile(key, '')],
    ['gone', (key: string) => rm(key)],
  ])('when its key is %s and imports need it', async (_, damage) => {
    await leaveImport();
    const key = join(dataDir, 'token.key');
    const content = await readFile(key);
    await damage(key);

    expect(await refusal()).toMatch(/^The key in .*token\.key is .* of imports that are running\. Restore/);

    await writeFile(key, content);
    expect(await refusal()).toBe('started');
  });
});

describe("an execution's file that cannot be read", () => {
  it.each([
    ['empty', ''],
    ['cut off', '{"name":"import-1","inp'],
    ['no execution', '{"name":"import-1"}'],
    ['that of another', '{"name":"import-9","input":"{}","status":"SUCCEEDED","startDate":1}'],
  ])('because it is %s is set aside, and its import goes on', async (_, text) => {
    const importId = await leaveImport();
    await writeFile(executionFile(importId), text);

    const service = await start();

    expect(service.found).toEqual([
      '1 import goes on.',
      `An execution's file could not be read and was set aside as ${executionFile(importId)}.damaged; its import goes on from what the table has.`,
    ]);
    expect(await readFile(`${executionFile(importId)}.damaged`, 'utf8')).toBe(text);
    await until('the execution', () => service.engine.describe(`import-${importId}`));
    expect(await readdir(join(dataDir, 'executions'))).toContain(`import-${importId}.json`);
  });

  it('because it is gone is no end of its import either', async () => {
    const importId = await leaveImport();
    await rm(executionFile(importId));

    const service = await start();

    expect(service.engine.describe(`import-${importId}`)?.status).toBe('RUNNING');
  });
});
