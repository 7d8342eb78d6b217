import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isTerminal } from '../../lambdas/domain/statuses.ts';
import { findImport } from '../../lambdas/store/imports.ts';

/**
 * Removes what a folder has of archives of imports that are over, or not in the table: the bucket of a deployment
 * forgets by itself, a folder does not.
 *
 * @param folder with a folder per import, named by its id; whatever else is in it is left alone
 */
export async function removeArchivesOfEnded(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter(name => /^[1-9]\d*$/.test(name))) {
    const record = await findImport(Number(name));
    if (record === undefined || isTerminal(record.status)) {
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }
}
