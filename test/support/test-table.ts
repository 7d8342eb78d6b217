import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { TableServer } from '../../lib/local/table-server.ts';

const TABLE_NAME = 'test-imports';

/** Gives the test file a table in memory and a key that seals tokens, by the environment the Lambdas read. */
export function useTestTable(): void {
  let server: TableServer | undefined;
  let folder: string | undefined;

  beforeAll(async () => {
    server = await TableServer.start(TABLE_NAME);
    folder = mkdtempSync(join(tmpdir(), 'test-table-'));
    const keyFile = join(folder, 'token.key');
    writeFileSync(keyFile, randomBytes(32));
    process.env.TABLE_NAME = TABLE_NAME;
    process.env.AWS_ENDPOINT_URL_DYNAMODB = server.endpoint;
    process.env.TOKEN_KEY_FILE = keyFile;
  });

  afterAll(async () => {
    await server?.stop();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });
}

let lastId = 0;

/** An id that nothing in the test file's table has yet. */
export function newId(): number {
  lastId += 1;
  return lastId;
}
