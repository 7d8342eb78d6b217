import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createImport } from '../../lambdas/store/imports.ts';
import { removeArchivesOfEnded } from '../../lib/local/left-archives.ts';
import { temporaryFolder } from '../support/service/service.ts';
import { newImport } from '../support/table/records.ts';
import { useTableInMemory } from '../support/table/table-in-memory.ts';

useTableInMemory();

it('removes what is left of imports that are over or unknown, and nothing else', async () => {
  const folder = await temporaryFolder();
  const [running, finished] = [newImport({ status: 'started' }), newImport({ status: 'finished' })];
  for (const record of [running, finished]) await createImport(record);
  for (const name of [running.id, finished.id, 999_999_999, 'mine']) {
    await mkdir(join(folder, String(name), '1'), { recursive: true });
    await writeFile(join(folder, String(name), '1', 'an-attempt.tar.gz'), 'bytes');
  }
  await removeArchivesOfEnded(folder);

  expect((await readdir(folder)).sort()).toEqual([String(running.id), 'mine'].sort());
  expect(await readdir(join(folder, String(running.id), '1'))).toEqual(['an-attempt.tar.gz']);
});

it('has nothing to do before there was an archive', async () => {
  await removeArchivesOfEnded(join(await temporaryFolder(), 'none'));
});
