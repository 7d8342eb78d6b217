import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { LocalTable } from '../../../lib/local/local-table.ts';

const TABLE_NAME = 'test-imports';

/** Gives the test file a table in memory and a key that seals tokens, by the environment the Lambdas read. */
export function useTestTable(): void {
  let stop: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    ({ stop } = await startTestTable());
  });

  afterAll(() => stop?.());
}

/** Starts what `useTestTable` gives, for files that want the table itself. `stop` ends and removes it. */
export async function startTestTable(): Promise<{ table: LocalTable; stop: () => Promise<void> }> {
  const table = await LocalTable.open(TABLE_NAME);
  const folder = mkdtempSync(join(tmpdir(), 'test-table-'));
  const keyFile = join(folder, 'token.key');
  writeFileSync(keyFile, randomBytes(32));
  process.env.TABLE_NAME = TABLE_NAME;
  process.env.TOKEN_KEY_FILE = keyFile;
  const stop = async () => {
    await table.close();
    rmSync(folder, { recursive: true });
  };
  return { table, stop };
}
